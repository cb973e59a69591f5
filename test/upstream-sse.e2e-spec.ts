import type { HttpUpstreamSettings } from '../src/config/upstream-settings.js';
import { McpClient } from '../src/mcp-client/mcp-client.service.js';
import { closesAfterEach } from './support/ends.js';
import { freePort } from './support/network/free-port.js';
import { type GatewayHere, httpUpstream, startGatewayHere } from './support/gateway.js';
import { RawMcpServer, textResult } from './support/raw-mcp-server.js';
import { answerTo, type Posted, RawSseServer, type RawSseOptions } from './support/raw-sse-server.js';
import { startEverything } from './support/installed/server-everything.js';
import { callTool, errorOf, untilPublished } from './support/tool-requests.js';
import { until } from './support/until.js';

describe('an upstream over SSE', () => {
  const closing = closesAfterEach();

  const startGateway = async (url: string, more: Partial<HttpUpstreamSettings> = {}) =>
    closing(await startGatewayHere({}, [httpUpstream(url, more)]));

  const start = async (options: RawSseOptions = {}, more: Partial<HttpUpstreamSettings> = {}) => {
    const server = closing(await RawSseServer.start(options));
    const gateway = await startGateway(server.url, { transport: 'sse', ...more });
    await untilPublished(gateway, 'work');
    return { server, gateway };
  };

  const statusOf = (gateway: GatewayHere) => gateway.app.get(McpClient).upstreams[0]?.status();

  const reasonOf = async (gateway: GatewayHere, part: string) =>
    until(part, () => {
      const { state, lastError } = statusOf(gateway) ?? {};
      return (state === 'degraded' || state === 'needs_auth') && lastError?.includes(part) && lastError;
    });

  const untilAnswered = (gateway: GatewayHere) => until('a call is answered', async () => (await callTool(gateway, 'work')).status === 200);

  const never = () => undefined;

  describe('[T2][AC5] server-everything in its sse mode', () => {
    const check = async (path: string, more: Partial<HttpUpstreamSettings>) => {
      const port = await freePort();
      closing(await startEverything(port, 'sse'));
      const gateway = await startGateway(`http://127.0.0.1:${port}${path}`, more);
      await untilPublished(gateway, 'echo');
      const answers = await Promise.all(
        Array.from({ length: 20 }, (_, number) => callTool(gateway, 'echo', { message: `number ${number}` })),
      );
      expect(answers.map(({ status, body }) => [status, body])).toEqual(answers.map((_, number) => [200, `Echo: number ${number}`]));
      expect(statusOf(gateway)).toMatchObject({ state: 'up', transport: 'sse', server: { era: 'legacy' } });
      return gateway;
    };

    it('where the settings say so', () => check('/sse', { transport: 'sse' }));

    it('where they say nothing', async () => {
      const gateway = await check('/sse', {});
      expect(statusOf(gateway)).toMatchObject({ guessedPath: undefined });
    });

    it('where the URL has no path', async () => {
      const gateway = await check('', {});
      expect(statusOf(gateway)).toMatchObject({ guessedPath: '/sse' });
    });

    it('that was killed and started anew', async () => {
      const port = await freePort();
      const first = closing(await startEverything(port, 'sse'));
      const gateway = await startGateway(`http://127.0.0.1:${port}/sse`);
      await untilPublished(gateway, 'echo');
      await first.stop();
      closing(await startEverything(port, 'sse'));
      await until('a call is answered again', async () => (await callTool(gateway, 'echo', { message: 'a' })).status === 200);
    });
  });

  it('[AC5] is not looked for where streamable HTTP answers, nor where nothing but an error does', async () => {
    const streamable = closing(await RawMcpServer.start());
    const gateway = await startGateway(streamable.url);
    await untilPublished(gateway, 'work');
    expect(statusOf(gateway)).toMatchObject({ transport: 'streamable-http' });
    const failing = closing(await RawMcpServer.start({ on: { initialize: (exchange) => exchange.send(500) } }));
    await reasonOf(await startGateway(failing.url), 'HTTP 500');
    expect(failing.received('GET')).toHaveLength(0);
  });

  it('[AC1][CALL] posts the arguments as they came, with the headers of the upstream, and tells the correlation id', async () => {
    const { server, gateway } = await start({}, { headers: { authorization: 'Bearer upstream' } });
    const args = '{ "b": 12345678901234567890, "a": [1.0, 1e400, -0], "1": {} }';
    await expect(callTool(gateway, 'work', args)).resolves.toMatchObject({ status: 200, body: 'done' });
    const [call] = server.received('tools/call');
    expect(call?.text).toContain(`"arguments":${args}`);
    expect(call?.headers).toMatchObject({ authorization: 'Bearer upstream', 'x-correlation-id': 'test-1' });
    expect(call?.headers['mcp-protocol-version']).toBeDefined();
    expect(server.gets[0]).toMatchObject({ authorization: 'Bearer upstream', accept: 'text/event-stream' });
  });

  it('[AC2] hands on a result to the byte, in whatever order answers come', async () => {
    const waiting: Posted[] = [];
    const { gateway, server } = await start({ on: { 'tools/call': (posted) => void waiting.push(posted) } });
    const answers = Promise.all([1, 2, 3].map((number) => callTool(gateway, 'work', { number })));
    await until('three calls', () => waiting.length === 3);
    for (const posted of waiting.reverse())
      server.open[0]?.write(
        `data: ${JSON.stringify(answerTo(posted, textResult(`${String(posted.message.params?.arguments?.number)}.0`)))}\n\n`,
      );
    expect((await answers).map(({ body }) => body)).toEqual([1, 2, 3]);
  });

  it('[AC4] passes over keep-alives and answers what the server asks', async () => {
    const { gateway, server } = await start({
      on: {
        'tools/call': ({ stream }) => {
          stream?.write(': keep-alive\n\nevent: ping\n\n');
          return { jsonrpc: '2.0', id: 'server-1', method: 'ping' };
        },
        response: (reply, { posted }) => {
          const call = posted.find(({ message }) => message.method === 'tools/call') as Posted;
          return reply.message.id === 'server-1' ? answerTo(call) : undefined;
        },
      },
    });
    await expect(callTool(gateway, 'work')).resolves.toMatchObject({ status: 200, body: 'done' });
    expect(server.gets).toHaveLength(1);
  });

  describe('[AC5][AC3] a stream that ends', () => {
    const lost = errorOf({
      type: 'outcome_unknown',
      message: 'The connection to the MCP server ended before it answered: "work" may have run.',
      details: { server: 'default', outcome: 'unknown' },
    });

    it.each<[string, (posted: Posted) => void]>([
      ['in order', ({ stream }) => void stream?.end()],
      ['by a reset', ({ stream }) => void stream?.socket?.resetAndDestroy()],
      ['in the middle of the answer', ({ stream }) => void stream?.end('data: {"jsonrpc":"2.0","id"')],
    ])('%s leaves the outcome of calls unknown, and is opened anew', async (_, call) => {
      let calls = 0;
      const { gateway, server } = await start({ on: { 'tools/call': (posted) => (++calls === 1 ? call(posted) : answerTo(posted)) } });
      await expect(callTool(gateway, 'work')).resolves.toMatchObject({ status: 502, body: lost });
      expect(calls).toBe(1);
      await untilAnswered(gateway);
      expect(server.gets).toHaveLength(2);
    });

    it('between calls costs none of them an answer', async () => {
      const { gateway, server } = await start();
      server.open[0]?.end();
      await until('the end', () => server.open.length === 0 || server.gets.length > 1);
      const answers = await Promise.all(Array.from({ length: 8 }, () => callTool(gateway, 'work')));
      expect(answers.map(({ status }) => status)).toEqual(Array(8).fill(200));
      expect(server.gets).toHaveLength(2);
      expect(server.received('tools/call').filter(({ stream }) => stream)).toHaveLength(8);
    });

    it('without the gateway knowing it: a forgotten session is 404, and the call is sent on a new one', async () => {
      const { gateway, server } = await start();
      const [stream] = server.open;
      server.streams.clear();
      await expect(callTool(gateway, 'work')).resolves.toMatchObject({ status: 200, body: 'done' });
      expect(server.received('tools/call').map((posted) => posted.stream !== undefined)).toEqual([false, true]);
      await until('the first stream is let go', () => stream?.destroyed || stream?.writableEnded || stream?.closed);
    });
  });

  describe('[AC3] a server that means harm', () => {
    it('does not make the gateway post to another origin [S7]', async () => {
      const other = closing(await RawMcpServer.start());
      const server = closing(await RawSseServer.start({ endpoint: () => `${new URL(other.url).origin}/messages` }));
      const gateway = await startGateway(server.url, { transport: 'sse', headers: { authorization: 'Bearer canary' } });
      await reasonOf(gateway, 'another origin');
      expect(other.exchanges).toHaveLength(0);
    });

    it('may name its own origin in full', async () => {
      const { gateway } = await start({ endpoint: ({ origin }, session) => `${origin}/messages?session=${session}` });
      await expect(callTool(gateway, 'work')).resolves.toMatchObject({ status: 200 });
    });

    it.each<[string, RawSseOptions, string]>([
      [
        'that offers a page',
        { get: (response) => response.writeHead(200, { 'content-type': 'text/html' }).end('<html>') },
        'no event stream',
      ],
      ['that refuses', { get: (response) => response.writeHead(403).end() }, 'HTTP 403'],
      ['that ends at once', { endpoint: ({ open }) => void open.at(-1)?.end() }, 'ended'],
    ])('%s is not up, and the reason is told', async (_, options, reason) => {
      const server = closing(await RawSseServer.start(options));
      await reasonOf(await startGateway(server.url, { transport: 'sse' }), reason);
    });

    it('with an event beyond the bound is read no further, and found again', async () => {
      let calls = 0;
      const big = textResult('x'.repeat(300_000));
      const { gateway } = await start(
        { on: { 'tools/call': (posted) => answerTo(posted, ++calls === 1 ? big : undefined) } },
        { maxResponseBytes: 50_000 },
      );
      const message = 'An answer was larger than 50000 bytes.';
      const body = errorOf({ type: 'upstream_error', message, details: { server: 'default', outcome: 'unknown' } });
      await expect(callTool(gateway, 'work')).resolves.toMatchObject({ status: 502, body });
      await untilAnswered(gateway);
    });
  });

  describe('[E2] time', () => {
    it('ends a silent call, tells the server, and keeps the stream', async () => {
      let calls = 0;
      const { gateway, server } = await start(
        { on: { 'tools/call': (posted) => (++calls === 1 ? undefined : answerTo(posted)) } },
        { requestTimeoutMs: 1_000 },
      );
      await expect(callTool(gateway, 'work')).resolves.toMatchObject({ status: 504, body: { error: { type: 'upstream_timeout' } } });
      await until('the cancellation', () => server.received('notifications/cancelled').length === 1);
      expect(server.received('notifications/cancelled')[0]?.message.params?.requestId).toBe(server.received('tools/call')[0]?.message.id);
      await expect(callTool(gateway, 'work')).resolves.toMatchObject({ status: 200 });
      expect(server.gets).toHaveLength(1);
    });

    it('ends a call whose receipt never comes, and tells the server when the caller leaves', async () => {
      const { gateway, server } = await start({ receipt: () => new Promise(never) }, { requestTimeoutMs: 1_000 });
      await expect(callTool(gateway, 'work')).resolves.toMatchObject({ status: 504 });
      const leaving = new AbortController();
      const left = callTool(gateway, 'work', {}, { signal: leaving.signal }).catch((error: Error) => error.name);
      await until('the call', () => server.received('tools/call').length === 2);
      leaving.abort();
      await expect(left).resolves.toBe('AbortError');
      await until('both cancellations', () => server.received('notifications/cancelled').length === 2);
    });
  });

  it('[AC9] passes a status on that the receipt says in place of an answer', async () => {
    const { gateway } = await start({
      receipt: ({ receipt }) => receipt.writeHead(429, { 'retry-after': '3600' }).end(),
      on: { 'tools/call': never },
    });
    const answer = await callTool(gateway, 'work');
    expect(answer).toMatchObject({ status: 429, body: { error: { type: 'rate_limit_error', retry_after: 3600 } } });
  });

  it('[AC5] leaves no stream open when the gateway stops', async () => {
    const { gateway, server } = await start();
    expect(server.open).toHaveLength(1);
    await gateway.close();
    await until('the stream is closed', () => server.open.length === 0);
  });
});
