import { existsSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import https from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { GATEWAY } from './support/built.ts';
import { get, post } from './support/exchange.ts';
import { runGateway } from './support/gateway-run.ts';
import { allListed } from './support/listed.ts';
import { ROOT, type RunningProcess, startGateway, startNode, type StartOptions } from './support/processes.ts';
import { until } from './support/until.ts';

const CANARY = 'CANARY-6d0f';
const INSPECT = path.join(ROOT, 'test/support/servers/inspect.mjs');
const RAW = path.join(ROOT, 'test/support/servers/raw-stdio.mjs');
const CERT = path.join(ROOT, 'test/data/tls/server.crt');
const KEY = path.join(ROOT, 'test/data/tls/server.key');

let folder: string;
const cleanup: (() => unknown)[] = [];

beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'command-'));
  cleanup.push(() => rmSync(folder, { recursive: true }));
});
afterEach(async () => {
  for (const end of cleanup.splice(0).reverse()) await end();
});

/** What the tool `inspect` tells of its server's start. */
interface Seen {
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly cwd: string;
  readonly pid: number;
}

async function gatewayWith(options: StartOptions): Promise<RunningProcess> {
  const gateway = await startGateway({ cwd: folder, ...options });
  cleanup.push(() => gateway.stop());
  return gateway;
}

function configOf(mcpServers: object, name = 'mcp.json'): string {
  const file = path.join(folder, name);
  writeFileSync(file, JSON.stringify({ mcpServers }));
  return file;
}

const inspectEntry = (more: object = {}) => ({ command: process.execPath, args: [INSPECT], ...more });

async function inspected(url: string, tool = 'inspect', headers = {}): Promise<Seen> {
  const answer = await until('the tool to be there', async () => {
    const exchange = await post(url, `/v1/tools/${tool}`, {}, headers);
    return exchange.status === 200 && exchange;
  });
  return JSON.parse(answer.text) as Seen;
}

function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

const logged = ({ stdout }: RunningProcess, msg: string) =>
  stdout.map((line) => JSON.parse(line) as Record<string, unknown>).find((line) => line['msg'] === msg);

describe('the source of the servers', () => {
  it('[ENV] is the command line before a config file before MCP_SERVER_URL, and the log says so', async () => {
    const file = configOf({ one: inspectEntry() });
    const env = { MCP_CONFIG: file, MCP_SERVER_URL: 'http://127.0.0.1:9/mcp' };
    const byCommand = await gatewayWith({ env, args: ['--', process.execPath, INSPECT, 'by command'] });
    expect((await inspected(byCommand.url)).args).toEqual(['by command']);
    expect(logged(byCommand, 'servers')).toMatchObject({
      from: 'command line',
      servers: ['default'],
      ignored: ['config file', 'MCP_SERVER_URL'],
    });
    const byFile = await gatewayWith({ env });
    expect((await inspected(byFile.url, 'one_inspect')).args).toEqual([]);
    expect(logged(byFile, 'servers')).toMatchObject({ from: 'config file', file, servers: ['one'], ignored: ['MCP_SERVER_URL'] });
  });

  it('[ENV] --config wins over MCP_CONFIG', async () => {
    const other = configOf({ other: inspectEntry() }, 'other.json');
    const { url } = await gatewayWith({ env: { MCP_CONFIG: 'nowhere.json' }, args: ['-c', other] });
    expect((await inspected(url, 'other_inspect')).pid).toBeGreaterThan(0);
  });

  it('[ENV] a URL after -- gets the headers of --header, one of MCP_SERVER_URL those of MCP_HEADERS', async () => {
    const seen: (string | undefined)[] = [];
    const server = createServer((request, response) => {
      seen.push(request.headers['x-team']?.toString());
      response.writeHead(500).end();
    }).listen(0, '127.0.0.1');
    cleanup.push(() => server.close());
    await until('the server to listen', () => server.listening);
    const target = `http://127.0.0.1:${(server.address() as AddressInfo).port}/mcp`;
    await gatewayWith({ args: ['--type', 'streamable_http', '-H', '{"X-Team":"flag"}', '--', target] });
    await until('a request', () => seen.length > 0);
    expect(new Set(seen.splice(0))).toEqual(new Set(['flag']));
    await gatewayWith({ env: { MCP_SERVER_URL: target, MCP_HEADERS: '{"X-Team":"variable"}' } });
    await until('its request', () => seen.includes('variable'));
  });
});

describe('a server that is started', () => {
  it('[S6] sees nothing of the environment but what a program needs and what is its own', async () => {
    writeFileSync(path.join(folder, '.env'), `FROM_FILE=${CANARY}\nAPI_KEYS=someone:${CANARY}\n`);
    const env = { REDIS_URL: `redis://:${CANARY}@redis`, AWS_SECRET_ACCESS_KEY: CANARY, MCP_HEADERS: `{"A":"${CANARY}"}`, TZ: 'UTC' };
    const ofRegistries = { 'npm_config_//registry.npmjs.org/:_authToken': CANARY, npm_config__auth: CANARY, UV_PUBLISH_TOKEN: CANARY };
    const args = ['-e', 'OWN=flag', '--env', 'BOTH=flag', '-c', configOf({ one: inspectEntry({ env: { BOTH: 'file', REF: '${OWN}' } }) })];
    const { url } = await gatewayWith({ env: { ...env, ...ofRegistries, npm_config_cache: '/cache' }, args });
    const seen = await inspected(url, 'one_inspect', { authorization: `Bearer ${CANARY}` });
    expect(seen.env).toMatchObject({ TZ: 'UTC', OWN: 'flag', BOTH: 'file', REF: 'flag' });
    expect(Object.keys(seen.env).sort()).toEqual(['BOTH', 'HOME', 'OWN', 'PATH', 'REF', 'TZ', 'npm_config_cache']);
    expect(JSON.stringify(seen)).not.toContain(CANARY);
  });

  it('[ENV] gets each argument as it is: there is no shell', async () => {
    const target = path.join(folder, 'touched');
    const args = [`; touch ${target}`, `$(touch ${target})`, `\`touch ${target}\``, '| cat', '*', "it's", '$HOME', ''];
    const byCommand = await gatewayWith({ args: ['--', process.execPath, INSPECT, ...args] });
    expect((await inspected(byCommand.url)).args).toEqual(args);
    const byFile = await gatewayWith({ args: ['-c', configOf({ one: inspectEntry({ args: [INSPECT, ...args], cwd: '.' }) })] });
    expect(await inspected(byFile.url, 'one_inspect')).toMatchObject({ args, cwd: folder });
    expect(existsSync(target)).toBe(false);
  });
});

describe('flags', () => {
  it('[ENV][S1] --api-key is asked of callers, --strict-auth of readers of documents, too', async () => {
    const args = ['-k', 'key-of-the-flag', '--strict-auth', '--', process.execPath, INSPECT];
    const { url } = await gatewayWith({ args, env: { API_KEYS: 'someone:another-key' } });
    const bearer = (key: string) => ({ authorization: `Bearer ${key}` });
    await inspected(url, 'inspect', bearer('key-of-the-flag'));
    expect((await post(url, '/v1/tools/inspect', {}, bearer('another-key'))).status).toBe(401);
    for (const place of ['/openapi.json', '/docs', '/v1/tools', '/gateway/openapi.json', '/inspect/openapi.json', '/nowhere']) {
      const { status, text } = await get(url, place);
      expect([place, status, JSON.parse(text)]).toMatchObject([place, 401, { error: { type: 'authentication_error' } }]);
    }
    for (const place of ['/openapi.json', '/docs']) {
      expect([place, (await get(url, place, bearer('key-of-the-flag'))).status]).toEqual([place, 200]);
    }
    for (const place of ['/health', '/health/live', '/ready', '/metrics'])
      expect([place, (await get(url, place)).status]).toEqual([place, 200]);
  });

  it('[ENV] --ssl-certfile and --ssl-keyfile serve HTTPS', async () => {
    const { url, stderr } = await gatewayWith({ args: ['-t', CERT, '-K', KEY, '--', process.execPath, INSPECT] });
    expect(url).toMatch(/^https:/);
    const body = await new Promise<string>((resolve, reject) => {
      const options = { ca: readFileSync(CERT), checkServerIdentity: () => undefined };
      https
        .get(`${url}/health/live`, options, (response) => {
          let text = '';
          response
            .setEncoding('utf8')
            .on('data', (part: string) => (text += part))
            .on('end', () => resolve(text));
        })
        .on('error', reject);
    });
    expect(JSON.parse(body)).toMatchObject({ status: 'ok' });
    expect(stderr.join('\n')).toContain(`${url}/openapi.json`);
  });

  it('[ENV] --env-path, --log-level and --cors-allow-origins are heeded', async () => {
    writeFileSync(path.join(folder, 'other.env'), 'API_KEYS=someone:key-of-other-env\nLOG_LEVEL=error\n');
    writeFileSync(path.join(folder, '.env'), 'API_KEYS=nonsense\n');
    const args = ['--env-path', 'other.env', '--log-level', 'DEBUG', '--cors-allow-origins', 'http://a.example'];
    const { url, stdout } = await gatewayWith({ args: [...args, '--', process.execPath, INSPECT] });
    await inspected(url, 'inspect', { authorization: 'Bearer key-of-other-env' });
    const { headers } = await get(url, '/health/live', { origin: 'http://a.example' });
    expect(headers['access-control-allow-origin']).toBe('http://a.example');
    expect(stdout.join('\n')).toContain('"level":"debug"');
  });

  it('[ENV] work through the link that npm makes', async () => {
    const link = path.join(folder, 'mcpo-proxy');
    symlinkSync(path.join(ROOT, GATEWAY), link);
    const gateway = await startNode(link, { cwd: folder, args: ['-p', '0', '--', process.execPath, INSPECT, 'linked'] });
    cleanup.push(() => gateway.stop());
    await allListed(gateway.url);
    expect((await inspected(gateway.url)).args).toEqual(['linked']);
  });
});

describe('a command line that is wrong', () => {
  const refused = (args: readonly string[], env = {}) => {
    const { status, stdout, stderr } = runGateway(args, env, folder);
    expect([status, stdout]).toEqual([1, '']);
    return stderr.split('\n').slice(0, -1);
  };

  it('[ENV][S6] is told all at once with the file and the environment, without any value', () => {
    writeFileSync(
      path.join(folder, 'mcp.json'),
      `{"mcpServers": {\n  "a": {"comand": "${CANARY}"},\n  "docs": {"command": "x", "env": {"A": "\${NONE}"}}\n}}`,
    );
    const args = ['-c', 'mcp.json', '-k', 'short', '-t', 'none.pem', '-K', KEY, '-e', CANARY, '--path-prefix', `/${CANARY}?`];
    expect(refused(args, { PORT: CANARY })).toEqual([
      'PORT: must be a whole number from 0 to 65535',
      '--env: must be NAME=VALUE',
      'mcp.json:1:2: mcpServers: docs: is a route of the gateway; give this server another name',
      'mcp.json:2:8: mcpServers.a: needs command or url',
      'mcp.json:2:9: mcpServers.a.comand: unknown, did you mean command?',
      'mcp.json:3:41: mcpServers.docs.env.A: the variable NONE is not set',
      '--api-key: must have 8 or more characters and no spaces',
      '--path-prefix: must be a path like /tools, of letters, digits and . _ ~ -',
      '--ssl-certfile: the file none.pem cannot be read (ENOENT)',
    ]);
  });

  it('[ENV] names a file that is not there', () => {
    expect(refused(['--env-path', 'none.env'])).toEqual(['none.env: cannot be read (ENOENT)']);
  });
});

describe('check', () => {
  it('[ENV] prints what each server offers, ends with 0, and leaves no child behind', () => {
    const pids = path.join(folder, 'pids');
    const recorded = inspectEntry({ env: { PID_FILE: pids } });
    const { status, stdout, stderr } = runGateway(['check', '-c', configOf({ one: recorded, 'a b': recorded })]);
    expect([status, stderr]).toEqual([0, '']);
    expect(stdout.split('\n')).toEqual([
      `Servers from ${folder}/mcp.json`,
      'one: up (stdio, legacy, 2025-11-25)',
      '  one_inspect (inspect)',
      'a b: up (stdio, legacy, 2025-11-25)',
      expect.stringMatching(/^ {2}a_b_inspect_\w+ \(inspect\)$/),
      '2 of 2 servers work.',
      '',
    ]);
    const started = readFileSync(pids, 'utf8').split('\n').filter(Boolean).map(Number);
    expect(started).toHaveLength(2);
    expect(started.filter(isRunning)).toEqual([]);
  });

  it('[ENV] ends with 1 when a server fails, and says why', () => {
    const entries = {
      dead: { command: path.join(folder, 'none') },
      away: { url: 'http://127.0.0.1:1/mcp', oauth: {} },
      off: { command: 'x', disabled: true },
    };
    const { status, stdout } = runGateway(['check', '--config', configOf(entries)]);
    expect(status).toBe(1);
    expect(stdout.split('\n')).toEqual([
      `Servers from ${folder}/mcp.json`,
      expect.stringMatching(/^ {2}warning: STATE_ENCRYPTION_KEY: not set, so what people grant/),
      'dead: degraded (stdio)',
      `  problem: upstream is not reachable: The program ${folder}/none does not exist (ENOENT).`,
      'away: degraded (streamable-http)',
      expect.stringMatching(/^ {2}problem: upstream is not reachable: .*ECONNREFUSED/),
      'off: disabled',
      '  note: disabled in the config file',
      '0 of 3 servers work.',
      '',
    ]);
  });

  it('[ENV][S6] shows what a process that ended wrote last, but no secret of ours', () => {
    const says = ['one', 'two', `token ${CANARY}`, '\u001b[31mred', 'x'.repeat(1_000), 'last'];
    const dies = { command: process.execPath, args: [RAW, JSON.stringify({ exitsAtOnce: true, says })], env: { API_TOKEN: CANARY } };
    const { status, stdout } = runGateway(['check', '-c', configOf({ dies })]);
    expect(status).toBe(1);
    expect(stdout.split('\n').slice(1)).toEqual([
      'dies: degraded (stdio)',
      '  problem: upstream is not reachable: The process ended with exit code 3.',
      '  stderr: two',
      '  stderr: token [hidden]',
      '  stderr: [31mred',
      `  stderr: ${'x'.repeat(299)}…`,
      '  stderr: last',
      '0 of 1 servers work.',
      '',
    ]);
  });

  const raw = (quirks: object) => ({ command: process.execPath, args: [RAW, JSON.stringify({ says: ['hello'], ...quirks })] });

  const timedCheck = (entries: object) => {
    const from = performance.now();
    const { status, stdout } = runGateway(['check', '-c', configOf(entries)], {}, folder, 55_000);
    return { status, lines: stdout.split('\n').slice(1, -1), seconds: (performance.now() - from) / 1000 };
  };

  it('[ENV] waits no longer for a list that fails', () => {
    const { status, lines, seconds } = timedCheck({ fails: raw({ list: 'fails' }) });
    expect(seconds).toBeLessThan(15);
    expect(status).toBe(1);
    expect(lines).toEqual([
      'fails: not listed (stdio, legacy, 2025-11-25)',
      '  problem: tools could not be listed: no list',
      '  stderr: hello',
      '0 of 1 servers work.',
    ]);
  }, 60_000);

  it('[ENV] waits 15 s for a list that does not come', () => {
    const { status, lines, seconds } = timedCheck({ works: raw({}), silent: raw({ list: 'silent' }) });
    expect(seconds).toBeLessThan(29);
    expect(status).toBe(1);
    expect(lines).toEqual([
      'works: up (stdio, legacy, 2025-11-25)',
      ...['work', 'pid', 'die', 'grow', 'hang', 'big', 'ask', 'flood'].map((name) => `  works_${name} (${name})`),
      'silent: not listed (stdio, legacy, 2025-11-25)',
      '  problem: tools could not be listed: The MCP server did not answer "tools/list" within 10 s.',
      '  stderr: hello',
      '1 of 2 servers work.',
    ]);
  }, 60_000);

  it('[ENV] of a command ends with 0, of bad settings with 1 and a line on stderr', () => {
    expect(runGateway(['check', '--', process.execPath, INSPECT])).toMatchObject({ status: 0, stderr: '' });
    expect(runGateway(['check', '-c', configOf({ x: {} })])).toEqual({
      status: 1,
      stdout: '',
      stderr: `${folder}/mcp.json:1:20: mcpServers.x: needs command or url\n`,
    });
  });
});
