import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { get, post } from './support/exchange.ts';
import { type EndedRun, runGateway } from './support/gateway-run.ts';
import { allListed } from './support/listed.ts';
import { ROOT, type RunningProcess, startGateway, startPlanner } from './support/processes.ts';
import { until } from './support/until.ts';

const CANARY = 'CANARY-2c8e';

let folder: string;
const cleanup: (() => unknown)[] = [];

beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'settings-'));
  cleanup.push(() => rmSync(folder, { recursive: true }));
});
afterEach(async () => {
  for (const end of cleanup.splice(0).reverse()) await end();
});

async function gatewayWith(options: Parameters<typeof startGateway>[0]): Promise<RunningProcess> {
  const gateway = await startGateway(options);
  cleanup.push(() => gateway.stop());
  return gateway;
}

/** A run that was refused: exit code 1, nothing on stdout, a line on stderr for each problem. */
function refusal(...lines: readonly string[]): EndedRun {
  return { status: 1, stdout: '', stderr: `${lines.join('\n')}\n` };
}

describe('bad settings', () => {
  it('[ENV][S6] are named all at once on stderr, a line each, without their values and without a stack', () => {
    writeFileSync(path.join(folder, '.env'), 'NUMBER=many\nPORT=${NUMBER}\n');
    const env = {
      LOG_LEVEL: CANARY,
      MCP_SERVER_URL: `ftp://admin:${CANARY}@planner`,
      REDIS_URL: `http://:${CANARY}@redis`,
      REQUEST_TIMEOUT: '0',
    };
    expect(runGateway([], { ...env, API_KEYS: 'a:C4N' }, folder)).toEqual(
      refusal(
        'PORT: must be a whole number from 0 to 65535',
        'LOG_LEVEL: must be one of trace, debug, info, warn, warning, error, fatal, critical, silent',
        'MCP_SERVER_URL: must be an http:// or https:// URL',
        'REDIS_URL: must be a redis:// or rediss:// URL',
        'REQUEST_TIMEOUT: must be a whole number from 1 to 86400',
        'API_KEYS: every key must have 8 or more characters and no spaces',
      ),
    );
  });

  it('[ENV] a .env file that cannot be read is told', () => {
    mkdirSync(path.join(folder, '.env'));
    expect(runGateway([], {}, folder)).toEqual(refusal('.env: cannot be read (EISDIR)'));
  });

  it('[ENV] a busy port is one sentence', async () => {
    const server = createServer().listen(0, '127.0.0.1');
    cleanup.push(() => server.close());
    await until('the server to listen', () => server.listening);
    const { port } = server.address() as AddressInfo;
    const ended = runGateway([], { PORT: String(port), MCP_SERVER_URL: 'http://127.0.0.1:1/mcp', LOG_LEVEL: 'silent' });
    expect(ended).toEqual(refusal('PORT: something listens on this port already; set PORT or stop it'));
  });

  it('[ENV] an address of another machine is one sentence', () => {
    const ended = runGateway([], {
      HOST: '203.0.113.1',
      ALLOW_ANONYMOUS: 'true',
      PORT: '0',
      MCP_SERVER_URL: 'http://127.0.0.1:1/mcp',
      LOG_LEVEL: 'silent',
    });
    expect(ended).toEqual(refusal('HOST: this machine has no such address'));
  });
});

describe('a .env file in the working directory', () => {
  it('[ENV] is read, expanded, and gives way to the real environment', async () => {
    const planner = await startPlanner();
    cleanup.push(() => planner.stop());
    const file = [
      'PORT=nonsense',
      `PLANNER=${planner.url}`,
      'MCP_SERVER_URL=${PLANNER}/mcp',
      'KEY=key-from-file',
      'API_KEYS=file:${KEY}',
      'LOG_LEVEL=DeBuG',
    ];
    writeFileSync(path.join(folder, '.env'), file.join('\n'));
    const { url, stdout } = await gatewayWith({ cwd: folder, env: { PORT: '0', LOG_PAYLOADS: '' } });
    await allListed(url);
    expect((await post(url, '/v1/tools/list_plans', {})).status).toBe(401);
    expect((await post(url, '/v1/tools/list_plans', {}, { authorization: 'Bearer key-from-file' })).status).toBe(200);
    const { text } = await get(url, '/health/mcp', { authorization: 'Bearer key-from-file' });
    expect(JSON.parse(text)).toMatchObject({ info: { default: { state: 'up', transport: 'streamable-http' } } });
    expect(stdout.join('\n')).toContain('"level":"debug"');
  });
});

describe('credentials in MCP_SERVER_URL', () => {
  it('[ENV][S6] reach the server as a Basic header, and nobody else', async () => {
    const seen: IncomingHttpHeaders[] = [];
    const server = createServer((request, response) => {
      seen.push(request.headers);
      response.writeHead(500).end();
    }).listen(0, '127.0.0.1');
    cleanup.push(() => server.close());
    await until('the server to listen', () => server.listening);
    const { port } = server.address() as AddressInfo;
    const MCP_SERVER_URL = `http://admin:${CANARY}@127.0.0.1:${port}/mcp`;
    const { url, stdout, stderr } = await gatewayWith({ env: { MCP_SERVER_URL, LOG_LEVEL: 'TRACE' } });
    await until('the failure to be told', async () => (await get(url, '/health/mcp')).text.includes('degraded'));
    const basic = Buffer.from(`admin:${CANARY}`).toString('base64');
    expect(new Set(seen.map(({ authorization }) => authorization))).toEqual(new Set([`Basic ${basic}`]));
    const told = [
      ...stdout,
      ...stderr,
      ...(await Promise.all(['/health', '/openapi.json', '/metrics'].map(async (place) => (await get(url, place)).text))),
    ];
    const call = await post(url, '/v1/tools/gateway_status', {});
    expect([...told, call.text].filter((text) => text.includes(CANARY) || text.includes(basic))).toEqual([]);
    expect(call.status).toBe(200);
  });
});

describe('the command line', () => {
  it('[ENV] --version prints the version and ends', () => {
    const { version } = JSON.parse(readFileSync(path.join(ROOT, 'package.json'), 'utf8')) as { version: string };
    expect(runGateway(['--version'], { PORT: 'nonsense' })).toEqual<EndedRun>({ status: 0, stdout: `${version}\n`, stderr: '' });
  });

  it('[ENV] with a flag that is none is refused', () => {
    expect(runGateway(['--bogus'])).toEqual(refusal('--bogus: unknown; --help lists the flags'));
  });

  it('[ENV] --host and --port win over the environment', async () => {
    const { url } = await gatewayWith({ args: ['--port', '0', '--host=127.0.0.1'], env: { PORT: 'nonsense', HOST: '203.0.113.1' } });
    expect((await get(url, '/health/live')).status).toBe(200);
  });
});
