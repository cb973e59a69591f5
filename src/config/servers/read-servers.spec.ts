import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { SettingsError } from '../settings-error.js';
import { DEFAULT_CALLERS, DEFAULT_TLS, DEFAULT_TOOLS, DEFAULT_TRANSLATION, type HttpUpstreamSettings } from '../upstream-settings.js';
import { readServers } from './read-servers.js';

const CANARY = 'CANARY-5ce1';
const CLIENT = { grant: 'client_credentials', clientId: 'me', clientSecret: CANARY, issuer: 'https://i' };
const POLICY = {
  ...DEFAULT_TRANSLATION,
  ...DEFAULT_TOOLS,
  ...DEFAULT_CALLERS,
  protocol: 'auto',
  requestTimeoutMs: 30_000,
  maxCallDurationMs: 300_000,
  maxResponseBytes: 10_485_760,
  maxListBytes: 67_108_864,
} as const;

let folder: string;
beforeEach(() => (folder = mkdtempSync(path.join(tmpdir(), 'servers-'))));
afterEach(() => rmSync(folder, { recursive: true }));

const fileOf = () => path.join(folder, 'mcp.json');

function read(text: string, variables: Record<string, string> = {}, childVariables: Record<string, string> = {}) {
  writeFileSync(fileOf(), text);
  return readServers(fileOf(), { policy: POLICY, variables, childVariables });
}

const readEntries = (mcpServers: object, variables?: Record<string, string>) => read(JSON.stringify({ mcpServers }), variables);
const readEntry = (entry: object, variables?: Record<string, string>) => readEntries({ x: entry }, variables);
const http = (entry: object = {}, variables?: Record<string, string>) =>
  readEntry({ url: 'http://h/mcp', ...entry }, variables).upstreams[0] as HttpUpstreamSettings;

/** Without the folder, so that a line reads `mcp.json:LINE:COLUMN: KEY: what is wrong`. */
function problemsOf(text: string, variables: Record<string, string> = {}): string[] {
  try {
    read(text, variables);
  } catch (error) {
    if (error instanceof SettingsError) return error.problems.map((problem) => problem.replaceAll(`${folder}/`, ''));
    throw error;
  }
  return [];
}

/** What is said of one entry, without its place. */
function problemsOfEntry(entry: object, variables?: Record<string, string>): string[] {
  return problemsOf(JSON.stringify({ mcpServers: { x: entry } }), variables).map((line) => line.replace(/^mcp\.json:\d+:\d+: /, ''));
}

describe('a file of servers', () => {
  it('[ENV] is read with comments, trailing commas and a byte order mark, as mcpo and Claude Desktop write it', () => {
    const text = `\uFEFF{
      // those of the office
      "$schema": "https://example.com/schema.json",
      "mcpServers": {
        "time": { "command": "uvx", "args": ["mcp-server-time", "--local-timezone=UTC",], "env": { "A": "1" } },
        "remote": { "type": "streamable-http", "url": "https://mcp.example.com/mcp", "headers": { "Authorization": "Bearer t" } }, /* last */
      },
    }`;
    expect(read(text, { PATH: '/bin', API_KEYS: CANARY })).toEqual({
      upstreams: [
        {
          kind: 'stdio',
          name: 'time',
          command: 'uvx',
          args: ['mcp-server-time', '--local-timezone=UTC'],
          env: { PATH: '/bin', A: '1' },
          cwd: undefined,
          startTimeoutMs: 60_000,
          firstStartTimeoutMs: 300_000,
          ...POLICY,
        },
        {
          kind: 'http',
          name: 'remote',
          transport: 'streamable-http',
          url: new URL('https://mcp.example.com/mcp'),
          headers: { authorization: 'Bearer t' },
          tls: DEFAULT_TLS,
          ...POLICY,
        },
      ],
      inactiveServers: [],
      warnings: [],
    });
  });

  it('[ENV] says for each server what is different there', () => {
    const entry = {
      url: 'http://u:p@h/mcp',
      headers: { 'X-One': '1' },
      protocol: 'modern',
      timeoutMs: 1_000,
      maxDurationMs: 2_000,
      maxResponseBytes: 3_000,
      validation: 'types',
      formats: 'on',
      nulls: 'drop-optional',
      inlineHtml: true,
      binary: 'keep',
      operationIds: 'tool',
      disabledTools: ['a'],
      tools: { allow: ['b*'], deny: ['c'] },
      idempotentTools: ['d'],
      trustAnnotations: true,
      toolLimits: { 'e*': 5 },
      cache: { f: 30 },
      forwardHeaders: ['X-User'],
      client_header_forwarding: { enabled: true, whitelist: ['X-Team-*'], blacklist: ['Cookie'] },
      shareCatalog: true,
      tls: { insecure: true },
    };
    const { upstreams, warnings } = readEntry(entry);
    expect(upstreams).toEqual([
      {
        kind: 'http',
        name: 'x',
        transport: 'auto',
        url: new URL('http://h/mcp'),
        headers: { authorization: `Basic ${btoa('u:p')}`, 'x-one': '1' },
        protocol: 'modern',
        requestTimeoutMs: 1_000,
        maxCallDurationMs: 2_000,
        maxResponseBytes: 3_000,
        maxListBytes: 67_108_864,
        validation: 'types',
        formats: 'on',
        nulls: 'drop-optional',
        inlineHtml: true,
        binary: 'keep',
        operationIds: 'tool',
        allowedTools: ['b*'],
        deniedTools: ['a', 'c'],
        idempotentTools: ['d'],
        trustAnnotations: true,
        toolLimits: [{ pattern: 'e*', limit: 5 }],
        cachedTools: [{ pattern: 'f', ttlMs: 30_000 }],
        forwardHeaders: ['x-user', 'x-team-*'],
        withheldHeaders: ['cookie'],
        shareCatalog: true,
        tls: { ca: undefined, insecure: true },
      },
    ]);
    expect(warnings).toEqual([
      `${fileOf()}:1:${JSON.stringify({ mcpServers: { x: entry } }).indexOf('{"insecure') + 1}: mcpServers.x.tls: has no effect with an http:// URL`,
    ]);
  });

  it.each([
    [undefined, 'auto'],
    ['sse', 'sse'],
    ['streamable-http', 'streamable-http'],
    ['streamable_http', 'streamable-http'],
    ['streamablehttp', 'streamable-http'],
    ['http', 'streamable-http'],
  ])('[ENV] reads a url of type %s as %s', (type, transport) => {
    expect(http({ type }).transport).toBe(transport);
  });

  it.each([
    [{ forwardHeaders: ['Authorization', 'x-a'] }, /: mcpServers\.x\.forwardHeaders: passes the callers' Authorization on: .*MUST NOT/],
    [{ forwardHeaders: ['Cookie'] }, /: mcpServers\.x\.forwardHeaders: cookie is never passed on$/],
    [{ client_header_forwarding: { enabled: true, whitelist: ['mcp-session-id'] } }, /whitelist: mcp-session-id is never passed on$/],
  ])('[ENV][S7] warns of %j', (entry, warning) => {
    expect(readEntry({ url: 'http://h', ...entry }).warnings).toEqual([expect.stringMatching(warning)]);
  });

  it("[ENV] takes mcpo's header forwarding only where it is enabled", () => {
    expect(http({ client_header_forwarding: { enabled: false, whitelist: ['a'], blacklist: ['b'] } })).toMatchObject(DEFAULT_CALLERS);
    expect(http({ client_header_forwarding: { enabled: true } })).toMatchObject({ forwardHeaders: ['*'], withheldHeaders: [] });
  });

  it('[ENV] keeps servers that are disabled from being started, and says why', () => {
    const { upstreams, inactiveServers } = readEntries({
      off: { command: 'x', disabled: true },
      on: { command: 'y', disabled: false },
    });
    expect(upstreams.map(({ name }) => name)).toEqual(['on']);
    expect(inactiveServers).toEqual([{ name: 'off', state: 'disabled', reason: 'disabled in the config file' }]);
  });

  it('[ENV][AC8] takes a client of an authorization server', () => {
    const client = { grant: 'client_credentials', clientId: 'me', clientSecret: 'x-secret' };
    const more = { scope: 'a b', resource: false, authentication: 'post', allowPrivateAddresses: true };
    const { upstreams, inactiveServers, warnings } = readEntries({
      written: { url: 'https://h/mcp', oauth: { ...client, tokenUrl: 'https://i/token', ...more } },
      named: { url: 'https://h/mcp', oauth: { ...client, issuer: 'http://localhost:1' } },
      found: { url: 'https://h/mcp', oauth: client },
    });
    expect(inactiveServers).toEqual([]);
    const nothing = { tokenUrl: undefined, issuer: undefined, scope: undefined, resource: undefined, authentication: undefined };
    const plain = { kind: 'client_credentials', clientId: 'me', clientSecret: 'x-secret', ...nothing, allowPrivateAddresses: false };
    expect(upstreams.map((upstream) => (upstream as { oauth?: unknown }).oauth)).toEqual([
      { ...plain, tokenUrl: 'https://i/token', ...more },
      { ...plain, issuer: 'http://localhost:1' },
      plain,
    ]);
    expect(warnings).toEqual([
      expect.stringMatching(
        /mcpServers\.found\.oauth: the server decides where the secret of its client is sent; say "issuer" or "tokenUrl"$/,
      ),
    ]);
  });

  it("[ENV][AC8] takes a person's grant, mcpo's block among them", () => {
    const mcpos = { server_url: 'https://h', storage_type: 'memory', use_loopback: true, client_metadata: { client_name: 'Ours' } };
    const { upstreams, warnings } = readEntries({
      bare: { url: 'https://h/mcp', oauth: {} },
      mcpo: { url: 'https://h/mcp', oauth: mcpos },
      users: { url: 'https://h/mcp', oauth: { per: 'user', clientId: 'me', callback_port: 1 } },
    });
    const nothing = { issuer: undefined, scope: undefined, resource: undefined, authentication: undefined, allowPrivateAddresses: false };
    const client = { clientId: undefined, clientSecret: undefined, clientMetadataUrl: undefined, clientMetadata: {} };
    const bare = {
      kind: 'person',
      per: 'operator',
      ...nothing,
      ...client,
      redirectUrl: undefined,
      usesLoopback: true,
      serverUrl: undefined,
      isKept: true,
    };
    expect(upstreams.map((upstream) => (upstream as { oauth?: unknown }).oauth)).toEqual([
      bare,
      {
        ...bare,
        clientMetadata: { client_name: 'Ours' },
        redirectUrl: 'http://localhost:3030/callback',
        serverUrl: 'https://h',
        isKept: false,
      },
      { ...bare, per: 'user', clientId: 'me' },
    ]);
    expect(warnings).toEqual([]);
  });

  it('[ENV] takes any name that can be one segment of a path', () => {
    const names = ['a', 'Tools of ours', '日本', '{x}', ':id', 'a.b', 'x'.repeat(64), 'constructor'];
    const { upstreams } = readEntries(Object.fromEntries(names.map((name) => [name, { command: 'x' }])));
    expect(upstreams.map(({ name }) => name)).toEqual(names);
  });

  it('[ENV] warns about keys that it does not know, and goes on', () => {
    const { upstreams, warnings } = read(`{"globalShortcut": "", "mcpServers": {
      "x": {"command": "y", "autoApprove": ["${CANARY}"], "description": "${CANARY}", "headers": {}}}}`);
    expect(upstreams).toHaveLength(1);
    expect(warnings.map((line) => line.replace(`${folder}/`, ''))).toEqual([
      'mcp.json:1:2: globalShortcut: unknown, ignored',
      'mcp.json:2:29: mcpServers.x.autoApprove: unknown, ignored',
      'mcp.json:2:61: mcpServers.x.description: unknown, ignored',
      'mcp.json:2:102: mcpServers.x.headers: has no effect without url',
    ]);
  });

  it('[ENV] warns when it holds no server', () => {
    expect(readEntries({})).toMatchObject({ upstreams: [], warnings: [`${fileOf()}:1:15: mcpServers: holds no server`] });
  });

  it('[ENV] leaves out headers that the gateway sets itself, with a warning', () => {
    expect(http({ headers: { 'Content-Type': 'application/json', Accept: '*/*', X: 'y' } }).headers).toEqual({ x: 'y' });
  });
});

describe('references in a file of servers', () => {
  it('[ENV] ${NAME} and ${file:PATH} are expanded in env, headers, args, url and cwd, once', () => {
    writeFileSync(path.join(folder, 'token'), 'from file\n');
    const variables = { HOST_NAME: 'h', TOKEN: 't${HOST_NAME}', FOLDER: 'inner' };
    const entry = { command: '${TOKEN}', args: ['--x=${TOKEN}', '${file:token}'], env: { A: '${HOST_NAME}-${TOKEN}' }, cwd: '${FOLDER}' };
    expect(readEntry(entry, variables).upstreams).toEqual([
      {
        kind: 'stdio',
        name: 'x',
        command: '${TOKEN}',
        args: ['--x=t${HOST_NAME}', 'from file'],
        env: { A: 'h-t${HOST_NAME}' },
        cwd: path.join(folder, 'inner'),
        startTimeoutMs: 60_000,
        firstStartTimeoutMs: 60_000,
        ...POLICY,
      },
    ]);
    const { url, headers } = http({ url: 'http://${HOST_NAME}/${FOLDER}', headers: { A: `Bearer \${file:${folder}/token}` } }, variables);
    expect([url.href, headers]).toEqual(['http://h/inner', { a: 'Bearer from file' }]);
  });

  it('[ENV] every other $ stays', () => {
    const args = ['$HOME', '$$', '${}', '${a-b}', 'pa$w0rd', '$&'];
    expect(readEntry({ command: 'x', args }, { HOME: '/root' }).upstreams).toMatchObject([{ args }]);
  });

  it('[ENV] an empty variable is one that is set', () => {
    expect(readEntry({ command: 'x', args: ['${EMPTY}'] }, { EMPTY: '' }).upstreams).toMatchObject([{ args: [''] }]);
  });

  it.each([
    [{ command: 'x', env: { A: '${NONE}' } }, 'mcpServers.x.env.A: the variable NONE is not set'],
    [{ command: 'x', args: ['a', '${NONE}'] }, 'mcpServers.x.args.1: the variable NONE is not set'],
    [{ command: 'x', cwd: '${NONE}' }, 'mcpServers.x.cwd: the variable NONE is not set'],
    [{ url: 'http://${NONE}' }, 'mcpServers.x.url: the variable NONE is not set'],
    [{ url: 'http://h', headers: { A: '${toString}' } }, 'mcpServers.x.headers.A: the variable toString is not set'],
    [{ command: 'x', args: ['${file:/no/such}'] }, 'mcpServers.x.args.0: the file /no/such cannot be read (ENOENT)'],
  ])('[ENV] %j is refused, by name', (entry, problem) => {
    expect(problemsOfEntry(entry)).toEqual([problem]);
  });

  it('[ENV][S6] a file that is no secret by its size is refused, by name', () => {
    writeFileSync(path.join(folder, 'large'), CANARY.repeat(20_000));
    expect(problemsOfEntry({ command: 'x', args: ['${file:large}'] })).toEqual([
      'mcpServers.x.args.0: the file large is larger than 65536 characters',
    ]);
  });
});

describe('a bad file of servers', () => {
  const whole = (max: number) => `must be a whole number from 1 to ${max}`;
  it.each<[object, string]>([
    [{}, 'mcpServers.x: needs command or url'],
    [{ command: 'x', url: 'http://h' }, 'mcpServers.x: has both command and url; keep one'],
    [{ command: 1 }, 'mcpServers.x.command: must be a string'],
    [{ command: '' }, 'mcpServers.x.command: must not be empty'],
    [{ command: 'x\0' }, 'mcpServers.x.command: must not hold a NUL'],
    [{ command: 'x', args: 'y' }, 'mcpServers.x.args: must be a list of strings'],
    [{ command: 'x', args: [1] }, 'mcpServers.x.args.0: must be a string'],
    [{ command: 'x', args: ['\0'] }, 'mcpServers.x.args.0: must not hold a NUL'],
    [{ command: 'x', env: ['A=1'] }, 'mcpServers.x.env: must be an object of strings'],
    [{ command: 'x', env: { A: 1 } }, 'mcpServers.x.env.A: must be a string'],
    [{ command: 'x', env: { 'A=B': '1' } }, 'mcpServers.x.env.A=B: not the name of a variable'],
    [{ command: 'x', cwd: true }, 'mcpServers.x.cwd: must be a string'],
    [{ command: 'x', type: 'sse' }, 'mcpServers.x.type: a server with command is of type stdio'],
    [{ url: 'http://h', type: 'stdio' }, 'mcpServers.x.type: a server with url is not of type stdio'],
    [
      { url: 'http://h', type: 'ws' },
      'mcpServers.x.type: must be one of stdio, sse, streamable-http, streamable_http, streamablehttp, http',
    ],
    [{ url: CANARY }, 'mcpServers.x.url: must be an http:// or https:// URL'],
    [{ url: `http://a%zz:${CANARY}@h` }, 'mcpServers.x.url: must have its user and password percent-encoded'],
    [{ url: 'http://h', headers: [] }, 'mcpServers.x.headers: must be an object of strings'],
    [{ url: 'http://h', headers: { A: 1 } }, 'mcpServers.x.headers.A: must be a string'],
    [{ url: 'http://h', headers: { A: `${CANARY}\r\nB: c` } }, 'mcpServers.x.headers.A: must not hold line breaks'],
    [{ url: 'http://h', headers: { A: `${CANARY}☃` } }, 'mcpServers.x.headers.A: must hold ASCII or Latin-1 characters only'],
    [{ url: 'http://h', headers: { 'A b': CANARY } }, 'mcpServers.x.headers.A b: not the name of a header'],
    [{ url: 'http://h', headers: { Host: CANARY } }, 'mcpServers.x.headers.Host: belongs to the connection and must not be set'],
    [
      { url: 'http://h', headers: { Connection: CANARY } },
      'mcpServers.x.headers.Connection: belongs to the connection and must not be set',
    ],
    [{ url: 'http://h', headers: { A: '1', a: '2' } }, 'mcpServers.x.headers.a: given twice'],
    [{ url: 'https://h', tls: { ca: '/no/such' } }, 'mcpServers.x.tls.ca: the file /no/such cannot be read (ENOENT)'],
    [{ url: 'https://h', tls: { ca: `-----BEGIN ${CANARY}` } }, 'mcpServers.x.tls.ca: holds no PEM certificate'],
    [{ url: 'https://h', tls: { insecure: 'yes' } }, 'mcpServers.x.tls.insecure: must be true or false'],
    [{ url: 'http://h', timeoutMs: 0 }, `mcpServers.x.timeoutMs: ${whole(86_400_000)}`],
    [{ url: 'http://h', timeoutMs: '30' }, `mcpServers.x.timeoutMs: ${whole(86_400_000)}`],
    [{ url: 'http://h', maxDurationMs: 1.5 }, `mcpServers.x.maxDurationMs: ${whole(86_400_000)}`],
    [{ url: 'http://h', maxResponseBytes: 1e12 }, `mcpServers.x.maxResponseBytes: ${whole(1024 ** 3)}`],
    [{ url: 'http://h', protocol: '2025' }, 'mcpServers.x.protocol: must be one of auto, legacy, modern'],
    [{ url: 'http://h', validation: 'none' }, 'mcpServers.x.validation: must be one of full, types, off'],
    [{ url: 'http://h', formats: true }, 'mcpServers.x.formats: must be one of off, on'],
    [{ url: 'http://h', binary: 'drop' }, 'mcpServers.x.binary: must be one of describe, keep'],
    [{ url: 'http://h', nulls: 'drop' }, 'mcpServers.x.nulls: must be one of keep, drop-optional'],
    [{ url: 'http://h', inlineHtml: 1 }, 'mcpServers.x.inlineHtml: must be true or false'],
    [{ url: 'http://h', disabled: 'true' }, 'mcpServers.x.disabled: must be true or false'],
    [{ url: 'http://h', disabledTools: 'a' }, 'mcpServers.x.disabledTools: must be a list of strings'],
    [{ url: 'http://h', tools: ['a'] }, 'mcpServers.x.tools: must be an object'],
    [{ url: 'http://h', tools: { allow: 'a' } }, 'mcpServers.x.tools.allow: must be a list of strings'],
    [{ url: 'http://h', tools: { alow: [] } }, 'mcpServers.x.tools.alow: unknown, did you mean allow?'],
    [{ url: 'http://h', idempotentTools: [''] }, 'mcpServers.x.idempotentTools.0: must not be empty'],
    [{ url: 'http://h', toolLimits: { a: 0 } }, 'mcpServers.x.toolLimits.a: must be a whole number from 1 to 1000000000'],
    [{ url: 'http://h', trustAnnotations: null }, 'mcpServers.x.trustAnnotations: must be true or false'],
    [{ url: 'http://h', shareCatalog: 0 }, 'mcpServers.x.shareCatalog: must be true or false'],
    [{ url: 'http://h', forwardHeaders: {} }, 'mcpServers.x.forwardHeaders: must be a list of strings'],
    [
      { url: 'http://h', client_header_forwarding: { enabled: 'y' } },
      'mcpServers.x.client_header_forwarding.enabled: must be true or false',
    ],
    [{ url: 'http://h', oauth: true }, 'mcpServers.x.oauth: must be an object'],
    [{ url: 'http://h', oauth: { grant: 'password' } }, 'mcpServers.x.oauth.grant: must be one of client_credentials'],
    [{ url: 'http://h', oauth: { per: 'everybody' } }, 'mcpServers.x.oauth.per: must be one of operator, user'],
    [{ url: 'http://h', oauth: { storage_type: 'disk' } }, 'mcpServers.x.oauth.storage_type: must be one of file, memory'],
    [{ url: 'http://h', oauth: { clientSecret: 'x' } }, 'mcpServers.x.oauth: needs clientId with clientSecret'],
    [{ url: 'http://h', oauth: { clientMetadataUrl: 'http://h/c' } }, 'mcpServers.x.oauth.clientMetadataUrl: must be an https:// URL'],
    [{ url: 'http://h', oauth: { ...CLIENT, clientId: undefined } }, 'mcpServers.x.oauth: needs clientId'],
    [{ url: 'http://h', oauth: { ...CLIENT, clientSecret: undefined } }, 'mcpServers.x.oauth: needs clientSecret, or privateKey'],
    [{ url: 'http://h', oauth: { ...CLIENT, resource: true } }, 'mcpServers.x.oauth.resource: must be a string, or false'],
    [
      { url: 'http://h', oauth: CLIENT, headers: { AUTHORIZATION: 'x' } },
      'mcpServers.x.oauth: there is an Authorization in headers; keep one of both',
    ],
    ...['http://i/token', 'https://u:p@i/token', 'i/token', 'ftp://i/token'].map(
      (tokenUrl) =>
        [
          { url: 'http://h', oauth: { ...CLIENT, tokenUrl } },
          'mcpServers.x.oauth.tokenUrl: must be an https:// URL without user, or an http:// URL of this machine',
        ] as [object, string],
    ),
    [{ url: 'http://h', oauth: { ...CLIENT, client_id: 'x' } }, 'mcpServers.x.oauth.client_id: unknown, did you mean clientId?'],
  ])('[ENV][S6] %j is told by its key', (entry, problem) => {
    expect(problemsOfEntry(entry)).toEqual([problem]);
  });

  it.each([
    ['comand', 'command'],
    ['agrs', 'args'],
    ['Url', 'url'],
    ['uri', 'url'],
    ['header', 'headers'],
    ['disabledTool', 'disabledTools'],
    ['timeout', 'timeoutMs'],
    ['client-header-forwarding', 'client_header_forwarding'],
  ])('[ENV] %s is taken for a misspelt %s', (key, meant) => {
    expect(problemsOfEntry({ command: 'x', [key]: CANARY })).toEqual([`mcpServers.x.${key}: unknown, did you mean ${meant}?`]);
  });

  it.each(['id', 'name', 'description', 'icon', 'autoApprove', 'alwaysAllow', 'note'])('[ENV] %s is not', (key) => {
    expect(problemsOfEntry({ command: 'x', [key]: CANARY })).toEqual([]);
  });

  it('[ENV][S6] is told all at once, with line and column, in the order of the file, and without a value', () => {
    const text = `{
  // a comment
  "mcpServers": {
    "good": { "command": "x" },
    "bad": { "comand": "${CANARY}" },
    "worse": {
      "url": "${CANARY}",
      "timeoutMs": "${CANARY}"
    },
    "secret": { "command": "x", "env": { "é": "1", "A": "\${NONE}" } }
  }
}`;
    const problems = problemsOf(text, { SECRET: CANARY });
    expect(problems).toEqual([
      'mcp.json:5:12: mcpServers.bad: needs command or url',
      'mcp.json:5:14: mcpServers.bad.comand: unknown, did you mean command?',
      `mcp.json:8:20: mcpServers.worse.timeoutMs: ${whole(86_400_000)}`,
      'mcp.json:10:57: mcpServers.secret.env.A: the variable NONE is not set',
    ]);
  });

  it.each([
    ['', 'mcp.json:1:1: not JSON (value expected)'],
    ['{"mcpServers": {\n"a" {}}}', 'mcp.json:2:5: not JSON (colon expected)'],
    ['{"mcpServers": {}', 'mcp.json:1:18: not JSON (close brace expected)'],
    ['[]', 'mcp.json:1:1: must be an object'],
    ['{}', 'mcp.json:1:1: mcpServers: missing; the file must hold {"mcpServers": {"NAME": {...}}}'],
    ['{"mcpServers": []}', 'mcp.json:1:16: mcpServers: must be an object of servers'],
    ['{"mcpServers": {"a": 1}}', 'mcp.json:1:22: mcpServers.a: must be an object'],
    ['{"mcpServers": {"a": {"command": "x"}, "a": {"command": "y"}}}', 'mcp.json:1:40: mcpServers.a: given twice'],
    ['{"mcpServers": {"a": {"command": "x", "command": "y"}}}', 'mcp.json:1:39: mcpServers.a.command: given twice'],
    ['{"mcpServers": {"__proto__": {"command": "x"}}}', 'mcp.json:1:17: mcpServers.__proto__: this key must not be used'],
  ])('[ENV] %j is refused', (text, problem) => {
    expect(problemsOf(text)).toEqual([problem]);
  });

  it('[ENV] with mcpServer in place of mcpServers is told both', () => {
    expect(problemsOf('{"mcpServer": {}}')).toEqual([
      'mcp.json:1:1: mcpServers: missing; the file must hold {"mcpServers": {"NAME": {...}}}',
      'mcp.json:1:2: mcpServer: unknown, did you mean mcpServers?',
    ]);
  });

  it('[ENV] that is not there or a folder is told', () => {
    const none = path.join(folder, 'none.json');
    const defaults = { policy: POLICY, variables: {}, childVariables: {} };
    expect(() => readServers(none, defaults)).toThrow(new SettingsError([`${none}: cannot be read (ENOENT)`]));
    expect(() => readServers(folder, defaults)).toThrow(new SettingsError([`${folder}: cannot be read (EISDIR)`]));
  });

  it('[ENV] that is larger than a megabyte is refused', () => {
    expect(problemsOf(' '.repeat(1_048_577))).toEqual(['mcp.json: is larger than 1048576 bytes']);
  });
});

describe('names of servers', () => {
  const problemsOfNames = (...names: string[]) =>
    problemsOf(JSON.stringify({ mcpServers: Object.fromEntries(names.map((name) => [name, { command: 'x' }])) }));

  it('[ENV] that are routes are refused, all in one message', () => {
    expect(problemsOfNames('docs', 'fine', 'V1', 'openapi.json')).toEqual([
      'mcp.json:1:2: mcpServers: docs, V1, openapi.json: are routes of the gateway; give these servers other names',
    ]);
    expect(problemsOfNames('metrics')).toEqual([
      'mcp.json:1:2: mcpServers: metrics: is a route of the gateway; give this server another name',
    ]);
  });

  it('[ENV] that would be published alike are refused', () => {
    expect(problemsOfNames('a b', 'a.b', 'c', 'A_b')).toEqual([
      'mcp.json:1:2: mcpServers: a b, a.b, A_b: would be published alike, as a_b; give them names that differ in letters or digits',
    ]);
  });

  it.each(['a/b', 'a\\b', 'a?b', 'a#b', 'a%b', '.', '..'])('[ENV] %j cannot be a part of a URL', (name) => {
    expect(problemsOfNames(name)).toEqual([
      `mcp.json:1:16: mcpServers.${name}: the name of a server becomes a part of URLs: it must not hold / \\ ? # % nor be . or ..`,
    ]);
  });

  it.each(['', ' a', 'a ', 'x'.repeat(65), 'a\nb', 'a\u2028b'])('[ENV] %j is no name', (name) => {
    expect(problemsOfNames(name)).toEqual([
      expect.stringMatching(/: the name of a server must have 1 to 64 characters, without control characters or spaces around it$/),
    ]);
  });
});
