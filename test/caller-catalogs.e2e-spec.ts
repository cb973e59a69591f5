import type { HttpUpstreamSettings } from '../src/config/upstream-settings.js';
import { EVERY_NAME } from '../src/config/name-patterns.js';
import type { Settings } from '../src/config/settings.js';
import { MAX_OPENING } from '../src/discovery/callers/caller-catalogs.service.js';
import { McpClient } from '../src/mcp-client/mcp-client.service.js';
import { closesAfterEach } from './support/ends.js';
import { errorAnswer, get, post, told } from './support/exchange.js';
import { httpUpstream, startGatewayHere } from './support/gateway.js';
import { type Exchange, RawMcpServer, textResult, toolOf } from './support/raw-mcp-server.js';
import { until } from './support/until.js';

const TOKEN = 'x-teams-auth-token';
const withToken = (value: string) => ({ [TOKEN]: value });
const ANN = withToken('token-of-ann');
const BOB = withToken('token-of-bob');
const EVE = withToken('token-of-eve');
const WORK = { name: 'work', inputSchema: { type: 'object' } };

const said = ({ [TOKEN]: token }: Headers) => JSON.stringify(token);

type Headers = Readonly<Record<string, string>>;

const isOf =
  (caller: Headers) =>
  ({ headers }: Exchange): boolean =>
    headers[TOKEN] === caller[TOKEN];

describe('lists of tools that a server tells only to callers with credentials', () => {
  const closing = closesAfterEach();

  /** A server that knows Ann and Bob, each with tools of their own, and tells nothing to others. */
  const locked = async (openHandshake = false) => {
    const tools = new Map<unknown, unknown[]>([
      [ANN[TOKEN], [{ ...WORK, description: "Ann's work" }, toolOf('of_ann')]],
      [BOB[TOKEN], [{ ...WORK, description: "Bob's work" }, toolOf('of_bob')]],
    ]);
    const server = closing(
      await RawMcpServer.start({
        guard: (exchange) => {
          const isKnown = tools.has(exchange.headers[TOKEN]);
          const isOpen = openHandshake && exchange.message.method !== 'tools/list' && exchange.message.method !== 'tools/call';
          if (!isKnown && !isOpen) exchange.send(401, `refused ${String(exchange.headers[TOKEN])}`);
          return isKnown || isOpen;
        },
        on: {
          'tools/list': (exchange: Exchange) => exchange.result({ tools: tools.get(exchange.headers[TOKEN]) }),
          'tools/call': (exchange: Exchange) => exchange.result(textResult(String(exchange.headers[TOKEN]))),
        },
      }),
    );
    const listsOf = (caller: Headers) => server.received('tools/list').filter(isOf(caller)).length;
    return { server, tools, listsOf };
  };

  const start = async (
    more: Partial<HttpUpstreamSettings> = {},
    environment: Headers = {},
    { openHandshake = false, ...settingsBeside }: Partial<Settings> & { openHandshake?: boolean } = {},
  ) => {
    const known = await locked(openHandshake);
    const open = closing(await RawMcpServer.start());
    const settings = { name: 'locked', forwardHeaders: [TOKEN], ...more };
    const upstreams = [httpUpstream(known.server.url, settings), httpUpstream(open.url, { name: 'open' })];
    const gateway = closing(await startGatewayHere(environment, upstreams, { naming: 'prefixed', ...settingsBeside }));
    const report = async (headers: Headers = {}) => {
      const { servers } = JSON.parse((await get(gateway.url, '/v1/servers', headers)).text) as { servers: { name: string }[] };
      return servers.find(({ name }) => name === 'locked');
    };
    const document = async (headers: Headers = {}, path = '/openapi.json') => {
      const { text } = await get(gateway.url, path, headers);
      return Object.keys((JSON.parse(text) as { paths: object }).paths).map((key) => key.slice(key.lastIndexOf('/') + 1));
    };
    const call = async (tool: string, headers: Headers = {}) => told(await post(gateway.url, `/v1/tools/${tool}`, {}, headers));
    await until('it is reported', async () => ((await report()) as { state?: string }).state === 'needs_auth');
    await until('the other is listed', async () => (await document()).includes('open_work'));
    return { ...known, open, gateway, report, document, call };
  };

  it.each([
    ['a session', false],
    ['a list', true],
  ])('[S7] are shown to each of them apart, where it refuses %s without', async (_, openHandshake) => {
    const { report, document, gateway, open } = await start({}, {}, { openHandshake });
    expect(await document(ANN)).toEqual(['locked_work', 'locked_of_ann', 'open_work']);
    expect(await document(BOB)).toEqual(['locked_work', 'locked_of_bob', 'open_work']);
    for (const headers of [{}, EVE]) expect(await document(headers)).toEqual(['open_work']);
    expect(await document(ANN, '/locked/openapi.json')).toEqual(['work', 'of_ann']);
    expect(await document(BOB, '/locked/openapi.json')).toEqual(['work', 'of_bob']);
    expect(await document({}, '/locked/openapi.json')).toEqual(['gateway_status']);
    expect(await report(ANN)).toMatchObject({ state: 'needs_auth', tools: 2 });
    expect(await report()).toMatchObject({ state: 'needs_auth', tools: 0 });
    const description = async (headers: Headers, format: string) =>
      (await get(gateway.url, `/v1/tools/locked_work?format=${format}`, headers)).text;
    for (const format of ['mcp', 'openapi']) {
      expect(await description(ANN, format)).toContain("Ann's work");
      expect(await description(BOB, format)).toContain("Bob's work");
      expect(await description({}, format)).not.toMatch(/Ann|Bob/);
    }
    expect(JSON.stringify(open.exchanges.map(({ headers }) => headers))).not.toContain('token-of');
  });

  it('[S7] are asked for once for each of them, however many requests there are', async () => {
    const { document, listsOf, call } = await start();
    const requests = Array.from({ length: 20 }, (_, index) => [ANN, BOB][index % 2] as Headers);
    const answers = await Promise.all(requests.map((headers, index) => (index < 10 ? document(headers) : call('locked_work', headers))));
    expect(answers[0]).toEqual(['locked_work', 'locked_of_ann', 'open_work']);
    expect(answers[1]).toEqual(['locked_work', 'locked_of_bob', 'open_work']);
    expect(answers[18]).toMatchObject({ status: 200, text: said(ANN) });
    expect(answers[19]).toMatchObject({ status: 200, text: said(BOB) });
    await document(ANN);
    expect([listsOf(ANN), listsOf(BOB)]).toEqual([1, 1]);
  });

  it('[S7] are learnt by a call, and the call goes with the credentials of who makes it; nobody calls what others see', async () => {
    const { call, listsOf, server } = await start();
    expect(await call('locked_of_ann', ANN)).toMatchObject({ status: 200, text: said(ANN) });
    expect(await call('locked_of_ann', BOB)).toMatchObject(
      errorAnswer(404, {
        type: 'tool_not_found',
        message: 'There is no tool "locked_of_ann". Did you mean locked_of_bob?',
        details: { tool: 'locked_of_ann', closest: ['locked_of_bob'] },
      }),
    );
    expect(await call('locked_of_ann')).toMatchObject({ status: 503 });
    expect(await call('locked_of_ann', EVE)).toMatchObject(
      errorAnswer(403, {
        type: 'permission_error',
        message: 'The MCP server "locked" refused the credentials that came with the call: it lists no tools for them.',
        details: { reason: 'upstream_credentials', server: 'locked' },
      }),
    );
    expect(await call('open_work', EVE)).toMatchObject({ status: 200 });
    expect(server.received('tools/call').map(({ headers }) => headers[TOKEN])).toEqual([ANN[TOKEN]]);
    expect([listsOf(ANN), listsOf(BOB)]).toEqual([1, 1]);
  });

  it('[S7] are kept by no cache that others share', async () => {
    const { gateway } = await start();
    for (const path of ['/openapi.json', '/v1/tools', '/v1/tools/open_work', '/locked/openapi.json'])
      for (const headers of [ANN, {}]) {
        const answer = await get(gateway.url, path, headers);
        expect([answer.headers['cache-control'], answer.headers.vary]).toEqual([
          'private, no-cache',
          expect.stringMatching(/Authorization, x-teams-auth-token/),
        ]);
      }
  });

  it('[S7] of a single server are shown under bare names in place of gateway_status', async () => {
    const { server } = await locked();
    const gateway = closing(await startGatewayHere({ MCP_SERVER_URL: server.url }));
    const names = async (headers: Headers = {}) =>
      Object.keys((JSON.parse((await get(gateway.url, '/openapi.json', headers)).text) as { paths: object }).paths);
    await until('it is refused', () => gateway.app.get(McpClient).upstreams[0]?.asksCallers === true);
    expect(await names(ANN)).toEqual(['/v1/tools/work', '/v1/tools/of_ann']);
    expect(await names()).toEqual(['/v1/tools/gateway_status']);
    expect(await post(gateway.url, '/of_bob', {}, BOB)).toMatchObject({ status: 200, text: said(BOB) });
    expect(await post(gateway.url, '/v1/tools', { name: 'of_bob', arguments: {} }, BOB)).toMatchObject({ status: 200, text: said(BOB) });
  });

  it('[S7] are not asked for by callers who may not use the server', async () => {
    const servers = { allow: ['open'], deny: [] };
    const roles = new Map([['anonymous', { servers, tools: EVERY_NAME }]]);
    const { server } = await locked();
    const open = closing(await RawMcpServer.start());
    const upstreams = [httpUpstream(server.url, { name: 'locked', forwardHeaders: [TOKEN] }), httpUpstream(open.url, { name: 'open' })];
    const gateway = closing(await startGatewayHere({}, upstreams, { naming: 'prefixed', roles }));
    await until('it is refused', () => gateway.app.get(McpClient).upstreams[0]?.asksCallers === true);
    expect((await get(gateway.url, '/openapi.json', ANN)).text).not.toContain('of_ann');
    expect(await post(gateway.url, '/v1/tools/locked_of_ann', {}, ANN)).toMatchObject({ status: 404 });
    expect(server.exchanges.filter(({ headers }) => TOKEN in headers)).toEqual([]);
  });

  it('[S7] are asked for on no other origin that the server sends to', async () => {
    const other = closing(await RawMcpServer.start());
    const { document, server } = await start();
    server.on.initialize = (exchange) => exchange.send(307, '', { location: other.url });
    expect(await document(ANN)).toEqual(['open_work']);
    expect(other.exchanges).toEqual([]);
  });

  it('[S7] of callers beyond those whose credentials are being tried are left out at once', async () => {
    const { document, server, tools, call } = await start();
    const trying = Array.from({ length: MAX_OPENING }, (_, index) => withToken(`token-${index}`));
    for (const headers of trying) tools.set(headers[TOKEN], []);
    let answer: () => void = () => undefined;
    const held = new Promise<void>((resolve) => (answer = resolve));
    const usual = server.on.initialize as (exchange: Exchange) => unknown;
    server.on.initialize = async (exchange) => {
      if (exchange.headers[TOKEN] !== ANN[TOKEN]) await held;
      usual(exchange);
    };
    const tried = Promise.all(trying.map((headers) => document(headers)));
    await until(
      'all are being tried',
      () => new Set(server.received('initialize').map(({ headers }) => headers[TOKEN])).size >= MAX_OPENING,
    );
    expect(await document(ANN)).toEqual(['open_work']);
    expect(await call('locked_work', ANN)).toMatchObject({ status: 503 });
    answer();
    await tried;
    expect(await document(ANN)).toContain('locked_work');
  });

  it('[S7] are gone, and asked for anew, when the server takes the credentials no more', async () => {
    const { tools, call, document, server } = await start();
    expect(await document(ANN)).toContain('locked_of_ann');
    const ofAnn = tools.get(ANN[TOKEN]) as unknown[];
    tools.delete(ANN[TOKEN]);
    expect(await call('locked_of_ann', ANN)).toMatchObject({ status: 403 });
    expect(await document(ANN)).toEqual(['open_work']);
    tools.set(ANN[TOKEN], ofAnn);
    expect(await document(ANN)).toContain('locked_of_ann');
    tools.set(ANN[TOKEN], [toolOf('new_to_ann')]);
    server.notify('notifications/tools/list_changed');
    await until('the new list is shown', async () => (await document(ANN)).includes('locked_new_to_ann'));
    expect(await call('locked_of_ann', ANN)).toMatchObject({ status: 404 });
  });

  it('[S7] are asked for anew when they are older than CACHE_TTL', async () => {
    const { tools, document, listsOf } = await start({}, { CACHE_TTL: '1' });
    expect(await document(ANN)).toContain('locked_of_ann');
    tools.set(ANN[TOKEN], [toolOf('newer')]);
    await until('the new list is shown', async () => (await document(ANN)).includes('locked_newer'));
    expect(listsOf(ANN)).toBeGreaterThan(1);
  });

  it('[S7] are closed with their connections when the gateway ends or the server is configured no more', async () => {
    const { gateway, document, server } = await start();
    await Promise.all([document(ANN), document(BOB)]);
    expect(server.sessions.size).toBeGreaterThan(1);
    gateway.app.get(McpClient).apply({ upstreams: [], inactiveServers: [] });
    await until('no connection is left', () => server.openSockets === 0);
  });

  it('[S7] are closed, and asked for anew, when nobody has used them for five minutes', async () => {
    jest.useFakeTimers({ doNotFake: ['setTimeout', 'clearTimeout', 'setImmediate', 'nextTick', 'queueMicrotask', 'performance', 'Date'] });
    const realNow = performance.now.bind(performance);
    const now = jest.spyOn(performance, 'now');
    try {
      const { document, server } = await start();
      const connections = (headers: Headers) => server.received('server/discover').filter(isOf(headers)).length;
      await document(ANN);
      const ofAnn = [...server.sessions];
      await document(BOB);
      now.mockImplementation(() => realNow() + 290_000);
      await document(BOB);
      now.mockImplementation(() => realNow() + 301_000);
      expect(server.sessions.size).toBeGreaterThan(ofAnn.length);
      jest.advanceTimersByTime(30_000);
      await until("Ann's is closed", () => !ofAnn.some((session) => server.sessions.has(session)));
      expect(server.sessions.size).toBeGreaterThan(0);
      await Promise.all([document(ANN), document(BOB)]);
      expect([connections(ANN), connections(BOB)]).toEqual([2, 1]);
    } finally {
      now.mockRestore();
      jest.useRealTimers();
    }
  });

  it('[S7] with shareCatalog are shown to all, and called with the credentials of each', async () => {
    const { document, call, report, listsOf, server } = await start({ shareCatalog: true });
    expect(await document()).toEqual(['open_work']);
    expect(await document(ANN)).toEqual(['locked_work', 'locked_of_ann', 'open_work']);
    for (const headers of [{}, BOB, EVE]) expect(await document(headers)).toEqual(['locked_work', 'locked_of_ann', 'open_work']);
    expect(await report()).toMatchObject({ state: 'needs_auth', tools: 2 });
    for (const headers of [ANN, BOB]) expect(await call('locked_work', headers)).toMatchObject({ status: 200, text: said(headers) });
    expect(await call('locked_work', EVE)).toMatchObject({ status: 403 });
    expect(await call('locked_work')).toMatchObject(
      errorAnswer(403, {
        type: 'permission_error',
        message: 'The MCP server "locked" wants credentials of its caller: send them with the call (x-teams-auth-token).',
        details: { reason: 'upstream_credentials', server: 'locked' },
      }),
    );
    expect([listsOf(ANN), listsOf(BOB)]).toEqual([1, 0]);
    expect(server.received('tools/call')).toHaveLength(2);
  });
});
