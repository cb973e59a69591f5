import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { parseCommandLine } from '../../cli/parse-command-line.js';
import { readSettings } from '../read-settings.js';
import type { Settings } from '../settings.js';
import { SettingsError } from '../settings-error.js';

const CANARY = 'CANARY-0b3a';
const CERT = path.resolve('test/data/tls/server.crt');
const KEY = path.resolve('test/data/tls/server.key');

let folder: string;
beforeEach(() => (folder = mkdtempSync(path.join(tmpdir(), 'sources-'))));
afterEach(() => rmSync(folder, { recursive: true }));

function settingsOf(args: readonly string[], environment: Record<string, string> = {}, dotenv = ''): Settings {
  const command = parseCommandLine(args);
  if (command.kind === 'print') throw new Error('prints');
  return readSettings(environment, dotenv, command.commandLine);
}

function problemsOf(args: readonly string[], environment: Record<string, string> = {}): readonly string[] {
  try {
    settingsOf(args, environment);
  } catch (error) {
    if (error instanceof SettingsError) return error.problems;
    throw error;
  }
  return [];
}

function fileOf(mcpServers: object): string {
  const file = path.join(folder, 'mcp.json');
  writeFileSync(file, JSON.stringify({ mcpServers }));
  return file;
}

describe('the servers of a command line', () => {
  it('[ENV] are a command with its arguments as they are', () => {
    const { upstreams, naming } = settingsOf(['-e', 'A=1=2', '--', 'uvx', 'server', '--port', '; touch x'], {
      PATH: '/bin',
      SECRET: CANARY,
    });
    expect(naming).toBe('bare');
    expect(upstreams).toEqual([
      expect.objectContaining({
        kind: 'stdio',
        name: 'default',
        command: 'uvx',
        args: ['server', '--port', '; touch x'],
        env: { PATH: '/bin', A: '1=2' },
        cwd: undefined,
      }),
    ]);
  });

  it.each([
    [[], 'auto'],
    [['--type', 'sse'], 'sse'],
    [['--server-type', 'streamablehttp'], 'streamable-http'],
    [['--type=http'], 'streamable-http'],
  ])('[ENV] are a URL with %j as %s', (flags, transport) => {
    const headers = ['-H', '{"X-A": "1"}', '--header', '{"X-B": "2"}'];
    expect(settingsOf([...flags, ...headers, '--', 'https://u:p@h/mcp']).upstreams).toEqual([
      expect.objectContaining({
        kind: 'http',
        transport,
        url: new URL('https://h/mcp'),
        headers: { authorization: `Basic ${btoa('u:p')}`, 'x-a': '1', 'x-b': '2' },
      }),
    ]);
  });

  it('[ENV] are called what --name says where that can be a name', () => {
    expect(settingsOf(['-n', 'Time', '--', 'x'])).toMatchObject({ documentTitle: 'Time', upstreams: [{ name: 'Time' }], warnings: [] });
    expect(settingsOf(['-n', 'docs', '--', 'x'])).toMatchObject({
      documentTitle: 'docs',
      upstreams: [{ name: 'default' }],
      warnings: [expect.stringMatching(/^--name: a title only, the server is called default: docs: is a route/)],
    });
  });

  it.each<[readonly string[], string]>([
    [['-t', CERT], '--ssl-certfile: needs --ssl-keyfile, too'],
    [['-K', KEY], '--ssl-keyfile: needs --ssl-certfile, too'],
    [['-t', KEY, '-K', CERT], '--ssl-certfile, --ssl-keyfile: must be a PEM certificate and its PEM key without a passphrase'],
    [['--type', 'ws', '--', 'x'], '--type: must be one of stdio, sse, streamable-http, streamable_http, streamablehttp, http'],
    [['--type', 'sse', '--', 'x'], '--type: sse needs an http:// or https:// URL after --'],
    [['--type', 'stdio', '--', 'http://h'], '--type: stdio needs a command after --, not a URL'],
    [['--', 'http://h', '--port', '1'], '--: a URL takes no arguments; options of the gateway come before --'],
    [['--', 'http://'], '--: the URL must be an http:// or https:// URL'],
    [['--', ''], '--: an empty command'],
    [['-e', CANARY], '--env: must be NAME=VALUE'],
    [['-e', `=${CANARY}`], '--env: must be NAME=VALUE'],
    [['-k', 'has some spaces'], '--api-key: must have 8 or more characters and no spaces'],
    [['--root-path', 'http://h/x'], '--root-path: must be a path like /tools, of letters, digits and . _ ~ -'],
    [['--path-prefix', '/a/../b'], '--path-prefix: must be a path like /tools, of letters, digits and . _ ~ -'],
    [['--path-prefix', '/a b'], '--path-prefix: must be a path like /tools, of letters, digits and . _ ~ -'],
    [['-H', CANARY, '--', 'http://h'], '--header: must be a JSON object of strings, like {"Authorization": "Bearer TOKEN"}'],
    [['-H', '{"Host":"x"}', '--', 'http://h'], '--header: Host: belongs to the connection and must not be set'],
    [['-H', '{"A":"a\\r\\nb"}', '--', 'http://h'], '--header: A: must not hold line breaks'],
  ])('[ENV] %j is refused', (args, problem) => {
    expect(problemsOf(args)).toEqual([problem]);
  });
});

describe('the servers of a config file', () => {
  it('[ENV] are named with their server in front, even a single one', () => {
    const file = fileOf({ one: { command: 'x', args: ['${A}', '${B}', '${C}'] } });
    const { naming, configPath, upstreams, hotReload } = settingsOf(['--hot-reload', '-c', file, '-e', 'C=3'], { A: '1' }, 'B=2');
    expect({ naming, configPath, hotReload }).toEqual({ naming: 'prefixed', configPath: file, hotReload: true });
    expect(upstreams).toEqual([expect.objectContaining({ name: 'one', args: ['1', '2', '3'], env: { C: '3' } })]);
  });

  it('[ENV] take their limits from the environment where they have none', () => {
    const file = fileOf({ one: { command: 'x' }, two: { command: 'x', timeoutMs: 7 } });
    expect(settingsOf([], { MCP_CONFIG: file, REQUEST_TIMEOUT: '5', MAX_CALL_DURATION: '6' }).upstreams).toEqual([
      expect.objectContaining({ requestTimeoutMs: 5_000, maxCallDurationMs: 6_000 }),
      expect.objectContaining({ requestTimeoutMs: 7, maxCallDurationMs: 6_000 }),
    ]);
  });

  it('[ENV] can be read again; a broken file is told with its place', async () => {
    const { reloadServers } = settingsOf(['-c', fileOf({ one: { command: 'x' } })]);
    fileOf({ two: { command: 'x' }, off: { command: 'x', disabled: true } });
    expect(await reloadServers?.()).toEqual({
      upstreams: [expect.objectContaining({ name: 'two' })],
      inactiveServers: [{ name: 'off', state: 'disabled', reason: 'disabled in the config file' }],
    });
    fileOf({ two: { comand: 'x' } });
    await expect(reloadServers?.()).rejects.toThrow(
      new SettingsError([
        `${folder}/mcp.json:1:22: mcpServers.two: needs command or url`,
        `${folder}/mcp.json:1:23: mcpServers.two.comand: unknown, did you mean command?`,
      ]),
    );
  });
});

describe('the server of MCP_SERVER_URL', () => {
  it.each([
    [{}, ['x-teams-auth-token'], []],
    [{ MCP_FORWARD_HEADERS: ',' }, [], []],
    [{ MCP_FORWARD_HEADERS: 'X-A,Cookie' }, ['x-a', 'cookie'], ['MCP_FORWARD_HEADERS: cookie is never passed on']],
    [
      { MCP_FORWARD_HEADERS: 'X-A,Authorization' },
      ['x-a'],
      ['MCP_FORWARD_HEADERS: authorization is not passed on without MCP_FORWARD_AUTHORIZATION=true'],
    ],
    [
      { MCP_FORWARD_AUTHORIZATION: 'true' },
      ['x-teams-auth-token', 'authorization'],
      [expect.stringMatching(/^MCP_FORWARD_AUTHORIZATION: .*MUST NOT pass through the token/)],
    ],
  ])('[ENV][S7] gets with %j the headers %j of its callers', (variables, forwardHeaders, expected) => {
    const { upstreams, warnings } = settingsOf([], { MCP_SERVER_URL: 'http://h/mcp', ...variables });
    expect([upstreams, warnings]).toMatchObject([[{ forwardHeaders, withheldHeaders: [] }], expected]);
  });

  it('[ENV] gets MCP_HEADERS, and what of its callers MCP_FORWARD_HEADERS names', () => {
    const { upstreams } = settingsOf([], {
      MCP_SERVER_URL: 'http://u:p@h/mcp',
      MCP_HEADERS: '{"Authorization": "Bearer t", "X-A": "1"}',
      MCP_FORWARD_HEADERS: 'X-User, X-Team-*',
    });
    expect(upstreams).toEqual([
      expect.objectContaining({
        name: 'default',
        headers: { authorization: 'Bearer t', 'x-a': '1' },
        forwardHeaders: ['x-user', 'x-team-*'],
      }),
    ]);
  });

  it.each([
    [CANARY, 'MCP_HEADERS: must be a JSON object of strings, like {"Authorization": "Bearer TOKEN"}'],
    [`["${CANARY}"]`, 'MCP_HEADERS: must be a JSON object of strings, like {"Authorization": "Bearer TOKEN"}'],
    [`{"A": {"B": "${CANARY}"}}`, 'MCP_HEADERS: must be a JSON object of strings, like {"Authorization": "Bearer TOKEN"}'],
    [`{"Connection": "${CANARY}"}`, 'MCP_HEADERS: Connection: belongs to the connection and must not be set'],
  ])('[ENV][S6] MCP_HEADERS=%s is refused', (MCP_HEADERS, problem) => {
    expect(problemsOf([], { MCP_HEADERS })).toEqual([problem]);
  });
});

describe('flags that have no effect', () => {
  it('[ENV] are told', () => {
    expect(settingsOf(['--type', 'sse', '-H', '{}', '--hot-reload', '--strict-auth'], { MCP_SERVER_URL: 'http://h' }).warnings).toEqual([
      '--type: has no effect without a server after --',
      '--header: has no effect without a URL after --',
      '--hot-reload: has no effect without --config',
      '--strict-auth: has no effect without a key, --api-key or API_KEYS',
    ]);
  });
});

describe('paths in front', () => {
  it.each([
    ['/', ''],
    ['/tools/', '/tools'],
    ['tools', '/tools'],
    ['/a/b', '/a/b'],
  ])('[ENV] %s is %j', (given, expected) => {
    expect(settingsOf(['--path-prefix', given, '--root-path', given])).toMatchObject({ pathPrefix: expected, rootPath: expected });
  });
});
