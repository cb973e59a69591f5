import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { setTimeout as sleep } from 'node:timers/promises';
import type { HttpUpstreamSettings } from '../src/config/upstream-settings.js';
import { closesAfterEach } from './support/ends.js';
import { type GatewayHere, httpUpstream, startGatewayHere } from './support/gateway.js';
import { type Exchange, RawMcpServer, type RawServerOptions, toolOf } from './support/raw-mcp-server.js';
import { freePort } from './support/network/free-port.js';
import { startEverything } from './support/installed/server-everything.js';
import { callTool, errorOf, publishedTools, untilPublished } from './support/tool-requests.js';
import { until } from './support/until.js';

describe('an HTTP upstream that comes and goes', () => {
  const closing = closesAfterEach();
  afterEach(() => jest.restoreAllMocks());

  const startServer = async (options: RawServerOptions = {}) => closing(await RawMcpServer.start(options));
  const startGateway = async (url: string, environment: Record<string, string> = {}, more: Partial<HttpUpstreamSettings> = {}) =>
    closing(await startGatewayHere(environment, [httpUpstream(url, more)]));

  const start = async (options: RawServerOptions = {}, environment: Record<string, string> = {}) => {
    const server = await startServer(options);
    const gateway = await startGateway(server.url, environment);
    await untilPublished(gateway, 'work');
    return { server, gateway };
  };

  const untilAnswered = (gateway: GatewayHere) => until('a call is answered', async () => (await callTool(gateway, 'work')).status === 200);

  const noGet = (status: number) => ({ on: { GET: (exchange: Exchange) => exchange.send(status) } });

  const notReached = errorOf({
    type: 'upstream_unavailable',
    message: 'Service temporarily unavailable',
    details: { server: 'default', reason: 'The MCP server has not been reached yet, so its tools are not known.' },
    retry_after: expect.any(Number),
  });

  const unreachable = errorOf({
    type: 'upstream_unavailable',
    message: 'Service temporarily unavailable',
    details: { server: 'default', reason: 'The MCP server cannot be reached; the tool did not run.' },
    retry_after: expect.any(Number),
  });

  it('[E1][E8] offers gateway_status while the server is down at start, and its tools once it is up', async () => {
    const absent = await RawMcpServer.start();
    const { port, url } = absent;
    await absent.stop();
    const gateway = await startGateway(url);

    await expect(publishedTools(gateway)).resolves.toEqual(['gateway_status']);
    const early = await callTool(gateway, 'work');
    expect(early).toMatchObject({ status: 503, body: notReached });
    expect(early.headers.get('retry-after')).toMatch(/^[1-9]\d*$/);
    const reason = expect.stringContaining('ECONNREFUSED') as unknown;
    const status = await until('the reason is known', async () => {
      const { body } = await callTool(gateway, 'gateway_status');
      return JSON.stringify(body).includes('ECONNREFUSED') && body;
    });
    expect(status).toEqual({
      message: expect.any(String),
      servers: [{ name: 'default', state: 'degraded', since: expect.any(String), reason }],
    });

    await startServer({ port });
    await untilPublished(gateway, 'work');
    await expect(publishedTools(gateway)).resolves.toEqual(['work']);
    await expect(callTool(gateway, 'work')).resolves.toMatchObject({ status: 200, body: 'done' });
    await expect(callTool(gateway, 'gateway_status')).resolves.toMatchObject({ status: 404 });
  });

  it('[E1][E8][P4] answers 503 and keeps the document while the server is away, and goes on when it is back', async () => {
    const { server, gateway } = await start();
    await server.stop();

    const answers = await Promise.all(Array.from({ length: 5 }, () => callTool(gateway, 'work')));
    for (const answer of answers) {
      expect(answer).toMatchObject({ status: 503, body: unreachable });
      expect(answer.headers.get('retry-after')).toMatch(/^[1-9]\d*$/);
    }
    await expect(publishedTools(gateway)).resolves.toEqual(['work']);

    await startServer({ port: server.port, tools: [toolOf('work'), toolOf('more')] });
    await untilAnswered(gateway);
    await untilPublished(gateway, 'more');
  });

  /** Each server forgets its sessions; what differs is how it says so, and whether anybody is told. */
  it.each<[string, RawServerOptions]>([
    ['one with a GET stream', {}],
    ['one that says 400 to sessions that it does not know', { unknownSession: 400 }],
    ['one without a GET stream', noGet(405)],
    ['one without a GET stream that says 400', { ...noGet(405), unknownSession: 400 }],
    ['one without sessions', { sessions: false }],
  ])('[AC5][P4] finds a server again that was started anew at once, and its new tools: %s', async (_, options) => {
    const { server, gateway } = await start(options, { CACHE_TTL: '1' });
    await expect(callTool(gateway, 'work')).resolves.toMatchObject({ status: 200 });
    await server.stop();
    await startServer({ ...options, port: server.port, tools: [toolOf('work'), toolOf('more')] });
    await untilAnswered(gateway);
    await untilPublished(gateway, 'more');
  });

  it('[AC5][P4] finds server-everything again that was killed and started anew on its port', async () => {
    const port = await freePort();
    const first = closing(await startEverything(port));
    const gateway = await startGateway(`http://127.0.0.1:${port}/mcp`);
    const called = async () => (await callTool(gateway, 'echo', { message: 'hello' })).status;
    await until('a call is answered', async () => (await called()) === 200);
    await first.stop();
    closing(await startEverything(port));
    await until('a call is answered again', async () => (await called()) === 200);
  });

  it('[AC5] connects anew when the server says 400 to the session of a call', async () => {
    const { server, gateway } = await start({ ...noGet(405), unknownSession: 400 });
    server.sessions.clear();
    await expect(callTool(gateway, 'work')).resolves.toMatchObject({ status: 502 });
    await untilAnswered(gateway);
  });

  /** A refusal of the session, as the servers of several SDKs word it in place of HTTP 404. */
  const refusal = (status: number, body: string) => (exchange: Exchange) =>
    exchange.send(status, body, { 'content-type': 'application/json' });
  const rpcRefusal = (id: string | null, message: string) => JSON.stringify({ jsonrpc: '2.0', error: { code: -32_000, message }, id });

  it.each<[string, (exchange: Exchange) => void]>([
    ['400 about no request', refusal(400, rpcRefusal(null, 'Bad Request: No valid session ID provided'))],
    ['400 of a server that was started anew', refusal(400, rpcRefusal(null, 'Bad Request: Server not initialized'))],
    ['400 about a request of its own', refusal(400, rpcRefusal('server-error', 'Session not found'))],
    ['400 about the call', (exchange) => refusal(400, rpcRefusal(exchange.message.id as string, 'Invalid session ID'))(exchange)],
    ['401', refusal(401, 'Unauthorized: Session not found')],
    ['403', refusal(403, 'Unknown session')],
    ['410', refusal(410, 'Session expired')],
    ['422', refusal(422, 'Unexpected message, expect initialize request')],
  ])(
    '[AC5][E1] opens a session anew, and makes the call, that a server without a GET stream refuses by words: %s',
    async (_, unknownSession) => {
      const server = await startServer({ ...noGet(405), unknownSession });
      const gateway = await startGateway(server.url, {}, { forwardHeaders: ['x-user'] });
      await untilPublished(gateway, 'work');
      const asUser = { headers: { 'x-user': 'ann' } };
      await expect(callTool(gateway, 'work', {}, asUser)).resolves.toMatchObject({ status: 200 });
      server.sessions.clear();
      const before = server.received('initialize').length;
      await expect(callTool(gateway, 'work')).resolves.toMatchObject({ status: 200, body: 'done' });
      await expect(callTool(gateway, 'work', {}, asUser)).resolves.toMatchObject({ status: 200, body: 'done' });
      expect(server.received('initialize')).toHaveLength(before + 2);
    },
  );

  it.each<[string, number, (exchange: Exchange) => void]>([
    ['an error of JSON-RPC', 400, (exchange) => exchange.error(-32_602, 'Invalid or expired session')],
    ['HTTP 500', 502, refusal(500, 'The session of the database is closed.')],
    ['HTTP 503', 503, refusal(503, rpcRefusal(null, 'Session not found. Please re-initialize.'))],
  ])('[AC5] connects anew when %s speaks of a session, and does not make the call again by itself', async (_, status, unknownSession) => {
    const { server, gateway } = await start({ ...noGet(405), unknownSession });
    server.sessions.clear();
    await expect(callTool(gateway, 'work')).resolves.toMatchObject({ status });
    expect(server.received('tools/call')).toHaveLength(1);
    await untilAnswered(gateway);
  });

  it.each([
    [421, 'Invalid Host header', 'degraded', 'The MCP server answered HTTP 421: Invalid Host header'],
    [503, '{"error":"maintenance"}', 'degraded', 'The MCP server answered HTTP 503: maintenance'],
    [500, '<html>no</html>', 'degraded', 'The MCP server answered HTTP 500'],
    [
      403,
      rpcRefusal(null, 'Invalid Host: mcp:3000'),
      'needs_auth',
      'The MCP server wants credentials before it lists its tools (HTTP 403: Invalid Host: mcp:3000): give it some of its own in "headers" or MCP_HEADERS, or name what callers bring in "forwardHeaders".',
    ],
    [500, `${'-'.repeat(440)}${'CANARY'.repeat(20)}`, 'degraded', `The MCP server answered HTTP 500: ${'-'.repeat(440)}[hidden]`],
  ])('[AC3][E8][S6] tells its operator why a server refuses to be connected to: %d, %s', async (status, body, state, lastError) => {
    const refuse = (exchange: Exchange) => {
      exchange.send(status, body);
      return false;
    };
    const server = await startServer({ guard: refuse });
    const gateway = await startGateway(server.url, {}, { headers: { authorization: `Bearer ${'CANARY'.repeat(20)}` } });
    const report = async () => ((await (await fetch(`${gateway.url}/v1/servers`)).json()) as { servers: object[] }).servers[0];
    await until('it was tried', async () => 'lastError' in ((await report()) ?? {}));
    expect(await report()).toMatchObject({ state, lastError });
  });

  it('[AC3] tells the status of a refusal that speaks of a session where no other can be opened', async () => {
    const { server, gateway } = await start({ ...noGet(405), unknownSession: refusal(403, 'Your session has expired: sign in.') });
    server.on.initialize = (exchange) => exchange.send(403);
    server.sessions.clear();
    await expect(callTool(gateway, 'work')).resolves.toMatchObject({
      status: 403,
      body: errorOf({
        type: 'permission_error',
        message:
          'The MCP server "default" refused the call (HTTP 403), which came without credentials; it may want some that whoever runs the gateway gives it.',
        details: { reason: 'upstream_credentials', server: 'default' },
      }),
    });
  });

  it('[AC5][P4] lets a call wait for the next connection while the last one is being closed', async () => {
    const { server, gateway } = await start();
    const [stream] = await until('the stream', () => (server.openStreams.size > 0 ? [...server.openStreams] : undefined));
    server.on.GET = (exchange) => exchange.send(404);
    server.on.DELETE = () => undefined;
    stream?.end();
    await until('the goodbye that nobody answers', () => server.received('DELETE').length > 0);
    await expect(callTool(gateway, 'work')).resolves.toMatchObject({ status: 200, body: 'done' });
  });

  it('[AC5] keeps one connection to a server that has no GET route at all', async () => {
    const { server, gateway } = await start(noGet(404));
    await until('the stream was asked for', () => server.received('GET').length > 0);
    // Longer than the longest pause before the first attempt to connect anew.
    await sleep(1_000);
    await expect(callTool(gateway, 'work')).resolves.toMatchObject({ status: 200 });
    expect(server.received('initialize')).toHaveLength(2);
    expect(server.received('GET')).toHaveLength(2);
  });

  it('[AC5][P4] opens sessions of a server that forgets each at once after growing pauses, and calls on when it keeps one', async () => {
    let forgets = true;
    const { server, gateway } = await start({
      on: {
        'tools/call': (exchange) => {
          if (!forgets) return exchange.result();
          server.sessions.delete(exchange.sessionId as string);
          exchange.send(404);
        },
      },
    });
    const before = server.received('initialize').length;
    const began = performance.now();
    for (let call = 0; call < 4; call += 1) expect((await callTool(gateway, 'work')).status).toBe(502);
    // None, a quarter of a second, twice as long, twice as long.
    expect(performance.now() - began).toBeGreaterThan(1_700);
    expect(server.received('initialize')).toHaveLength(before + 4);
    forgets = false;
    expect((await callTool(gateway, 'work')).status).toBe(200);
    expect((await callTool(gateway, 'work')).status).toBe(200);
    expect(server.received('initialize')).toHaveLength(before + 5);
  });

  it('[AC5] opens the standing stream again when it ends, on the same session', async () => {
    const { server } = await start();
    const [stream] = await until('the streams', () => (server.openStreams.size === 2 ? [...server.openStreams] : undefined));
    stream?.end();
    await until('the next stream', () => server.received('GET').length === 3 && server.openStreams.size === 2);
    expect(server.received('initialize')).toHaveLength(2);
    const [ofDiscovery, ofCalls, again] = server.received('GET').map(({ sessionId }) => sessionId);
    expect(again).toBe(ofDiscovery);
    expect(ofCalls).not.toBe(ofDiscovery);
  });

  it('[AC5] leaves nothing behind at a server that opens no second session', async () => {
    let asked = 0;
    const server = await startServer({
      on: {
        initialize: (exchange) =>
          ++asked % 2 === 0 ? exchange.send(500) : exchange.result(server.introduction(exchange), server.newSession()),
      },
    });
    const gateway = await startGateway(server.url);
    await until('four attempts', () => asked >= 8);
    // The goodbye of the attempt before may still be on its way.
    await until('one session at the most', () => server.openStreams.size <= 1 && server.sessions.size <= 1);
    await gateway.close();
    await until('no session', () => server.sessions.size === 0);
  });

  it('[E2] tries a call three times in all to connect, and executes it once', async () => {
    const { server, gateway } = await start(noGet(405));
    await server.stop();
    // The pauses between the tries as long as they can be.
    jest.spyOn(Math, 'random').mockReturnValue(0.999);
    let refused = 0;
    let again: Promise<RawMcpServer> | undefined;
    const onRefused = () => {
      refused += 1;
      again ??= startServer({ ...noGet(405), port: server.port });
    };
    subscribe('undici:client:connectError', onRefused);
    const answer = await callTool(gateway, 'work').finally(() => unsubscribe('undici:client:connectError', onRefused));
    expect(answer).toMatchObject({ status: 200, body: 'done' });
    expect(refused).toBeGreaterThanOrEqual(1);
    expect(
      (await again)?.received('tools/call').filter(({ sessionId, response }) => sessionId && response.statusCode === 200),
    ).toHaveLength(1);
  });

  it('[E2] gives up after the third try', async () => {
    const { server, gateway } = await start(noGet(405));
    await server.stop();
    let refused = 0;
    const onRefused = () => void (refused += 1);
    subscribe('undici:client:connectError', onRefused);
    const answer = await callTool(gateway, 'work').finally(() => unsubscribe('undici:client:connectError', onRefused));
    expect(answer).toMatchObject({ status: 503, body: unreachable });
    // A fourth is the attempt to connect anew, which begins when the third has failed.
    expect(refused).toBeGreaterThanOrEqual(3);
    expect(refused).toBeLessThanOrEqual(4);
  });

  it('[E2] sends no call whose caller left while there was no connection', async () => {
    const { server, gateway } = await start();
    await server.stop();
    await until('the loss is noticed', async () => (await (await fetch(`${gateway.url}/health/mcp`)).text()).includes('"status":"down"'));
    let release: () => void = () => undefined;
    const held = new Promise<void>((resolve) => (release = resolve));
    const again = await startServer({
      port: server.port,
      on: {
        initialize: async (exchange) => {
          await held;
          exchange.result(again.introduction(exchange), again.newSession());
        },
      },
    });
    const leaving = new AbortController();
    const left = callTool(gateway, 'work', { from: 'who left' }, { signal: leaving.signal }).catch((error: Error) => error.name);
    await until('the attempt to connect', () => again.received('initialize').length > 0);
    leaving.abort();
    await expect(left).resolves.toBe('AbortError');
    release();
    await untilAnswered(gateway);
    expect(again.received('tools/call').map(({ message }) => message.params?.arguments)).not.toContainEqual({ from: 'who left' });
  });

  it('[AC5] stops at once while a server lets it wait for the handshake', async () => {
    const server = await startServer({ on: { 'server/discover': () => undefined, initialize: () => undefined } });
    const gateway = await startGateway(server.url);
    await until('the handshake', () => server.exchanges.length > 0);
    const from = performance.now();
    await gateway.close();
    expect(performance.now() - from).toBeLessThan(5_000);
  });

  it('[P6] holds at most 50 connections at 100 concurrent calls, standing streams included', async () => {
    const waiting: Exchange[] = [];
    const { server, gateway } = await start({ on: { 'tools/call': (exchange) => void waiting.push(exchange) } });
    await until('the streams', () => server.openStreams.size === 2);
    const answers = Promise.all(Array.from({ length: 100 }, () => callTool(gateway, 'work')));
    await until('42 calls at once', () => waiting.length === 42);
    await sleep(300);
    expect(waiting).toHaveLength(42);
    expect(server.peakSockets).toBeLessThanOrEqual(50);
    const timer = setInterval(() => waiting.splice(0).forEach((exchange) => exchange.result()), 5);
    expect((await answers).map(({ status }) => status)).toEqual(Array(100).fill(200));
    clearInterval(timer);
    expect(server.received('tools/call')).toHaveLength(100);
    expect(server.peakSockets).toBeLessThanOrEqual(50);
    expect(server.openStreams.size).toBe(2);
  });
});
