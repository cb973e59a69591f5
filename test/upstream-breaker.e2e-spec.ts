import { McpClient } from '../src/mcp-client/mcp-client.service.js';
import { FAILURES_TO_OPEN } from '../src/mcp-client/upstream-breaker.js';
import type { HttpUpstreamSettings } from '../src/config/upstream-settings.js';
import { closesAfterEach } from './support/ends.js';
import { httpUpstream, startGatewayHere } from './support/gateway.js';
import { later } from './support/later.js';
import { type Exchange, RawMcpServer, textResult, toolOf } from './support/raw-mcp-server.js';
import { callTool, errorOf, type ToolAnswer, untilPublished } from './support/tool-requests.js';
import { until } from './support/until.js';

/** How long calls are paused. */
const PAUSE_MS = 5_000;

describe('[E1][P4] a server whose calls fail in a row', () => {
  const closing = closesAfterEach();
  afterEach(() => jest.restoreAllMocks());

  const start = async (call: (exchange: Exchange) => unknown, more: Partial<HttpUpstreamSettings> = {}) => {
    const server = closing(await RawMcpServer.start({ tools: [toolOf('work'), toolOf('other')], on: { 'tools/call': call } }));
    const gateway = closing(await startGatewayHere({}, [httpUpstream(server.url, more)]));
    await untilPublished(gateway, 'work');
    let paused = 0;
    gateway.app.get(McpClient).upstreams[0]?.on('paused', () => (paused += 1));
    const calls = async (count: number, tool = 'work') => {
      const answers: ToolAnswer[] = [];
      while (answers.length < count) answers.push(await callTool(gateway, tool));
      return answers.map(({ status }) => status);
    };
    return { server, gateway, calls, paused: () => paused };
  };

  const PAUSED = errorOf({
    type: 'upstream_unavailable',
    message: 'Service temporarily unavailable',
    details: {
      server: 'default',
      reason: 'The MCP server failed several times in a row, so calls to it are paused; the tool did not run.',
    },
    retry_after: expect.any(Number),
  });

  const isPaused = ({ body }: ToolAnswer) => JSON.stringify(body).includes('paused');
  const never = () => undefined;

  it.each<[string, (exchange: Exchange) => unknown, number, Partial<HttpUpstreamSettings>]>([
    ['by HTTP 500', (exchange) => exchange.send(500), 502, {}],
    ['by HTTP 503', (exchange) => exchange.send(503), 503, {}],
    ['by resets', (exchange) => exchange.request.socket.resetAndDestroy(), 502, {}],
    ['by silence', never, 504, { requestTimeoutMs: 300 }],
  ])('%s gets no more calls for a while; the caller is told at once how long', async (_, call, status, more) => {
    const { server, gateway, calls, paused } = await start(call, more);
    expect(await calls(FAILURES_TO_OPEN)).toEqual(Array(FAILURES_TO_OPEN).fill(status));
    const answers = await Promise.all(Array.from({ length: 20 }, () => callTool(gateway, 'other')));
    for (const answer of answers) {
      expect(answer).toMatchObject({ status: 503, body: PAUSED });
      expect(Number(answer.headers.get('retry-after'))).toBeGreaterThanOrEqual(1);
      expect(Number(answer.headers.get('retry-after'))).toBeLessThanOrEqual(5);
    }
    expect(server.received('tools/call')).toHaveLength(FAILURES_TO_OPEN);
    expect(paused()).toBe(1);
  });

  it('is tried by one call after the pause, and serves all when that is answered', async () => {
    const held: Exchange[] = [];
    let isWell = false;
    const { server, gateway, calls } = await start((exchange) => {
      if (!isWell) return exchange.send(500);
      return held.push(exchange);
    });
    await calls(FAILURES_TO_OPEN);
    isWell = true;
    await later(PAUSE_MS);
    const sent = () => server.received('tools/call').length - FAILURES_TO_OPEN;
    const probing = until('the first call that is sent', async () => {
      const answer = await callTool(gateway, 'work');
      return !isPaused(answer) && answer;
    });
    await until('it reaches the server', () => held.length === 1);
    const others = await Promise.all(Array.from({ length: 20 }, () => callTool(gateway, 'work')));
    expect(others.map(isPaused)).toEqual(Array(20).fill(true));
    expect(sent()).toBe(1);
    held[0]?.result();
    await expect(probing).resolves.toMatchObject({ status: 200 });
    server.on['tools/call'] = (exchange) => exchange.result();
    expect(await calls(20)).toEqual(Array(20).fill(200));
  });

  it('is left alone again when the call that tries fails', async () => {
    const { server, gateway, calls, paused } = await start((exchange) => exchange.send(500));
    await calls(FAILURES_TO_OPEN);
    await later(PAUSE_MS);
    await until('the next failure', async () => (await callTool(gateway, 'work')).status === 502);
    expect(server.received('tools/call')).toHaveLength(FAILURES_TO_OPEN + 1);
    expect(paused()).toBe(2);
    await expect(callTool(gateway, 'work')).resolves.toMatchObject({ status: 503, body: PAUSED });
  });

  it('is called at once when it could not be reached and is connected again', async () => {
    const { server, gateway, calls } = await start((exchange) => exchange.result());
    await server.stop();
    // Attempts to connect follow each other closely, so that the next connection comes within the pause.
    jest.spyOn(Math, 'random').mockReturnValue(0.01);
    await until('calls are paused', async () => isPaused(await callTool(gateway, 'work')));
    closing(await RawMcpServer.start({ port: server.port, tools: server.tools }));
    const { upstreams } = gateway.app.get(McpClient);
    await until('it is up', () => upstreams[0]?.status().state === 'up');
    expect(await calls(5)).toEqual(Array(5).fill(200));
  });

  it.each<[string, (exchange: Exchange) => unknown, number]>([
    ['errors of the tool', (exchange) => exchange.result({ ...(textResult('no') as object), isError: true }), 422],
    ['JSON-RPC errors', (exchange) => exchange.error(-32_603, 'broken'), 502],
    ['refusals', (exchange) => exchange.send(403), 403],
  ])('but never for %s', async (_, call, status) => {
    const { server, calls, paused } = await start(call);
    expect(await calls(FAILURES_TO_OPEN * 2)).toEqual(Array(FAILURES_TO_OPEN * 2).fill(status));
    expect(server.received('tools/call')).toHaveLength(FAILURES_TO_OPEN * 2);
    expect(paused()).toBe(0);
  });

  it('but not for calls that fail together, nor with an answer in between', async () => {
    const waiting: Exchange[] = [];
    const { gateway, calls, server, paused } = await start((exchange) => waiting.push(exchange));
    const together = Promise.all(Array.from({ length: 10 }, () => callTool(gateway, 'work')));
    await until('ten calls', () => waiting.length === 10);
    for (const exchange of waiting) exchange.send(500);
    await together;
    let count = FAILURES_TO_OPEN - 1;
    server.on['tools/call'] = (exchange) => (++count % FAILURES_TO_OPEN === 0 ? exchange.result() : exchange.send(500));
    await calls(FAILURES_TO_OPEN * 3);
    expect(count).toBe(FAILURES_TO_OPEN * 4 - 1);
    expect(paused()).toBe(0);
  });
});
