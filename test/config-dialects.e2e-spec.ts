import { writeFileSync } from 'node:fs';
import type { ServerResponse } from 'node:http';
import path from 'node:path';
import { parseCommandLine } from '../src/cli/parse-command-line.js';
import { readSettings } from '../src/config/read-settings.js';
import { SettingsError } from '../src/config/settings-error.js';
import type { Settings } from '../src/config/settings.js';
import { closesAfterEach } from './support/ends.js';
import { get } from './support/exchange.js';
import { freePort } from './support/network/free-port.js';
import { runGateway } from './support/gateway-run.js';
import { httpUpstream, startGatewayHere, stdioUpstream } from './support/gateway.js';
import { ROOT, startGateway } from './support/processes.js';
import { type Exchange, RawMcpServer } from './support/raw-mcp-server.js';
import { RawSseServer } from './support/raw-sse-server.js';
import { temporaryFolder } from './support/recorded.js';
import { until } from './support/until.js';

const closing = closesAfterEach();
const newFolder = temporaryFolder();
const CERT = path.join(ROOT, 'test/data/tls/server.crt');
const KEY = path.join(ROOT, 'test/data/tls/server.key');

function read(content: unknown, environment: Record<string, string> = {}): Settings {
  const file = path.join(newFolder(), 'mcp.json');
  writeFileSync(file, typeof content === 'string' ? content : JSON.stringify(content, undefined, 1));
  return readSettings({ MCP_CONFIG: file, ...environment });
}

const entry = (a: object, environment?: Record<string, string>) =>
  read({ mcpServers: { a } }, environment).upstreams[0] as unknown as Record<string, unknown>;

/** What is wrong, without the name of the file. */
function problems(judge: () => unknown): string[] {
  try {
    judge();
  } catch (error) {
    if (error instanceof SettingsError) return error.problems.map((problem) => problem.replace(/^.*mcp\.json:/, ''));
    throw error;
  }
  return [];
}

describe('[ENV] references of other programs in the file of servers', () => {
  const url = 'http://h/mcp';
  const header = (value: string, environment: Record<string, string> = {}) =>
    (entry({ url, headers: { 'X-Key': value } }, environment)['headers'] as Record<string, string>)['x-key'];

  it('are expanded where they mean a variable', () => {
    expect(header('Bearer ${env:TOKEN}', { TOKEN: 't1' })).toBe('Bearer t1');
    expect(header('${TOKEN:-none}', { TOKEN: 't1' })).toBe('t1');
    expect(header('${TOKEN:-none} ${OTHER:-}|${env:TOKEN:-b}')).toBe('none |b');
    expect(header('${TOKEN:-http://h:1/?a=b}')).toBe('http://h:1/?a=b');
    expect(entry({ command: 'x', args: ['${env:A}'], env: { B: '${A:-c}' }, cwd: '/${A:-d}' }, { A: 'a' })).toMatchObject({
      args: ['a'],
      env: { B: 'a' },
      cwd: '/a',
    });
  });

  it('are told where the variable is not set', () => {
    expect(problems(() => header('${env:NONE}'))).toEqual(['6:14: mcpServers.a.headers.X-Key: the variable NONE is not set']);
  });

  it('are refused where a person would be asked, with what to do', () => {
    const text = 'asks a person, which the gateway cannot: put the value into a variable, and say ${NAME} here';
    expect(problems(() => header('Bearer ${input:key}'))).toEqual([`6:14: mcpServers.a.headers.X-Key: \${input:key} ${text}`]);
  });

  it('leave every other $ as it is', () => {
    for (const value of ['$TOKEN', '$$', '${', '${}', '${a b}', 'a$', '${user:x}', '$(x)', '${{x}}', '${A-b}'])
      expect(header(value)).toBe(value);
  });
});

describe('[ENV] keys of other programs in the file of servers', () => {
  it('`enabled: false` keeps a server from being started', () => {
    const { upstreams, inactiveServers, warnings } = read({
      mcpServers: { a: { command: 'x', enabled: false }, b: { command: 'x', enabled: true } },
    });
    expect(upstreams.map(({ name }) => name)).toEqual(['b']);
    expect(inactiveServers).toEqual([{ name: 'a', state: 'disabled', reason: 'disabled in the config file' }]);
    expect(warnings).toEqual([]);
    const both = { mcpServers: { a: { command: 'x', enabled: true, disabled: true } } };
    expect(problems(() => read(both))).toEqual(['5:15: mcpServers.a.enabled: says another thing than disabled; keep one']);
  });

  it.each([
    ['streamableHttp', 'streamable-http'],
    ['StreamableHTTP', 'streamable-http'],
    ['Streamable-Http', 'streamable-http'],
    ['HTTP', 'streamable-http'],
    ['SSE', 'sse'],
  ])('`type` may be %s', (type, transport) => {
    expect(entry({ url: 'http://h/mcp', type })['transport']).toBe(transport);
    const { commandLine } = parseCommandLine(['--type', type, '--', 'http://h/mcp']) as { commandLine: Parameters<typeof readSettings>[2] };
    expect(readSettings({}, '', commandLine).upstreams).toMatchObject([{ transport }]);
  });

  it('`type` may be Stdio', () => {
    expect(entry({ command: 'x', type: 'Stdio' })['kind']).toBe('stdio');
  });

  it('of which the meaning is known are told with their line, and with nothing else', () => {
    expect(problems(() => read({ servers: { a: { type: 'stdio', command: 'x' } } }))).toEqual([
      "2:2: servers: another program's name for mcpServers; rename it",
    ]);
    expect(problems(() => entry({ cmd: 'x' }))).toEqual(["4:4: mcpServers.a.cmd: another program's name for command; rename it"]);
    for (const key of ['serverUrl', 'httpUrl', 'server_url', 'baseUrl', 'endpoint'])
      expect(problems(() => entry({ [key]: 'http://h/mcp' }))).toEqual([
        `4:4: mcpServers.a.${key}: another program's name for url; rename it`,
      ]);
    const { warnings } = read({ mcpServers: { a: { url: 'http://h/mcp', transportType: 'sse' } } });
    expect(warnings.map((warning) => warning.replace(/^.*mcp\.json:/, ''))).toEqual([
      "5:4: mcpServers.a.transportType: another program's name for type, ignored",
    ]);
  });
});

describe('[E1][AC10] a server that cannot be started says why', () => {
  const reasonOf = async (more: Parameters<typeof stdioUpstream>[2]) => {
    const gateway = closing(await startGatewayHere({}, [stdioUpstream('x', [], more)]));
    const look = async () => {
      const { servers } = JSON.parse((await get(gateway.url, '/v1/servers')).text) as { servers: { state: string; lastError?: string }[] };
      return servers[0]?.state === 'degraded' && servers[0].lastError;
    };
    return until('the reason', look, 4_000);
  };

  it('where its working directory is missing, or is none', async () => {
    expect(await reasonOf({ cwd: '/nowhere/at all' })).toBe('The working directory (cwd) /nowhere/at all does not exist (ENOENT).');
    expect(await reasonOf({ cwd: CERT })).toBe(`The working directory (cwd) ${CERT} is no directory (ENOTDIR).`);
  });

  it('where its program is missing, or may not be run', async () => {
    expect(await reasonOf({ command: 'no-such-program', cwd: '/' })).toBe(
      'The program no-such-program was not found in PATH: is it installed? (ENOENT)',
    );
    expect(await reasonOf({ command: '/nowhere/mcp-server' })).toBe('The program /nowhere/mcp-server does not exist (ENOENT).');
    expect(await reasonOf({ command: CERT })).toBe(`The program ${CERT} may not be run (EACCES).`);
  });

  it('where its script is missing, in the words that Node has for it, without its stack', async () => {
    const config = path.join(newFolder(), 'mcp.json');
    writeFileSync(config, JSON.stringify({ mcpServers: { a: { command: process.execPath, args: ['missing.js'] } } }));
    const { stdout } = runGateway(['check', '--config', config], {}, newFolder());
    expect(stdout).toMatch(/\n {2}stderr: Error: Cannot find module '.*missing\.js'\n/);
    expect(stdout).not.toMatch(/stderr: at /);
  });

  it('where its command is a whole command line', async () => {
    expect(await reasonOf({ command: 'node server.mjs --secret CANARY-1' })).toBe(
      'The program "node ..." was not found: command is the program alone, its arguments go into args (ENOENT).',
    );
  });
});

describe('[E1][AC10] a redirect to another origin', () => {
  const reasonOf = async (url: string, more: Parameters<typeof httpUpstream>[1] = {}) => {
    const gateway = closing(await startGatewayHere({}, [httpUpstream(url, { protocol: 'legacy', ...more })]));
    const look = async () => {
      const { servers } = JSON.parse((await get(gateway.url, '/v1/servers')).text) as { servers: { state: string; lastError?: string }[] };
      return servers[0]?.state === 'degraded' && servers[0].lastError;
    };
    return until('the reason', look, 4_000);
  };
  const said = (status: number) =>
    `The MCP server answered HTTP ${status}: it redirects to https://elsewhere.example/mcp, another origin, which is not followed. If it is right, say that URL.`;

  it.each([301, 302, 307, 308])('is told with where it leads, without its query: %i', async (status) => {
    const headers = { location: 'https://elsewhere.example/mcp?key=CANARY-1' };
    const server = closing(await RawMcpServer.start({ on: { initialize: (exchange: Exchange) => exchange.send(status, '', headers) } }));
    expect(await reasonOf(server.url)).toBe(said(status));
  });

  it('is told over SSE, too', async () => {
    const get = (response: ServerResponse) => response.writeHead(301, { location: 'https://elsewhere.example/mcp' }).end();
    const server = closing(await RawSseServer.start({ get }));
    expect(await reasonOf(server.url, { transport: 'sse' })).toBe(said(301));
  });
});

describe('[ENV] errors name what was typed', () => {
  const typed = (args: readonly string[], environment: Record<string, string> = {}) =>
    runGateway(args, environment, newFolder()).stderr.split('\n').slice(0, -1);

  it('as it was typed', () => {
    expect(typed(['--port', 'x', '--log-level', 'loud', '--cors-allow-origins', 'y'])).toEqual([
      '--port: must be a whole number from 0 to 65535',
      expect.stringMatching(/^--log-level: must be one of /),
      expect.stringMatching(/^--cors-allow-origins: must be origins/),
    ]);
    expect(typed(['-p', 'x'])).toEqual(['-p: must be a whole number from 0 to 65535']);
    expect(typed(['-h', '0.0.0.0'])).toEqual([expect.stringMatching(/^-h: .* or -h=127\.0\.0\.1, or/)]);
  });

  it('and the variable where that was set', () => {
    expect(typed([], { PORT: 'x' })).toEqual(['PORT: must be a whole number from 0 to 65535']);
  });

  it('also where the port is taken', async () => {
    const taken = closing(await RawMcpServer.start());
    expect(runGateway(['--port', String(taken.port)])).toMatchObject({
      status: 1,
      stderr: '--port: something listens on this port already; set --port or stop it\n',
    });
    expect(runGateway([], { PORT: String(taken.port) })).toMatchObject({
      status: 1,
      stderr: 'PORT: something listens on this port already; set PORT or stop it\n',
    });
  });

  it.each([
    [['mcp.json'], 'argument 1: unexpected; for a file of servers say --config FILE'],
    [['--port', '1', 'servers.jsonc'], 'argument 3: unexpected; for a file of servers say --config FILE'],
    [['chek'], 'argument 1: unexpected, did you mean check?'],
    [['chck', '--config', 'f'], 'argument 1: unexpected, did you mean check?'],
    [['authorise', '--config', 'f'], 'argument 1: unexpected, did you mean authorize NAME, at the start?'],
    [['help'], 'argument 1: unexpected, did you mean --help?'],
    [['version'], 'argument 1: unexpected, did you mean --version?'],
    [['--config', 'f', 'check'], 'argument 3: check comes first: mcpo-proxy check ...'],
    [['--hot-reload', 'mcp.json'], 'argument 2: unexpected; for a file of servers say --config FILE'],
    [['https://h/mcp'], 'argument 1: unexpected; the URL of a server comes after --'],
  ])('with a hint: %j', (args, problem) => {
    expect(typed(args)).toEqual([problem]);
  });

  it('with a hint below the banner where there is nothing to reload', async () => {
    const gateway = await startGateway({ args: ['--hot-reload'] });
    closing({ stop: () => gateway.stop() });
    await until('the hint', () => gateway.stderr.includes('  Note  --hot-reload: has no effect without --config'), 3_000);
  });
});

describe('[S5][ENV] plain HTTP at the HTTPS port', () => {
  it('is logged with its address, once for many', async () => {
    const port = await freePort();
    const gateway = await startGateway({ args: ['-p', String(port), '-t', CERT, '-K', KEY] });
    closing({ stop: () => gateway.stop() });
    for (let time = 0; time < 5; time += 1) await fetch(`http://127.0.0.1:${port}/openapi.json`).catch(() => undefined);
    const told = () =>
      gateway.stdout
        .map((line) => JSON.parse(line) as Record<string, unknown>)
        .filter(({ msg }) => msg === 'plain HTTP came to the HTTPS port');
    await until('the line', () => told().length > 0, 3_000);
    expect(told()).toEqual([expect.objectContaining({ level: 'warn', client: '127.0.0.1', hint: 'say https:// where it comes from' })]);
  });
});
