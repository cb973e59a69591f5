/**
 * What the document of a thousand tools costs: to make it anew when one tool has changed, and to serve it beside a static file of
 * the same size.
 *
 * node bench/documents.ts [--tools N] [--changes N] [--rounds N]
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { ROOT } from '../test/support/processes.ts';
import { report } from './support/gates.ts';
import { ensureWrk, load } from './support/load/load.ts';
import { type LoggedProcess, startLogged, startLoggedGateway } from './support/logged-process.ts';
import { median } from './support/statistics.ts';
import { printTable } from './support/table.ts';
import { toolList } from './support/tool-lists.ts';

const MAX_REBUILD_MS = 10;
const MAX_SERVING_RATIO = 1.2;
const CONNECTIONS = 4;
const SECONDS = 2;
const READY_TIMEOUT_MS = 30_000;

const { values } = parseArgs({
  options: {
    tools: { type: 'string', default: '1000' },
    changes: { type: 'string', default: '100' },
    rounds: { type: 'string', default: '5' },
  },
});
const tools = Number(values.tools);

const rebuilds = await measureRebuilds();
const serving = await measureServing();
report([
  {
    promise: `one changed tool of ${tools} makes a new document within ${MAX_REBUILD_MS} ms (median)`,
    measured: `${rebuilds.toFixed(1)} ms`,
    isMet: rebuilds <= MAX_REBUILD_MS,
  },
  {
    promise: `serving it takes at most ${MAX_SERVING_RATIO} times what Express takes for a static file of the same size (median)`,
    measured: serving.toFixed(2),
    isMet: serving <= MAX_SERVING_RATIO,
  },
]);

/** In this process, by the built gateway's own parts: from a server's list with one changed tool to the bytes of the document. */
async function measureRebuilds(): Promise<number> {
  const { createApp } = await built<typeof import('../src/create-app.js')>('src/create-app.js');
  const { readSettings } = await built<typeof import('../src/config/read-settings.js')>('src/config/read-settings.js');
  const { ToolCatalog } = await built<typeof import('../src/discovery/tool-catalog.service.js')>('src/discovery/tool-catalog.service.js');
  const { ToolDocuments } = await built<typeof import('../src/translation/tool-documents.service.js')>(
    'src/translation/tool-documents.service.js',
  );
  const { McpClient } = await built<typeof import('../src/mcp-client/mcp-client.service.js')>('src/mcp-client/mcp-client.service.js');
  const app = await createApp(readSettings({ LOG_LEVEL: 'silent', MCP_SERVER_URL: 'http://127.0.0.1:1/mcp' }));
  const [catalog, documents, [upstream]] = [app.get(ToolCatalog), app.get(ToolDocuments), app.get(McpClient).upstreams];
  if (!upstream) throw new Error('The gateway has no server.');
  const rebuild = async (list: readonly unknown[]) => {
    const start = performance.now();
    await catalog.replace(upstream, list);
    const { bytes } = await documents.openApi('/', catalog.snapshot());
    return { ms: performance.now() - start, megabytes: bytes.length / 2 ** 20 };
  };
  const first = await rebuild(toolList(tools));
  const later: number[] = [];
  for (let change = 0; change < Number(values.changes); change++) {
    const list = toolList(tools, { at: (change * 37) % tools, description: `Change ${change}` });
    later.push((await rebuild(list)).ms);
  }
  await app.close();
  printTable(
    ['document of', 'MB', 'first ms', 'changed: median ms', 'changed: longest ms'],
    [[`${tools} tools`, ...[first.megabytes, first.ms, median(later), Math.max(...later)].map((value) => value.toFixed(1))]],
  );
  return median(later);
}

/** The time of one request relative to the static file's, in turn; the gateway and the files have a process each. */
async function measureServing(): Promise<number> {
  ensureWrk();
  const folder = mkdtempSync(path.join(tmpdir(), 'bench-documents-'));
  const running: LoggedProcess[] = [];
  const kept = async (starting: Promise<LoggedProcess>) => {
    const started = await starting;
    running.push(started);
    return started.url;
  };
  try {
    const upstream = await kept(startLogged('bench/support/servers/raw-upstream.ts', { args: ['--tools', `${tools}`] }));
    const gateway = await kept(startLoggedGateway({ env: { PORT: '0', MCP_SERVER_URL: `${upstream}/mcp` } }));
    const document = await publishedDocument(gateway);
    const file = path.join(folder, 'openapi.json');
    writeFileSync(file, document);
    const files = await kept(startLogged('bench/support/servers/static-server.ts', { args: [file] }));
    const urls = [`${files}/file/openapi.json`, `${files}/memory`, `${gateway}/openapi.json`];
    const rates: number[][] = urls.map(() => []);
    for (let round = 0; round <= Number(values.rounds); round++) {
      for (const [index, url] of urls.entries()) {
        const { callsPerSecond } = await load({ url, body: undefined, accept: 'application/json' }, CONNECTIONS, SECONDS);
        // The first round compiles what is hot.
        if (round > 0) rates[index]?.push(callsPerSecond);
      }
    }
    const [fromDisk = [], fromMemory = [], ofDocument = []] = rates;
    const relativeTo = (others: number[]) => median(others.map((rate, round) => rate / (ofDocument[round] as number)));
    console.log();
    printTable(
      ['served', 'requests/s', 'the document takes so many times as long'],
      [
        ['static file, by Express', median(fromDisk).toFixed(0), relativeTo(fromDisk).toFixed(2)],
        ['the same bytes from memory, by node:http alone', median(fromMemory).toFixed(0), relativeTo(fromMemory).toFixed(2)],
        ['document, by the gateway', median(ofDocument).toFixed(0), ''],
      ],
    );
    console.log();
    return relativeTo(fromDisk);
  } finally {
    await Promise.all(running.map((one) => one.stop()));
    rmSync(folder, { recursive: true, force: true });
  }
}

async function publishedDocument(url: string): Promise<string> {
  const deadline = Date.now() + READY_TIMEOUT_MS;
  while (Date.now() < deadline) {
    const text = await fetch(`${url}/openapi.json`).then((response) => response.text());
    if (text.includes(`/tool_${tools - 1}"`)) return text;
    await sleep(50);
  }
  throw new Error('The gateway does not publish the tools of the upstream.');
}

async function built<T>(file: string): Promise<T> {
  return (await import(path.join(ROOT, 'dist', file))) as T;
}
