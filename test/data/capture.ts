/**
 * `node test/data/capture.ts [PACKAGE...]`: installs MCP servers from npm, each by its exact version into a temporary folder, starts them
 * over stdio and writes what they list to test/data/servers/, as they wrote it.
 */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';

interface Server {
  readonly name: string;
  readonly version: string;
  readonly args?: readonly string[];
  /** What must merely be there for the server to list its tools. */
  readonly env?: Readonly<Record<string, string>>;
}

const SERVERS: readonly Server[] = [
  { name: '@modelcontextprotocol/server-everything', version: '2026.8.31' },
  { name: '@modelcontextprotocol/server-filesystem', version: '2026.8.31', args: ['/tmp'] },
  { name: '@modelcontextprotocol/server-memory', version: '2026.8.31' },
  { name: '@modelcontextprotocol/server-sequential-thinking', version: '2026.8.31' },
  { name: '@modelcontextprotocol/server-github', version: '2025.4.8', env: { GITHUB_PERSONAL_ACCESS_TOKEN: 'none' } },
  { name: '@modelcontextprotocol/server-slack', version: '2025.4.25', env: { SLACK_BOT_TOKEN: 'none', SLACK_TEAM_ID: 'none' } },
  { name: '@modelcontextprotocol/server-google-maps', version: '0.6.2', env: { GOOGLE_MAPS_API_KEY: 'none' } },
  { name: '@upstash/context7-mcp', version: '4.1.1' },
  { name: '@playwright/mcp', version: '0.0.83' },
  { name: '@eslint/mcp', version: '0.3.13' },
  { name: '@notionhq/notion-mcp-server', version: '2.5.2', env: { NOTION_TOKEN: 'none' } },
  { name: '@cyanheads/git-mcp-server', version: '2.15.3', env: { MCP_TRANSPORT_TYPE: 'stdio', MCP_LOG_LEVEL: 'error' } },
];
const TIMEOUT_MS = 120_000;

async function capture(server: Server): Promise<unknown[]> {
  const folder = mkdtempSync(path.join(tmpdir(), 'mcpo-capture-'));
  try {
    writeFileSync(path.join(folder, 'package.json'), '{"private":true}');
    const install = ['install', '--no-audit', '--no-fund', '--ignore-scripts', '--loglevel=error', `${server.name}@${server.version}`];
    execFileSync('npm', install, { cwd: folder, stdio: ['ignore', 2, 2] });
    return await listOf(server, folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function listOf({ name, args = [], env = {} }: Server, folder: string): Promise<unknown[]> {
  const { PATH = '' } = process.env;
  const child = spawn(process.execPath, [commandOf(name, folder), ...args], {
    cwd: folder,
    env: { PATH, HOME: folder, ...env },
    stdio: ['pipe', 'pipe', 2],
    timeout: TIMEOUT_MS,
  });
  try {
    return await listAll(new Client(child));
  } finally {
    child.kill();
  }
}

function commandOf(name: string, folder: string): string {
  const home = path.join(folder, 'node_modules', name);
  const { bin } = JSON.parse(readFileSync(path.join(home, 'package.json'), 'utf8')) as { bin: string | Record<string, string> };
  return path.join(home, typeof bin === 'string' ? bin : (Object.values(bin)[0] as string));
}

async function listAll(client: Client): Promise<unknown[]> {
  await client.ask('initialize', {
    protocolVersion: '2025-11-25',
    capabilities: { roots: {}, sampling: {}, elicitation: {} },
    clientInfo: { name: 'capture', version: '1' },
  });
  client.send({ jsonrpc: '2.0', method: 'notifications/initialized' });
  const tools: unknown[] = [];
  let cursor: string | undefined;
  do {
    const page = await client.ask('tools/list', cursor === undefined ? {} : { cursor });
    tools.push(...(page.tools as unknown[]));
    cursor = page.nextCursor as string | undefined;
  } while (cursor !== undefined);
  return tools;
}

/** One request after another over stdio. */
class Client {
  private readonly lines: AsyncIterator<string>;
  private readonly child: ChildProcess;

  constructor(child: ChildProcess) {
    this.child = child;
    this.lines = createInterface({ input: child.stdout as NodeJS.ReadableStream })[Symbol.asyncIterator]();
  }

  send(message: object): void {
    this.child.stdin?.write(`${JSON.stringify(message)}\n`);
  }

  async ask(method: string, params: object): Promise<Record<string, unknown>> {
    this.send({ jsonrpc: '2.0', id: method, method, params });
    for (;;) {
      const { value: line, done } = await this.lines.next();
      if (done) throw new Error(`The server ended before it answered ${method}.`);
      if (!line.startsWith('{')) continue;
      const message = JSON.parse(line) as { id?: unknown; result?: Record<string, unknown>; error?: unknown };
      if (message.id !== method) continue;
      if (!message.result) throw new Error(`${method}: ${JSON.stringify(message.error)}`);
      // What is written down is made from the parsed message: nothing may be lost by that.
      if (JSON.stringify(message) !== line) throw new Error(`${method}: the answer is not written as JSON.stringify would.`);
      return message.result;
    }
  }
}

const wanted = process.argv.slice(2);
for (const server of SERVERS.filter(({ name }) => wanted.length === 0 || wanted.includes(name))) {
  const tools = await capture(server);
  const lines = tools.map((tool) => JSON.stringify(tool)).join(',\n');
  const file = path.join(import.meta.dirname, 'servers', `${server.name.replace(/^@/, '').replaceAll('/', '-')}.json`);
  writeFileSync(file, `{"about":${JSON.stringify(`${server.name} ${server.version}`)},"tools":[\n${lines}\n]}\n`);
  console.log(`${server.name} ${server.version}: ${tools.length} tools`);
}
