import type { HttpUpstreamSettings } from '../src/config/upstream-settings.js';
import { McpClient } from '../src/mcp-client/mcp-client.service.js';
import { FAILURES_TO_OPEN } from '../src/mcp-client/upstream-breaker.js';
import { closesAfterEach } from './support/ends.js';
import { errorAnswer, get, post, told } from './support/exchange.js';
import { httpUpstream, startGatewayHere } from './support/gateway.js';
import { startGateway, startPlanner } from './support/processes.js';
import { type Exchange, RawMcpServer, type RawServerOptions, textResult } from './support/raw-mcp-server.js';
import { answerTo, RawSseServer } from './support/raw-sse-server.js';
import { untilPublished } from './support/tool-requests.js';
import { until } from './support/until.js';

const TOKEN = 'x-teams-auth-token';
const FORWARDED = { forwardHeaders: [TOKEN] };
const CANARY = 'canary-4f1c9d7e';

const withToken = (value: string) => ({ [TOKEN]: value });
const tokensOf = (exchanges: readonly Exchange[]) => exchanges.map(({ headers }) => headers[TOKEN]);

/** Has the server answer those who come with the canary in another way. */
const refuseCanary = ({ on }: RawMcpServer, refuse: (exchange: Exchange) => unknown) => {
  const usual = on.initialize as (exchange: Exchange) => unknown;
  on.initialize = (exchange) => (exchange.headers[TOKEN] === CANARY ? refuse : usual)(exchange);
};

describe("callers' credentials", () => {
  const closing = closesAfterEach();

  const start = async (more: Partial<HttpUpstreamSettings> = FORWARDED, options: RawServerOptions = {}) => {
    const server = closing(await RawMcpServer.start(options));
    const gateway = closing(await startGatewayHere({}, [httpUpstream(server.url, more)]));
    await untilPublished(gateway, 'work');
    const call = (headers: Readonly<Record<string, string>> = {}) => post(gateway.url, '/v1/tools/work', {}, headers);
    return { server, gateway, call, upstream: () => gateway.app.get(McpClient).upstreams[0]?.status() };
  };

  describe('[S7][AC8] the planner that takes no call without a token', () => {
    it('knows two callers apart by their tokens, and refuses who has none in words that a model can pass on', async () => {
      const planner = await startPlanner({ env: { PLANNER_REQUIRE_TOKEN: 'true' } });
      closing({ close: () => planner.stop() });
      const gateway = await startGateway({ env: { MCP_SERVER_URL: `${planner.url}/mcp`, LOG_PAYLOADS: 'redacted', LOG_LEVEL: 'debug' } });
      closing({ close: () => gateway.stop() });
      await untilPublished(gateway, 'create_task');
      const create = async (headers: Readonly<Record<string, string>>) =>
        post(gateway.url, '/v1/tools/create_task', { title: 'a' }, headers);
      const [ann, bob, again] = await Promise.all([
        create(withToken(`${CANARY}-ann`)),
        create(withToken(`${CANARY}-bob`)),
        create(withToken(`${CANARY}-ann`)),
      ]);
      const creators = [ann, bob, again].map(({ text }) => (JSON.parse(text) as { created_by: string }).created_by);
      expect(creators[0]).toEqual(expect.stringMatching(/./));
      expect(creators[1]).not.toBe(creators[0]);
      expect(creators[2]).toBe(creators[0]);
      expect(told(await create({}))).toMatchObject(
        errorAnswer(403, {
          type: 'permission_error',
          message:
            'The MCP server "default" refused the call (HTTP 401), which came without credentials; it may want what callers send in x-teams-auth-token.',
          details: { reason: 'upstream_credentials', server: 'default' },
        }),
      );
      const sinks = [
        ...gateway.stdout,
        ...gateway.stderr,
        (await get(gateway.url, '/metrics')).text,
        (await get(gateway.url, '/v1/servers')).text,
      ];
      expect(sinks.join('\n')).not.toContain(CANARY);
    });
  });

  it('[S7][AC8] go to the server that is to have them, with the calls of that caller, and to no other', async () => {
    const [a, b] = [closing(await RawMcpServer.start()), closing(await RawMcpServer.start())];
    const upstreams = [httpUpstream(a.url, { name: 'a', ...FORWARDED }), httpUpstream(b.url, { name: 'b' })];
    const gateway = closing(await startGatewayHere({}, upstreams, { naming: 'prefixed' }));
    await untilPublished(gateway, 'b_work');
    const headers = { ...withToken(CANARY), 'x-other': CANARY, authorization: `Bearer ${CANARY}`, cookie: `session=${CANARY}` };
    for (const tool of ['a_work', 'b_work'])
      expect(await post(gateway.url, `/v1/tools/${tool}`, {}, headers)).toMatchObject({ status: 200 });
    expect(tokensOf(a.received('tools/call'))).toEqual([CANARY]);
    const seen = a.exchanges.flatMap((each) => Object.entries(each.headers).filter(([, value]) => String(value).includes(CANARY)));
    expect(new Set(seen.map(([name]) => name))).toEqual(new Set([TOKEN]));
    expect(tokensOf(a.received('tools/list'))).toEqual([undefined]);
    expect(JSON.stringify(b.exchanges.map((each) => each.headers))).not.toContain(CANARY);
  });

  describe('[S7][AC8] sessions', () => {
    it('are one for each caller, opened with their headers once and ended with them; who has none uses the shared one', async () => {
      const { server, gateway, call } = await start();
      await Promise.all([call(withToken('ann')), call(withToken('ann')), call(withToken('bob')), call(), call()]);
      const calls = server.received('tools/call');
      const sessions = (token?: string) =>
        new Set(calls.filter(({ headers }) => headers[TOKEN] === token).map(({ sessionId }) => sessionId));
      const [ann, bob, shared] = [sessions('ann'), sessions('bob'), sessions()];
      expect([ann.size, bob.size, shared.size, new Set([...ann, ...bob, ...shared]).size]).toEqual([1, 1, 1, 3]);
      expect(tokensOf(server.received('initialize')).sort()).toEqual(['ann', 'bob', undefined, undefined]);
      await gateway.close();
      expect(tokensOf(server.received('DELETE')).sort()).toEqual(['ann', 'bob', undefined, undefined]);
    });

    it('that the server forgets are opened anew with the same headers, and no other is', async () => {
      const { server, call } = await start();
      await call(withToken('ann'));
      await call(withToken('bob'));
      const [{ sessionId }] = server.received('tools/call') as [Exchange];
      server.sessions.delete(sessionId as string);
      expect(await call(withToken('ann'))).toMatchObject({ status: 200 });
      expect(await call(withToken('bob'))).toMatchObject({ status: 200 });
      expect(tokensOf(server.received('initialize')).filter((token) => token)).toEqual(['ann', 'bob', 'ann']);
    });

    it('are not opened where the server has none: each call carries its headers', async () => {
      const { server, call } = await start(FORWARDED, { sessions: false });
      for (const token of ['ann', 'bob']) expect(await call(withToken(token))).toMatchObject({ status: 200 });
      expect(tokensOf(server.received('tools/call'))).toEqual(['ann', 'bob']);
      expect(tokensOf(server.received('initialize'))).toEqual([undefined]);
    });

    it.each([401, 403])('that the server refuses with %d are a refusal of the credentials, and harm nobody else', async (status) => {
      const { server, call, upstream } = await start();
      refuseCanary(server, (exchange) => exchange.send(status, CANARY));
      expect(told(await call(withToken(CANARY)))).toMatchObject(
        errorAnswer(403, {
          type: 'permission_error',
          message: `The MCP server "default" refused the credentials that came with the call (HTTP ${status}).`,
          details: { reason: 'upstream_credentials', server: 'default' },
        }),
      );
      expect(await call(withToken('bob'))).toMatchObject({ status: 200 });
      expect(upstream()).toMatchObject({ state: 'up', lastError: undefined });
    });

    it('that fail with an error that repeats the token leave it in no log, error or report, nor lose the server', async () => {
      const { server, gateway, call, upstream } = await start();
      refuseCanary(server, (exchange) => exchange.error(-32_000, `bad token ${CANARY}`));
      const logged: unknown[] = [];
      const note = (...entry: unknown[]) => void logged.push(entry);
      gateway.app.useLogger({ log: note, warn: note, error: note, debug: note, verbose: note });
      const answer = await call(withToken(CANARY));
      expect(answer).toMatchObject({ status: 503 });
      expect(await call()).toMatchObject({ status: 200 });
      expect(server.received('DELETE')).toEqual([]);
      expect(upstream()).toMatchObject({ state: 'up', lastError: undefined });
      const sinks = [answer.text, (await get(gateway.url, '/v1/servers')).text, (await get(gateway.url, '/metrics')).text];
      expect(JSON.stringify([...sinks, logged])).not.toContain(CANARY);
    });
  });

  it('[S6][S7] that a failed call repeats, and those of the settings, are taken out of what the caller is told', async () => {
    const heard = ({ headers }: Exchange) => `${headers[TOKEN] as string} with ${headers['x-api-key'] as string}`;
    const { server, call } = await start({ ...FORWARDED, headers: { 'x-api-key': 'canary-of-the-operator' } });
    server.on['tools/call'] = (exchange) => exchange.error(-32_000, `No: ${heard(exchange)}`, { heard: heard(exchange) });
    const details = { code: -32_000, data: { heard: '[hidden] with [hidden]' } };
    const refused = errorAnswer(502, { type: 'upstream_error', message: 'No: [hidden] with [hidden]', details });
    expect(told(await call(withToken(CANARY)))).toEqual(refused);
    server.on['tools/call'] = (exchange) => exchange.result({ isError: true, ...(textResult(`No: ${heard(exchange)}`) as object) });
    expect(told(await call(withToken(CANARY)))).toEqual(errorAnswer(422, { type: 'tool_error', message: 'No: [hidden] with [hidden]' }));
  });

  it('[S7] over SSE travel on a stream of their own', async () => {
    const server = closing(
      await RawSseServer.start({ on: { 'tools/call': (posted) => answerTo(posted, textResult(String(posted.headers[TOKEN]))) } }),
    );
    const gateway = closing(await startGatewayHere({}, [httpUpstream(server.url, { transport: 'sse', ...FORWARDED })]));
    await untilPublished(gateway, 'work');
    const call = async (headers: Readonly<Record<string, string>>) => (await post(gateway.url, '/v1/tools/work', {}, headers)).text;
    expect(await Promise.all([call(withToken('ann')), call(withToken('bob')), call({}), call(withToken('ann'))])).toEqual([
      '"ann"',
      '"bob"',
      '"undefined"',
      '"ann"',
    ]);
    expect(server.gets.map((headers) => headers[TOKEN]).sort()).toEqual(['ann', 'bob', undefined]);
    for (const stream of server.open.slice(1)) stream.destroy();
    await until('a call on a new stream', async () => (await call(withToken('ann'))) === '"ann"');
    expect(gateway.app.get(McpClient).upstreams[0]?.status()).toMatchObject({ state: 'up', lastError: undefined });
  });

  it('[S7][AC8] never follow a redirect, to wherever it leads', async () => {
    const other = closing(await RawMcpServer.start());
    const away = (exchange: Exchange) => exchange.send(307, '', { location: other.url });
    const calls = await start(FORWARDED, { on: { 'tools/call': away } });
    expect(await calls.call(withToken(CANARY))).toMatchObject({ status: 502 });
    for (const location of [other.url, '/elsewhere']) {
      const opening = await start();
      refuseCanary(opening.server, (exchange) => exchange.send(307, '', { location }));
      expect(await opening.call(withToken(CANARY))).toMatchObject({ status: 502 });
      expect(await opening.call()).toMatchObject({ status: 200 });
      expect(opening.server.exchanges.filter(({ request }) => request.url === '/elsewhere')).toEqual([]);
    }
    expect(other.exchanges).toEqual([]);
  });

  it('[S7] of one caller whose calls fail in a row pause nobody else', async () => {
    const { server, call } = await start(FORWARDED, {
      on: { 'tools/call': (exchange) => (exchange.headers[TOKEN] === 'ann' ? exchange.send(500) : exchange.result()) },
    });
    for (let failures = 0; failures < FAILURES_TO_OPEN; failures++) expect(await call(withToken('ann'))).toMatchObject({ status: 502 });
    expect(await call(withToken('ann'))).toMatchObject({ status: 503 });
    for (const headers of [withToken('bob'), {}]) expect(await call(headers)).toMatchObject({ status: 200 });
    expect(tokensOf(server.received('tools/call')).filter((token) => token === 'ann')).toHaveLength(FAILURES_TO_OPEN);
  });

  it('[S7][S6] that a result repeats reach their caller whole, and the log blotted out', async () => {
    const server = closing(
      await RawMcpServer.start({ on: { 'tools/call': (exchange) => exchange.result(textResult(`you sent ${CANARY}`)) } }),
    );
    const gateway = await startGateway({ env: { MCP_SERVER_URL: server.url, LOG_PAYLOADS: 'redacted' } });
    closing({ close: () => gateway.stop() });
    await untilPublished(gateway, 'work');
    expect(await post(gateway.url, '/v1/tools/work', {}, withToken(CANARY))).toMatchObject({ status: 200, text: `"you sent ${CANARY}"` });
    await until('the access log', () => gateway.stdout.join('').includes('you sent [redacted]'));
    expect(gateway.stdout.join('\n')).not.toContain(CANARY);
  });

  it.each([401, 403])('[S7] of its own are what a server needs that answers %d before it lists its tools', async (status) => {
    let isLocked = true;
    const server = closing(await RawMcpServer.start({ tools: [{ name: 'work', inputSchema: { type: 'object' } }] }));
    const usual = server.on.initialize as (exchange: Exchange) => unknown;
    server.on.initialize = (exchange) => (isLocked ? exchange.send(status, CANARY) : usual(exchange));
    const gateway = closing(await startGatewayHere({}, [httpUpstream(server.url, FORWARDED)]));
    const report = async () => (JSON.parse((await get(gateway.url, '/v1/servers')).text) as { servers: object[] }).servers[0];
    await until('it is reported', async () => ((await report()) as { state: string }).state === 'needs_auth');
    const lastError = `The MCP server wants credentials before it lists its tools (HTTP ${status}): give it some of its own in "headers" or MCP_HEADERS, or have callers bring theirs (${TOKEN}).`;
    expect(await report()).toMatchObject({ name: 'default', state: 'needs_auth', tools: 0, lastError });
    const health = JSON.parse((await get(gateway.url, '/health/mcp')).text) as { details: object };
    expect(health.details).toMatchObject({ default: { status: 'degraded', state: 'needs_auth', lastError } });
    expect((JSON.parse((await get(gateway.url, '/health')).text) as { status: string }).status).toBe('degraded');
    isLocked = false;
    await untilPublished(gateway, 'work');
    expect(await report()).toMatchObject({ state: 'up', tools: 1 });
  });

  it("[S7] that are the gateway's own key stay there, also where the server is to have Authorization", async () => {
    const server = closing(await RawMcpServer.start());
    const settings = httpUpstream(server.url, { forwardHeaders: ['authorization', TOKEN] });
    const gateway = closing(await startGatewayHere({ API_KEYS: `someone:${CANARY}` }, [settings]));
    await untilPublished(gateway, 'work');
    const headers = { authorization: `Bearer ${CANARY}`, ...withToken('ann') };
    expect(await post(gateway.url, '/v1/tools/work', {}, headers)).toMatchObject({ status: 200 });
    expect(tokensOf(server.received('tools/call'))).toEqual(['ann']);
    expect(JSON.stringify(server.exchanges.map((each) => each.headers))).not.toContain(CANARY);
  });

  it('[S7] besides which the fixed headers go with every request', async () => {
    const { server, call } = await start({ ...FORWARDED, headers: { authorization: 'Bearer fixed' } });
    await call(withToken('ann'));
    await call();
    expect(new Set(server.exchanges.map(({ headers }) => headers.authorization))).toEqual(new Set(['Bearer fixed']));
  });
});
