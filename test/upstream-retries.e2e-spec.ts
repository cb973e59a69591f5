import { CallAbort, toCredentials, type UpstreamCall } from '@app/mcp-transport';
import type { HttpUpstreamSettings } from '../src/config/upstream-settings.js';
import { McpClient } from '../src/mcp-client/mcp-client.service.js';
import { Upstream } from '../src/mcp-client/upstream.js';
import { closesAfterEach } from './support/ends.js';
import { httpUpstream, startGatewayHere } from './support/gateway.js';
import { type Exchange, RawMcpServer, textResult } from './support/raw-mcp-server.js';
import { callTool, errorOf, untilPublished } from './support/tool-requests.js';
import { until } from './support/until.js';

/** The server counts what it executes: a call is executed when its request has reached it, whatever becomes of the answer. */
describe('[E2] a call is sent again', () => {
  const closing = closesAfterEach();

  const TOOLS = [
    { name: 'write', inputSchema: { type: 'object' } },
    { name: 'read', inputSchema: { type: 'object' }, annotations: { readOnlyHint: true } },
    { name: 'put', inputSchema: { type: 'object' }, annotations: { readOnlyHint: false, idempotentHint: true } },
  ];

  /** The nth call is answered by the nth of `answers`, those after them by `done`. */
  const start = async (answers: readonly ((exchange: Exchange) => unknown)[], more: Partial<HttpUpstreamSettings> = {}) => {
    const times: number[] = [];
    const server = closing(
      await RawMcpServer.start({
        tools: TOOLS,
        on: {
          'tools/call': (exchange) => {
            times.push(performance.now());
            return (answers[times.length - 1] ?? ((last) => last.result()))(exchange);
          },
        },
      }),
    );
    const gateway = closing(await startGatewayHere({}, [httpUpstream(server.url, more)]));
    await untilPublished(gateway, 'write');
    return { server, gateway, times };
  };

  const newCall = (): UpstreamCall => ({
    tool: 'write',
    inputSchema: {},
    args: { text: '{}', value: {} },
    correlationId: 'c',
    isIdempotent: false,
    signal: new CallAbort(),
  });

  const says = (code: number, retryAfter?: number) => (exchange: Exchange) =>
    exchange.send(code, '', retryAfter === undefined ? {} : { 'retry-after': String(retryAfter) });
  const reset = (exchange: Exchange) => exchange.request.socket.resetAndDestroy();
  const endsEarly = (exchange: Exchange) => {
    exchange.stream();
    exchange.response.end();
  };
  const never = () => undefined;

  describe('[AC9] after the wait that the server asks for', () => {
    it.each([429, 503])('in HTTP %d', async (code) => {
      const { gateway, times } = await start([says(code, 1)]);
      await expect(callTool(gateway, 'write')).resolves.toMatchObject({ status: 200, body: 'done' });
      expect(times).toHaveLength(2);
      expect((times[1] as number) - (times[0] as number)).toBeGreaterThanOrEqual(1_000);
    });

    it('three times in all, then the value is handed on', async () => {
      const { gateway, times } = await start([says(429, 0), says(429, 0), says(429, 7)]);
      const answer = await callTool(gateway, 'write');
      expect(answer).toMatchObject({
        status: 429,
        body: errorOf({
          type: 'rate_limit_error',
          message: 'The MCP server "default" limits calls: try again in 7 s.',
          details: { scope: 'upstream', server: 'default' },
          retry_after: 7,
        }),
      });
      expect(answer.headers.get('retry-after')).toBe('7');
      expect(times).toHaveLength(3);
    });

    it('but not when the wait is longer than what is left, which earlier waits have used up', async () => {
      const { gateway, times } = await start([says(429, 2), says(429, 2)], { requestTimeoutMs: 3_500 });
      const from = performance.now();
      await expect(callTool(gateway, 'write')).resolves.toMatchObject({ status: 429, body: { error: { retry_after: 2 } } });
      expect(performance.now() - from).toBeLessThan(3_500);
      expect(times).toHaveLength(2);
    });

    it('but not for a caller who has left', async () => {
      const { gateway, times, server } = await start([says(429, 1)]);
      const leaving = new AbortController();
      const left = callTool(gateway, 'write', {}, { signal: leaving.signal }).catch((error: Error) => error.name);
      await until('the call', () => times.length === 1);
      leaving.abort();
      await expect(left).resolves.toBe('AbortError');
      // Longer than the wait.
      await new Promise((resolve) => setTimeout(resolve, 1_500));
      expect(server.received('tools/call')).toHaveLength(1);
    });
  });

  describe('when it may have run', () => {
    const FAULTS: [string, (exchange: Exchange) => unknown][] = [
      ['a reset', reset],
      ['a stream that ends early', endsEarly],
      ['HTTP 502', says(502)],
      ['HTTP 504', says(504)],
    ];

    it.each(FAULTS)('only if its operator lists it as idempotent: %s', async (_, fault) => {
      const { gateway, times } = await start([fault, fault], { idempotentTools: ['read'] });
      await expect(callTool(gateway, 'read')).resolves.toMatchObject({ status: 200, body: 'done' });
      expect(times).toHaveLength(3);
    });

    it.each(FAULTS)('never otherwise, whatever the server says of itself: %s', async (_, fault) => {
      const { gateway, times } = await start([fault, fault, fault], { idempotentTools: ['other'] });
      for (const tool of ['write', 'read', 'put']) await expect(callTool(gateway, tool)).resolves.toMatchObject({ status: 502 });
      expect(times).toHaveLength(3);
    });

    it.each([
      ['read', 2],
      ['put', 2],
      ['write', 1],
    ])('or if the annotations of a trusted server say so: %s', async (tool, executions) => {
      const { gateway, times } = await start([reset], { trustAnnotations: true });
      await expect(callTool(gateway, tool)).resolves.toMatchObject({ status: executions === 2 ? 200 : 502 });
      expect(times).toHaveLength(executions);
    });

    it('and stays unknown when the next try cannot even be sent', async () => {
      const { gateway, server } = await start([(exchange) => (reset(exchange), void server.stop())], { idempotentTools: ['read'] });
      const body = errorOf({
        type: 'outcome_unknown',
        message: 'The connection to the MCP server ended before it answered: "read" may have run.',
        details: { server: 'default', outcome: 'unknown' },
      });
      await expect(callTool(gateway, 'read')).resolves.toMatchObject({ status: 502, body });
    });

    it('but no more once the answer says that the tool ran', async () => {
      const { gateway, times } = await start([(exchange) => exchange.result({ ...(textResult('no') as object), isError: true })], {
        idempotentTools: ['read'],
      });
      await expect(callTool(gateway, 'read')).resolves.toMatchObject({ status: 422 });
      expect(times).toHaveLength(1);
    });
  });

  describe('and tells how often', () => {
    it.each<[string, number[], number | undefined]>([
      ['never', [], undefined],
      ['once', [429], 1],
      ['twice', [503, 429], 2],
    ])('%s', async (_, codes, retries) => {
      const { gateway, times } = await start(codes.map((code) => says(code, 0)));
      const call = newCall();
      await expect(gateway.app.get(McpClient).upstreams[0]?.call(call)).resolves.toMatchObject({ kind: 'result' });
      expect([call.retries, times.length]).toEqual([retries, codes.length + 1]);
    });

    it('where all requests are one caller’s', async () => {
      const { server } = await start([says(429, 0)]);
      const upstream = closing(new Upstream(httpUpstream(server.url), toCredentials([['x-user', 'ann']])));
      upstream.start();
      await until('it is up', () => upstream.isConnected);
      const call = newCall();
      await expect(upstream.call(call)).resolves.toMatchObject({ kind: 'result' });
      expect(call.retries).toBe(1);
    });

    it('but no try that its caller did not wait for', async () => {
      const { gateway, times } = await start([says(429, 10)]);
      const signal = new CallAbort();
      const call = { ...newCall(), signal };
      const answer = gateway.app.get(McpClient).upstreams[0]?.call(call);
      await until('the first try', () => times.length === 1);
      signal.abort();
      await expect(answer).resolves.toEqual({ kind: 'cancelled' });
      expect(call.retries).toBeUndefined();
    });
  });

  describe('within one time for all tries', () => {
    it('REQUEST_TIMEOUT', async () => {
      const { gateway, times } = await start([says(429, 3), never], { requestTimeoutMs: 6_000 });
      const from = performance.now();
      const body = errorOf({
        type: 'upstream_timeout',
        message: '"write" gave no sign of life for 6 s (REQUEST_TIMEOUT). It may have run.',
        details: { server: 'default', limit: 'REQUEST_TIMEOUT', seconds: 6, outcome: 'unknown' },
      });
      await expect(callTool(gateway, 'write')).resolves.toMatchObject({ status: 504, body });
      // A time for each try would be nine seconds at least.
      expect(performance.now() - from).toBeLessThan(8_900);
      expect(times).toHaveLength(2);
    });

    it('MAX_CALL_DURATION', async () => {
      const beats = (exchange: Exchange) => {
        exchange.stream();
        const timer = setInterval(() => exchange.event(exchange.progress(1)), 50);
        exchange.response.on('close', () => clearInterval(timer));
      };
      const { gateway } = await start([says(503, 3), beats], { maxCallDurationMs: 6_000 });
      const from = performance.now();
      await expect(callTool(gateway, 'write')).resolves.toMatchObject({
        status: 504,
        body: { error: { details: { limit: 'MAX_CALL_DURATION', seconds: 6 } } },
      });
      expect(performance.now() - from).toBeLessThan(8_900);
    });

    it('while an expired session is opened anew', async () => {
      const { gateway, server, times } = await start([], { requestTimeoutMs: 1_500 });
      await callTool(gateway, 'write');
      server.sessions.delete(server.received('tools/call')[0]?.sessionId as string);
      server.on.initialize = never;
      const answer = await callTool(gateway, 'write');
      expect(answer).toMatchObject({
        status: 503,
        body: { error: { details: { reason: 'No connection to the MCP server within 1.5 s (REQUEST_TIMEOUT); the tool did not run.' } } },
      });
      expect(times).toHaveLength(1);
    });
  });
});
