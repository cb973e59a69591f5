import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import type { IncomingMessage, Server } from 'node:http';
import net, { type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import tls from 'node:tls';
import type { Express } from 'express';
import { CallRecords } from '../src/call/call-records.service.js';
import type { Settings } from '../src/config/settings.js';
import { ToolCatalog } from '../src/discovery/tool-catalog.service.js';
import { CorrelationInterceptor } from '../src/faces/http/correlation.interceptor.js';
import { FastExpressAdapter, type Shortcuts } from '../src/http/framework/fast-express.adapter.js';
import { createLogger } from '../src/logging/json-logger.js';
import { closesAfterEach } from './support/ends.js';
import { ID, request } from './support/exchange.js';
import { type GatewayHere, httpUpstream, startGatewayHere } from './support/gateway.js';
import { type Exchange, RawMcpServer, textResult, toolOf } from './support/raw-mcp-server.js';
import { until } from './support/until.js';

const NONE: Shortcuts = { bornWithPrototypes: false, directRoutes: false, lanes: false };
const SOME: readonly [string, Shortcuts][] = [
  ['all', { bornWithPrototypes: true, directRoutes: true, lanes: true }],
  ['all but lanes', { bornWithPrototypes: true, directRoutes: true, lanes: false }],
  ['bornWithPrototypes', { bornWithPrototypes: true, directRoutes: false, lanes: true }],
  ['directRoutes', { bornWithPrototypes: false, directRoutes: true, lanes: true }],
];
const CERTIFICATE = { cert: readFileSync('test/data/tls/server.crt', 'utf8'), key: readFileSync('test/data/tls/server.key', 'utf8') };
const KEYS = {
  keys: [
    { name: 'ann', key: 'key-of-ann', role: 'user' },
    { name: 'rare', key: 'key-of-rare', role: 'user', rateLimit: 1 },
  ],
  roles: { user: { tools: { deny: ['denied'] } } },
};
const STRICT = { name: 'strict', inputSchema: { type: 'object', properties: { title: { type: 'string' } }, required: ['title'] } };
const MAX_CONNECTIONS = 8;

/** A gateway with some of the shortcuts, and what it logs of requests. */
interface Variant {
  readonly gateway: GatewayHere;
  readonly log: Record<string, unknown>[];
}

/** Where and how gateways are asked. */
interface Site {
  readonly settings: Partial<Settings>;
  /** In front of every path. */
  readonly prefix: string;
}

const SITES: readonly [string, Site][] = [
  ['at the root', { settings: {}, prefix: '' }],
  ['below a path', { settings: { pathPrefix: '/gate' }, prefix: '/gate' }],
  ['over TLS', { settings: { tls: CERTIFICATE }, prefix: '' }],
  ['where everything needs a key', { settings: { strictAuth: true }, prefix: '' }],
];

interface Asked {
  readonly method?: string;
  readonly path?: string;
  /** In place of those of a JSON call with a key. */
  readonly headers?: readonly string[];
  readonly body?: string;
}

const KEY = 'Authorization: Bearer key-of-ann';
const JSON_TYPE = 'Content-Type: application/json';
const CALL = '/v1/tools/work';

/** A request as it goes out; {@link Asked.path} may be a whole URL. */
function bytesOf(
  { method = 'POST', path: at = CALL, headers = [KEY, JSON_TYPE], body = method === 'POST' ? '{}' : '' }: Asked,
  prefix = '',
): string {
  const target = at.startsWith('http') ? at.replace(/^(https?:\/\/[^/]+)/, `$1${prefix}`) : `${prefix}${at}`;
  const framing = headers.some((header) => /^(?:content-length|transfer-encoding):/i.test(header))
    ? []
    : [`Content-Length: ${body.length}`];
  const host = headers.some((header) => header.startsWith('Host:')) ? [] : ['Host: 127.0.0.1'];
  return [`${method} ${target} HTTP/1.1`, ...host, `X-Correlation-Id: ${ID}`, ...headers, ...framing, '', body].join('\r\n');
}

const CLOSE = 'Connection: close';
/** One request after which the connection ends. */
const one = ({ headers = [KEY, JSON_TYPE], ...asked }: Asked): readonly Asked[] => [{ ...asked, headers: [...headers, CLOSE] }];
const TOO_LARGE = 1024 * 1024 + 1;
const chunked = (...chunks: readonly string[]) => [...chunks, ''].map((chunk) => `${chunk.length.toString(16)}\r\n${chunk}\r\n`).join('');

/** What is asked on one connection, and the status of each answer; undefined where the sites differ in it. */
const CASES: readonly [string, readonly Asked[], readonly number[] | undefined][] = [
  ['a result', one({}), [200]],
  ['a result as MCP has it', one({ headers: [KEY, JSON_TYPE, 'Accept: application/vnd.mcp+json'] }), [200]],
  ['an envelope', one({ path: '/v1/tools', body: '{"name":"work","arguments":{}}' }), [200]],
  ["a tool at its server's own path", one({ path: '/default/work' }), [200]],
  ['a tool at the path of the only server', one({ path: '/work' }), [200]],
  ['a body in chunks', one({ headers: [KEY, JSON_TYPE, 'Transfer-Encoding: chunked'], body: chunked('{', '}') }), [200]],
  ['no body', one({ headers: [KEY], body: '' }), [200]],
  ['a body that is asked for', one({ headers: [KEY, JSON_TYPE, 'Expect: 100-continue'] }), [200]],
  ['JSON that is none', one({ body: '{"title":' }), [400]],
  ['arguments that do not fit', one({ path: '/v1/tools/strict' }), [400]],
  ['two keys', one({ headers: [KEY, KEY, JSON_TYPE] }), [400]],
  ['a name that cannot be decoded', one({ path: '/v1/tools/%zz' }), [400]],
  ['no key', one({ headers: [JSON_TYPE] }), [401]],
  ['a wrong key', one({ headers: ['Authorization: Bearer key-of-bob', JSON_TYPE] }), [401]],
  ['a denied tool', one({ path: '/v1/tools/denied' }), [403]],
  ['a foreign page', one({ headers: [KEY, JSON_TYPE, 'Origin: https://elsewhere.example'] }), [403]],
  ['an allowed page', one({ headers: [KEY, JSON_TYPE, 'Origin: http://localhost:3000'] }), [200]],
  ['a preflight', one({ method: 'OPTIONS', headers: ['Origin: http://localhost:3000', 'Access-Control-Request-Method: POST'] }), [204]],
  ['no such tool', one({ path: '/v1/tools/worc' }), [404]],
  ['a name in other letters', one({ path: '/v1/tools/WORK' }), [404]],
  ['a name that is nothing', one({ path: '/v1/tools/' }), [400]],
  ['a name with a slash', one({ path: '/v1/tools/wo%2Frk' }), [404]],
  ['names that objects have', one({ path: '/v1/tools/__proto__' }), [404]],
  ['a name of dots', one({ path: '/v1/tools/..' }), [404]],
  ['a path below a tool', one({ path: '/v1/tools/work/more' }), [404]],
  ['a path that is nothing', one({ path: '/nothing/at/all' }), [404]],
  ['two slashes at the beginning', one({ path: '//v1/tools/work' }), [404]],
  ['two slashes in between', one({ path: '/v1/tools//work' }), [404]],
  ['a method that is not taken', one({ method: 'PUT' }), [405]],
  ['a method that nobody knows', one({ method: 'PURGE', path: '/v1/tools' }), [405]],
  ['a body that is announced too large', one({ headers: [KEY, JSON_TYPE, `Content-Length: ${TOO_LARGE}`], body: '' }), [413]],
  [
    'a body that is too large',
    one({ headers: [KEY, JSON_TYPE, 'Transfer-Encoding: chunked'], body: chunked(' '.repeat(TOO_LARGE)) }),
    [413],
  ],
  ['a body that is no JSON', one({ headers: [KEY, 'Content-Type: text/plain'] }), [415]],
  ['a compressed body', one({ headers: [KEY, JSON_TYPE, 'Content-Encoding: gzip'] }), [415]],
  ["a tool's own no", one({ path: '/v1/tools/refuses' }), [422]],
  ['a server that is away', one({ path: '/v1/tools/away' }), [503]],
  ['a percent-encoded name', one({ path: '/v1/tools/w%6Frk' }), [200]],
  ['a query', one({ path: `${CALL}?a=1&b[c]=2` }), [200]],
  ['a trailing slash', one({ path: `${CALL}/` }), [200]],
  ['a path in upper case', one({ path: '/V1/Tools/work' }), [200]],
  ['a whole URL', one({ path: `http://127.0.0.1${CALL}` }), undefined],
  ['the description of a tool', one({ method: 'GET' }), [200]],
  ['the head of it', one({ method: 'HEAD' }), [200]],
  ['the document', one({ method: 'GET', path: '/openapi.json' }), [200]],
  ['the head of the document', one({ method: 'HEAD', path: '/openapi.json' }), [200]],
  ['a document that is known', one({ method: 'GET', path: '/openapi.json', headers: [KEY, 'If-None-Match: *'] }), [304]],
  ['the page', one({ method: 'GET', path: '/docs/' }), [200]],
  ['health', one({ method: 'GET', path: '/health/live' }), [200]],
  ['a health that is none', one({ method: 'POST', path: '/health/live' }), [405]],
  [
    'requests one behind the other',
    [{}, { path: '/v1/tools/strict' }, { method: 'GET' }, { body: '{' }, { path: '/v1/tools/worc' }, { headers: [KEY, JSON_TYPE, CLOSE] }],
    [200, 400, 200, 400, 404, 200],
  ],
  [
    'beyond a limit',
    [{ headers: ['Authorization: Bearer key-of-rare', JSON_TYPE] }, ...one({ headers: ['Authorization: Bearer key-of-rare', JSON_TYPE] })],
    [200, 429],
  ],
];

describe.each(SITES)('[P2] a gateway %s answers alike', (_site, { settings, prefix }) => {
  let server: RawMcpServer;
  let folder: string;
  let plain: Variant;
  const variants = new Map<string, Variant>();
  const held: Exchange[] = [];

  const start = async (shortcuts: Shortcuts): Promise<Variant> => {
    const log: Variant['log'] = [];
    const write = (line: string) => void log.push({ ...(JSON.parse(line) as Record<string, unknown>), time: '' });
    const on = { adapter: new FastExpressAdapter(shortcuts), logger: createLogger('info', { write }) };
    const environment = { API_KEYS_FILE: path.join(folder, 'keys.json'), MAX_CONNECTIONS: `${MAX_CONNECTIONS}` };
    const gateway = await startGatewayHere(environment, [httpUpstream(server.url)], settings, on);
    await until('the tools are listed', () => gateway.app.get(ToolCatalog).snapshot().unlisted.length === 0);
    return { gateway, log };
  };

  beforeAll(async () => {
    folder = mkdtempSync(path.join(tmpdir(), 'mcpo-shortcuts-'));
    writeFileSync(path.join(folder, 'keys.json'), JSON.stringify(KEYS));
    const calls: Record<string, (exchange: Exchange) => unknown> = {
      refuses: (exchange) => exchange.result({ ...(textResult('No.') as object), isError: true }),
      away: (exchange) => exchange.send(503, '', { 'retry-after': '31' }),
      hold: (exchange) => held.push(exchange),
    };
    server = await RawMcpServer.start({
      tools: [...['work', 'denied', ...Object.keys(calls)].map((name) => toolOf(name)), STRICT],
      on: { 'tools/call': (exchange) => (calls[exchange.message.params?.name ?? ''] ?? ((call) => call.result()))(exchange) },
    });
    plain = await start(NONE);
    for (const [name, shortcuts] of SOME) variants.set(name, await start(shortcuts));
  });
  afterAll(async () => {
    for (const { gateway } of [plain, ...variants.values()]) await gateway.close();
    await server.stop();
    rmSync(folder, { recursive: true });
  });
  afterEach(() => jest.restoreAllMocks());

  const connect = ({ gateway }: Variant): net.Socket => {
    const { port } = gateway.app.getHttpServer().address() as AddressInfo;
    return settings.tls ? tls.connect({ port, host: '127.0.0.1', rejectUnauthorized: false }) : net.connect(port, '127.0.0.1');
  };
  /** All that comes until the gateway closes. */
  const exchange = (variant: Variant, asked: readonly Asked[]): Promise<string> =>
    new Promise((resolve, reject) => {
      const socket = connect(variant).on('error', reject);
      const chunks: Buffer[] = [];
      socket.on('data', (chunk: Buffer) => chunks.push(chunk)).on('close', () => resolve(Buffer.concat(chunks).toString()));
      socket.write(asked.map((each) => bytesOf(each, prefix)).join(''));
    });
  /** Answers and lines of the log, without what the time makes of them. */
  const seen = async (variant: Variant, asked: readonly Asked[]) => {
    const { log } = variant;
    log.length = 0;
    const text = await exchange(variant, asked);
    const lines = () => log.filter(({ msg }) => msg === 'request');
    await until('all are logged', () => lines().length >= asked.length);
    return { text: timeless(text), lines: lines().map((line) => ({ ...line, duration_ms: 0, translation_ms: 0, upstream_ms: 0 })) };
  };
  const expectAlike = async (asked: readonly Asked[], statuses?: readonly number[]) => {
    const without = await seen(plain, asked);
    const given = [...without.text.matchAll(/HTTP\/1\.1 ([2-5]\d\d) /g)].map(([, status]) => Number(status));
    expect(given).toEqual(statuses ?? [expect.any(Number)]);
    for (const [name, variant] of variants) expect([name, await seen(variant, asked)]).toEqual([name, without]);
  };

  it.each(CASES)('with and without each shortcut: %s', (_, asked, statuses) => expectAlike(asked, statuses));

  it('with and without each shortcut: a failure of its own', async () => {
    jest.spyOn(CallRecords.prototype, 'answered').mockImplementation(() => {
      throw new Error('a bug');
    });
    await expectAlike(one({}), [500]);
  });

  it('with and without each shortcut: while no place is free', async () => {
    const answers: Awaited<ReturnType<typeof seen>>[] = [];
    for (const variant of [plain, ...variants.values()]) {
      const holding = Array.from({ length: MAX_CONNECTIONS }, () => exchange(variant, one({ path: '/v1/tools/hold' })));
      await until('the server has them', () => held.length === MAX_CONNECTIONS);
      answers.push(await seen(variant, one({})));
      for (const call of held.splice(0)) call.result();
      await Promise.all(holding);
    }
    expect(answers[0]?.text).toMatch(/^HTTP\/1\.1 503 /);
    expect(answers).toEqual(answers.map(() => answers[0]));
  });
});

/** Without dates, and without the seconds until a limit lets a call pass. */
function timeless(text: string): string {
  return text
    .replace(/^Date: .*\r\n/gm, '')
    .replace(/(?<=^(?:X-RateLimit-Reset|Retry-After): )\d+/gm, 'N')
    .replace(/(?<=;t=)\d+|(?<="retry_after":)\d+|(?<=try again in )\d+/g, 'N');
}

describe('[P2] the shortcuts are taken', () => {
  const closing = closesAfterEach();
  afterEach(() => jest.restoreAllMocks());

  /** Whether Express looks for the route of a request, whether Nest handles it, and whether Express gives it another prototype. */
  const asked = async (shortcuts: Shortcuts, path: string, method: string) => {
    const server = closing(await RawMcpServer.start());
    const gateway = closing(await startGatewayHere({}, [httpUpstream(server.url)], {}, { adapter: new FastExpressAdapter(shortcuts) }));
    await until('the tools are listed', () => gateway.app.get(ToolCatalog).snapshot().unlisted.length === 0);
    const handle = jest.spyOn((gateway.app.getHttpAdapter().getInstance() as Express).router as unknown as { handle(): void }, 'handle');
    const handled = jest.spyOn(CorrelationInterceptor.prototype, 'run');
    let born: object | undefined;
    let later: object | undefined;
    const note = (message: IncomingMessage) => {
      born = Object.getPrototypeOf(message) as object;
      message.once('close', () => (later = Object.getPrototypeOf(message) as object));
    };
    (gateway.app.getHttpServer() as Server).prependListener('request', note);
    expect((await request(gateway.url, path, { method, headers: { 'content-type': 'application/json' } })).status).toBe(200);
    await until('the request is over', () => later !== undefined);
    return { isRouted: handle.mock.calls.length > 0, isNests: handled.mock.calls.length > 0, keepsPrototype: later === born };
  };

  it.each<[Shortcuts, string, string, object]>([
    [
      { bornWithPrototypes: true, directRoutes: true, lanes: true },
      'POST',
      CALL,
      { isRouted: false, isNests: false, keepsPrototype: true },
    ],
    [
      { bornWithPrototypes: true, directRoutes: true, lanes: false },
      'POST',
      CALL,
      { isRouted: false, isNests: true, keepsPrototype: true },
    ],
    [{ bornWithPrototypes: true, directRoutes: true, lanes: true }, 'GET', CALL, { isRouted: true, isNests: true, keepsPrototype: true }],
    [{ bornWithPrototypes: true, directRoutes: false, lanes: true }, 'POST', CALL, { isRouted: true, isNests: true, keepsPrototype: true }],
    [
      { bornWithPrototypes: false, directRoutes: true, lanes: true },
      'POST',
      CALL,
      { isRouted: true, isNests: true, keepsPrototype: false },
    ],
    [NONE, 'POST', CALL, { isRouted: true, isNests: true, keepsPrototype: false }],
  ])('where there are these: %j, by %s %s', async (shortcuts, method, at, expected) => {
    expect(await asked(shortcuts, at, method)).toEqual(expected);
  });
});
