import type { HttpUpstreamSettings } from '../src/config/upstream-settings.js';
import { closesAfterEach } from './support/ends.js';
import { httpUpstream, startGatewayHere } from './support/gateway.js';
import { type Exchange, RawMcpServer, type RawServerOptions, textResult } from './support/raw-mcp-server.js';
import { callTool, errorOf, untilPublished } from './support/tool-requests.js';
import { until } from './support/until.js';

/** Far below any deadline that these tests set: what comes within it came at once. */
const AT_ONCE_MS = 10_000;

describe('an upstream that misbehaves over HTTP', () => {
  const closing = closesAfterEach();

  const start = async (options: RawServerOptions = {}, more: Partial<HttpUpstreamSettings> = {}) => {
    const server = closing(await RawMcpServer.start(options));
    const gateway = closing(await startGatewayHere({}, [httpUpstream(server.url, more)]));
    await untilPublished(gateway, 'work');
    return { server, gateway };
  };

  const startAnswering = (call: (exchange: Exchange) => unknown, more: Partial<HttpUpstreamSettings> = {}) =>
    start({ on: { 'tools/call': call } }, more);

  const timed = async <T>(work: Promise<T>): Promise<{ answer: T; ms: number }> => {
    const from = performance.now();
    return { answer: await work, ms: performance.now() - from };
  };

  const MAY_HAVE_RUN = errorOf({
    type: 'outcome_unknown',
    message: 'The connection to the MCP server ended before it answered: "work" may have run.',
    details: { server: 'default', outcome: 'unknown' },
  });

  const upstreamError = (message: string, details: Record<string, unknown>) =>
    errorOf({ type: 'upstream_error', message, details: { server: 'default', ...details } });

  const unavailable = (reason: string, retryAfter: unknown = expect.any(Number)) =>
    errorOf({
      type: 'upstream_unavailable',
      message: 'Service temporarily unavailable',
      details: { server: 'default', reason },
      retry_after: retryAfter,
    });

  describe('[AC3] answers that are none', () => {
    it('says at once that the outcome is unknown when the response stream ends without an answer', async () => {
      const { gateway, server } = await startAnswering((exchange) => {
        exchange.stream({ jsonrpc: '2.0', method: 'notifications/message', params: { level: 'info', data: 'working' } });
        exchange.response.end();
      });
      const { answer, ms } = await timed(callTool(gateway, 'work'));
      expect(answer).toMatchObject({ status: 502, body: MAY_HAVE_RUN });
      expect(ms).toBeLessThan(AT_ONCE_MS);
      expect(server.received('tools/call')).toHaveLength(1);
    });

    it.each<[string, (exchange: Exchange) => void]>([
      ['as JSON', (exchange) => exchange.json(200, { jsonrpc: '2.0', id: 'another', result: textResult('not yours') })],
      ['on a stream that stays open', (exchange) => exchange.stream({ jsonrpc: '2.0', id: 'another', result: textResult('not yours') })],
    ])('takes no answer of another id, %s', async (_, call) => {
      const { gateway } = await startAnswering(call);
      const { answer, ms } = await timed(callTool(gateway, 'work'));
      const message = 'The MCP server sent an answer that is not the JSON-RPC response to the call.';
      expect(answer).toMatchObject({ status: 502, body: upstreamError(message, { outcome: 'unknown' }) });
      expect(ms).toBeLessThan(AT_ONCE_MS);
    });

    it.each<[string, unknown]>([
      ['an object of something else', { status: 'ok' }],
      ['an array', []],
      ['null', null],
    ])('takes JSON that is no JSON-RPC for no answer: %s', async (_, body) => {
      const { gateway } = await startAnswering((exchange) => exchange.json(200, body));
      const message = 'The MCP server sent an answer that is not the JSON-RPC response to the call.';
      await expect(callTool(gateway, 'work')).resolves.toMatchObject({ status: 502, body: upstreamError(message, { outcome: 'unknown' }) });
    });

    it.each<[string, (exchange: Exchange) => void]>([
      ['half an answer', (exchange) => exchange.send(200, '{"jsonrpc":"2.0","id":', { 'content-type': 'application/json' })],
      ['202 without a body', (exchange) => exchange.send(202)],
    ])('takes a body that is no JSON for no answer, and shows nothing of it: %s', async (_, call) => {
      const { gateway } = await startAnswering(call);
      const message = 'The MCP server sent an answer that is not the JSON-RPC response to the call.';
      await expect(callTool(gateway, 'work')).resolves.toMatchObject({ status: 502, body: upstreamError(message, { outcome: 'unknown' }) });
    });

    it('takes a response with neither result nor error for no answer', async () => {
      const { gateway } = await startAnswering((exchange) => exchange.json(200, { jsonrpc: '2.0', id: exchange.message.id }));
      const message = 'The MCP server sent an answer with neither a result nor an error.';
      await expect(callTool(gateway, 'work')).resolves.toMatchObject({ status: 502, body: upstreamError(message, { outcome: 'unknown' }) });
    });

    it('passes a JSON-RPC error on with its code and data', async () => {
      const { gateway } = await startAnswering((exchange) => exchange.error(-32_603, 'the disk is full', { path: '/var' }));
      const body = errorOf({ type: 'upstream_error', message: 'the disk is full', details: { code: -32_603, data: { path: '/var' } } });
      await expect(callTool(gateway, 'work')).resolves.toMatchObject({ status: 502, body });
    });

    it.each<[string, (exchange: Exchange, big: unknown) => void]>([
      ['as JSON', (exchange, big) => exchange.result(big)],
      ['as an event', (exchange, big) => exchange.stream(exchange.answer(big))],
    ])('reads no answer over the size limit, %s', async (_, call) => {
      const big = textResult('x'.repeat(100_000));
      const { gateway } = await startAnswering((exchange) => call(exchange, exchange.message.params?.arguments?.big ? big : undefined), {
        maxResponseBytes: 50_000,
      });
      const body = upstreamError('The answer is larger than 50000 bytes.', { outcome: 'unknown' });
      await expect(callTool(gateway, 'work', { big: true })).resolves.toMatchObject({ status: 502, body });
      await expect(callTool(gateway, 'work')).resolves.toMatchObject({ status: 200, body: 'done' });
    });
  });

  describe('[AC3][AC9] HTTP statuses in place of an answer', () => {
    const answering = async (status: number, headers: Record<string, string> = {}) => {
      const { gateway, server } = await startAnswering((exchange) => exchange.send(status, 'secret of the upstream', headers));
      const answer = await callTool(gateway, 'work');
      expect(server.received('tools/call')).toHaveLength(1);
      return answer;
    };

    it.each([500, 502, 504, 400, 418])('%d is an error of the upstream, sent once', async (status) => {
      const answer = await answering(status);
      expect(answer).toMatchObject({
        status: 502,
        body: upstreamError(`The MCP server "default" answered HTTP ${status} instead of a result.`, { status }),
      });
      expect(answer.headers.get('retry-after')).toBeNull();
    });

    it('503 keeps a Retry-After that is longer than the call may take', async () => {
      const answer = await answering(503, { 'retry-after': '31' });
      expect(answer).toMatchObject({ status: 503, body: unavailable('The MCP server says that it is unavailable (HTTP 503).', 31) });
      expect(answer.headers.get('retry-after')).toBe('31');
    });

    it('503 without Retry-After gets one', async () => {
      const answer = await answering(503);
      expect(answer).toMatchObject({ status: 503, body: unavailable('The MCP server says that it is unavailable (HTTP 503).', 1) });
      expect(answer.headers.get('retry-after')).toBe('1');
    });

    it.each([31, 3600])('429 keeps its Retry-After of %d s', async (seconds) => {
      const answer = await answering(429, { 'retry-after': String(seconds) });
      const body = errorOf({
        type: 'rate_limit_error',
        message: `The MCP server "default" limits calls: try again in ${seconds} s.`,
        details: { scope: 'upstream', server: 'default' },
        retry_after: seconds,
      });
      expect(answer).toMatchObject({ status: 429, body });
      expect(answer.headers.get('retry-after')).toBe(String(seconds));
    });

    it.each([
      ['a page for browsers', { 'content-type': 'text/html; charset=utf-8' }, ': it is of type text/html'],
      [
        'a compressed one',
        { 'content-type': 'application/json', 'content-encoding': 'zstd' },
        ': it is compressed (zstd), though it was not asked to',
      ],
      ['one of no type', {}, ''],
    ])('[AC3] 200 with %s is told as such, without anything of it', async (_, headers, why) => {
      const { gateway } = await startAnswering((exchange) => exchange.send(200, '<html>Sign in</html>', headers));
      const message = `The MCP server sent an answer that is not the JSON-RPC response to the call${why}.`;
      const body = upstreamError(message, { outcome: 'unknown' });
      await expect(callTool(gateway, 'work')).resolves.toMatchObject({ status: 502, body });
    });

    it.each([401, 403])('%d is a refusal of the credentials, never a 401 of ours', async (status) => {
      const body = errorOf({
        type: 'permission_error',
        message: `The MCP server "default" refused the call (HTTP ${status}), which came without credentials; it may want some that whoever runs the gateway gives it.`,
        details: { reason: 'upstream_credentials', server: 'default' },
      });
      await expect(answering(status, { 'www-authenticate': 'Bearer' })).resolves.toMatchObject({ status: 403, body });
    });
  });

  describe('[E2] time', () => {
    const never = () => undefined;

    it('ends a silent call after REQUEST_TIMEOUT and tells a legacy server', async () => {
      const { gateway, server } = await startAnswering(never, { requestTimeoutMs: 1_000 });
      const body = errorOf({
        type: 'upstream_timeout',
        message: '"work" gave no sign of life for 1 s (REQUEST_TIMEOUT). It may have run.',
        details: { server: 'default', limit: 'REQUEST_TIMEOUT', seconds: 1, outcome: 'unknown' },
      });
      await expect(callTool(gateway, 'work')).resolves.toMatchObject({ status: 504, body });
      const [cancelled] = await until('the cancellation', () => nonEmpty(server.received('notifications/cancelled')));
      const [call] = server.received('tools/call');
      expect(cancelled?.message.params?.requestId).toBe(call?.message.id);
      expect(cancelled?.sessionId).toBe(call?.sessionId);
    });

    it('waits longer than REQUEST_TIMEOUT while progress comes', async () => {
      const { gateway } = await startAnswering(
        (exchange) => {
          exchange.stream();
          let beats = 0;
          const timer = setInterval(() => {
            if (++beats < 7) return exchange.event(exchange.progress(beats));
            clearInterval(timer);
            exchange.event(exchange.answer());
            exchange.response.end();
          }, 300);
        },
        { requestTimeoutMs: 1_500 },
      );
      await expect(callTool(gateway, 'work')).resolves.toMatchObject({ status: 200, body: 'done' });
    });

    /** Keep-alives of the connection, which say nothing of the call. */
    const comments = (exchange: Exchange) => {
      exchange.stream();
      const timer = setInterval(() => exchange.response.write(': still here\n\n'), 50);
      exchange.response.on('close', () => clearInterval(timer));
    };

    it('takes comments on the stream for no sign of life', async () => {
      const { gateway, server } = await startAnswering(comments, { requestTimeoutMs: 1_000 });
      const body = errorOf({
        type: 'upstream_timeout',
        message: '"work" gave no sign of life for 1 s (REQUEST_TIMEOUT). It may have run.',
        details: { server: 'default', limit: 'REQUEST_TIMEOUT', seconds: 1, outcome: 'unknown' },
      });
      await expect(callTool(gateway, 'work')).resolves.toMatchObject({ status: 504, body });
      await until('the cancellation', () => server.received('notifications/cancelled').length === 1);
    });

    it('takes the answer that comes after a while of nothing but comments', async () => {
      const { gateway } = await startAnswering((exchange) => {
        comments(exchange);
        setTimeout(() => {
          exchange.event(exchange.answer());
          exchange.response.end();
        }, 2_000);
      });
      await expect(callTool(gateway, 'work')).resolves.toMatchObject({ status: 200, body: 'done' });
    });

    it('ends a call after MAX_CALL_DURATION in spite of its progress', async () => {
      const { gateway, server } = await startAnswering(
        (exchange) => {
          exchange.stream();
          const timer = setInterval(() => exchange.event(exchange.progress(1)), 50);
          exchange.response.on('close', () => clearInterval(timer));
        },
        { requestTimeoutMs: 60_000, maxCallDurationMs: 2_000 },
      );
      const body = errorOf({
        type: 'upstream_timeout',
        message: '"work" did not end within 2 s (MAX_CALL_DURATION). It may have run.',
        details: { server: 'default', limit: 'MAX_CALL_DURATION', seconds: 2, outcome: 'unknown' },
      });
      await expect(callTool(gateway, 'work')).resolves.toMatchObject({ status: 504, body });
      await until('the cancellation', () => server.received('notifications/cancelled').length === 1);
    });

    it('tells the server when the caller leaves', async () => {
      const { gateway, server } = await startAnswering(never);
      const leaving = new AbortController();
      const call = callTool(gateway, 'work', {}, { signal: leaving.signal }).catch((error: Error) => error.name);
      await until('the call', () => server.received('tools/call').length === 1);
      leaving.abort();
      await expect(call).resolves.toBe('AbortError');
      const [cancelled] = await until('the cancellation', () => nonEmpty(server.received('notifications/cancelled')));
      expect(cancelled?.message.params?.requestId).toBe(server.received('tools/call')[0]?.message.id);
      expect(server.received('tools/call')).toHaveLength(1);
    });
  });

  describe('[AC5] sessions', () => {
    it('opens an expired call session anew once for 50 concurrent calls, each executed once', async () => {
      const executed: unknown[] = [];
      const { gateway, server } = await startAnswering((exchange) => {
        executed.push(exchange.message.params?.arguments?.number);
        exchange.result(textResult(`call ${String(exchange.message.params?.arguments?.number)}`));
      });
      await callTool(gateway, 'work', { number: 'first' });
      const expired = server.received('tools/call')[0]?.sessionId as string;
      server.sessions.delete(expired);
      const before = server.received('initialize').length;

      const numbers = Array.from({ length: 50 }, (_, index) => index);
      const answers = await Promise.all(numbers.map((number) => callTool(gateway, 'work', { number })));

      expect(answers.map(({ status, body }) => [status, body])).toEqual(numbers.map((number) => [200, `call ${number}`]));
      expect(executed.slice(1).sort()).toEqual([...numbers].sort());
      expect(server.received('initialize')).toHaveLength(before + 1);
    });

    it('gives up on a session that is forgotten again at once', async () => {
      const { gateway, server } = await startAnswering((exchange) => exchange.send(404));
      const body = upstreamError('The MCP server "default" answered HTTP 404 instead of a result.', { status: 404 });
      await expect(callTool(gateway, 'work')).resolves.toMatchObject({ status: 502, body });
      expect(server.received('tools/call')).toHaveLength(2);
    });

    it('keeps neither session nor stream of those that a server which knows them refuses, once no other call goes on there', async () => {
      const ends: (() => void)[] = [];
      const { gateway, server } = await startAnswering((exchange) => {
        if (exchange.message.params?.arguments?.waits !== true) return exchange.send(404);
        ends.push(() => exchange.result());
      });
      await until('the streams', () => server.openStreams.size === 2);
      const first = callTool(gateway, 'work', { waits: true });
      await until('the call that waits', () => ends.length === 1);
      for (let calls = 0; calls < 5; calls++) await expect(callTool(gateway, 'work')).resolves.toMatchObject({ status: 502 });
      // Of discovery, of calls, and that of the call that waits.
      await until('three sessions are left', () => server.sessions.size === 3 && server.openStreams.size === 3);
      ends[0]?.();
      await expect(first).resolves.toMatchObject({ status: 200 });
      await until('two sessions are left', () => server.sessions.size === 2 && server.openStreams.size === 2);
    });

    it('ends its sessions when it stops', async () => {
      const { gateway, server } = await start();
      await callTool(gateway, 'work');
      expect(server.sessions.size).toBe(2);
      await gateway.close();
      expect(server.sessions.size).toBe(0);
    });
  });

  describe('[AC5] messages that come before the answer', () => {
    it('answers a ping, refuses to sample, passes over the rest', async () => {
      const { gateway, server } = await startAnswering((exchange) => {
        exchange.stream(
          { jsonrpc: '2.0', method: 'notifications/message', params: { level: 'info', data: 'working' } },
          { jsonrpc: '2.0', id: 'server-1', method: 'ping' },
          { jsonrpc: '2.0', id: 'server-2', method: 'sampling/createMessage', params: { messages: [], maxTokens: 1 } },
          { jsonrpc: '2.0', method: 'notifications/nobody_knows' },
          exchange.progress(1),
          'no object',
        );
        void until('both replies', () => server.received('response').length === 2).then(() => {
          exchange.event(exchange.answer());
          exchange.response.end();
        });
      });
      await expect(callTool(gateway, 'work')).resolves.toMatchObject({ status: 200, body: 'done' });
      const replies = server.received('response');
      const [call] = server.received('tools/call');
      expect(replies.map(({ sessionId }) => sessionId)).toEqual([call?.sessionId, call?.sessionId]);
      expect(new Map(replies.map(({ message }) => [message.id, message]))).toEqual(
        new Map<unknown, unknown>([
          ['server-1', { jsonrpc: '2.0', id: 'server-1', result: {} }],
          ['server-2', { jsonrpc: '2.0', id: 'server-2', error: { code: -1, message: expect.any(String) } }],
        ]),
      );
    });

    it('takes the answer from a stream that stays open, and gives its connection back', async () => {
      const { gateway, server } = await startAnswering((exchange) => exchange.stream(exchange.answer()));
      const answers = await Promise.all(Array.from({ length: 120 }, () => callTool(gateway, 'work')));
      expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]));
      expect(server.received('tools/call')).toHaveLength(120);
    });
  });

  describe('[AC5] where it is', () => {
    const startAt = async (url: string) => closing(await startGatewayHere({}, [httpUpstream(url)]));

    it('is found at /mcp when the URL has no path, and asked there from then on', async () => {
      const server = closing(await RawMcpServer.start());
      const gateway = await startAt(new URL(server.url).origin);
      await untilPublished(gateway, 'work');
      await expect(callTool(gateway, 'work')).resolves.toMatchObject({ status: 200 });
      expect(server.received('tools/call')[0]?.request.url).toBe('/mcp');
    });

    it('is followed within its origin when it redirects, for calls too', async () => {
      const server = closing(await RawMcpServer.start({ path: '/mcp/' }));
      const redirecting = (exchange: Exchange) => exchange.send(307, '', { location: '/mcp/' });
      server.elsewhere = redirecting;
      const gateway = await startAt(server.url.replace(/\/$/, ''));
      await untilPublished(gateway, 'work');
      await expect(callTool(gateway, 'work')).resolves.toMatchObject({ status: 200 });
      expect(server.received('tools/call').map(({ request }) => request.url)).toEqual(['/mcp/']);
    });

    it('is not followed to another origin, which sees nothing', async () => {
      const other = closing(await RawMcpServer.start());
      const server = closing(await RawMcpServer.start({ path: '/nowhere' }));
      server.elsewhere = (exchange) => exchange.send(307, '', { location: `${new URL(other.url).origin}/other` });
      const gateway = closing(
        await startGatewayHere({}, [httpUpstream(`${new URL(server.url).origin}/mcp`, { headers: { authorization: 'Bearer canary' } })]),
      );
      await until('the refusal', async () =>
        JSON.stringify((await callTool(gateway, 'gateway_status')).body).includes('answered HTTP 307'),
      );
      expect(new Set(server.exchanges.map(({ request }) => request.url))).toEqual(new Set(['/mcp']));
      expect(other.exchanges).toHaveLength(0);
    });

    it('does not follow a call that is redirected to another origin', async () => {
      const other = closing(await RawMcpServer.start());
      const { gateway } = await startAnswering((exchange) => exchange.send(307, '', { location: other.url }));
      const body = upstreamError('The MCP server "default" answered HTTP 307 instead of a result.', { status: 307 });
      await expect(callTool(gateway, 'work')).resolves.toMatchObject({ status: 502, body });
      expect(other.exchanges).toHaveLength(0);
    });
  });

  describe('[E1][E2] connections', () => {
    it('refuses after bounded tries when nobody listens any more, and the call has not run', async () => {
      const { gateway, server } = await start();
      await server.stop();
      const answer = await callTool(gateway, 'work');
      expect(answer).toMatchObject({ status: 503, body: unavailable('The MCP server cannot be reached; the tool did not run.') });
      expect(Number(answer.headers.get('retry-after'))).toBeGreaterThanOrEqual(1);
      expect(server.received('tools/call')).toHaveLength(0);
    });

    it('does not repeat a call whose connection is reset after its body was read', async () => {
      const { gateway, server } = await startAnswering((exchange) => exchange.request.socket.resetAndDestroy());
      await expect(callTool(gateway, 'work')).resolves.toMatchObject({ status: 502, body: MAY_HAVE_RUN });
      expect(server.received('tools/call')).toHaveLength(1);
    });

    it('does not hand on half an answer whose connection is reset', async () => {
      const { gateway, server } = await startAnswering((exchange) => {
        exchange.response.writeHead(200, { 'content-type': 'application/json', 'content-length': '1000' }).write('{"jsonrpc":"2.0",');
        setTimeout(() => exchange.request.socket.resetAndDestroy(), 50);
      });
      await expect(callTool(gateway, 'work')).resolves.toMatchObject({ status: 502, body: MAY_HAVE_RUN });
      expect(server.received('tools/call')).toHaveLength(1);
    });
  });
});

function nonEmpty<T>(items: T[]): T[] | undefined {
  return items.length === 0 ? undefined : items;
}
