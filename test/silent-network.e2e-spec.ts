import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { MAX_EXCHANGE_MS, OPEN_CONNECTIONS } from '../libs/mcp-transport/src/http/http-endpoint.js';
import { McpClient } from '../src/mcp-client/mcp-client.service.js';
import { closesAfterEach } from './support/ends.js';
import { httpUpstream, startGatewayHere } from './support/gateway.js';
import { later } from './support/later.js';
import { drill } from './support/long-drills.js';
import { startPlanner } from './support/processes.js';
import { RawMcpServer } from './support/raw-mcp-server.js';
import { answerTo, RawSseServer } from './support/raw-sse-server.js';
import { TcpProxy } from './support/network/tcp-proxy.js';
import { callTool, errorOf, untilPublished } from './support/tool-requests.js';
import { until } from './support/until.js';

/** How long calls are paused that fail in a row. */
const PAUSE_MS = 5_000;
const LONG_CALL = { tasks: [{ title: 'first' }, { title: 'second' }], delay_ms: 10_000 };

describe('[E2][P4] a network that swallows everything in the middle of a call', () => {
  const closing = closesAfterEach();
  let folder: string;
  beforeEach(() => (folder = mkdtempSync(path.join(tmpdir(), 'silent-network-'))));
  afterEach(() => rmSync(folder, { recursive: true }));
  afterEach(() => jest.restoreAllMocks());

  it.each<[string, (proxy: TcpProxy) => void, boolean]>([
    ['and hands it on later', (proxy) => proxy.passAgain(), true],
    ['and forgets the connections that there were', (proxy) => proxy.passAnew(), false],
  ])('%s: 504 at the deadline, no harm to another server, and all is well when it passes bytes again', async (_, pass, isHandedOn) => {
    const executions = path.join(folder, 'executions');
    const running = (tool: string) => existsSync(executions) && readFileSync(executions, 'utf8').includes(`"${tool}"`);
    const planner = closing(await startPlanner({ env: { PLANNER_EXECUTIONS_FILE: executions } }));
    const proxy = closing(await TcpProxy.start(planner.url));
    const other = closing(await RawMcpServer.start());
    const gateway = closing(
      await startGatewayHere({}, [
        httpUpstream(`${proxy.url}/mcp`, { name: 'far', requestTimeoutMs: 2_000 }),
        httpUpstream(other.url, { name: 'near' }),
      ]),
    );
    await untilPublished(gateway, 'import_tasks');
    await untilPublished(gateway, 'work');

    const call = callTool(gateway, 'import_tasks', LONG_CALL);
    await until('the call runs', () => running('import_tasks'));
    proxy.fallSilent();
    const beside = await Promise.all(Array.from({ length: 20 }, () => callTool(gateway, 'work')));
    expect(beside.map(({ status }) => status)).toEqual(Array(20).fill(200));
    await expect(call).resolves.toMatchObject({
      status: 504,
      body: errorOf({
        type: 'upstream_timeout',
        message: '"import_tasks" gave no sign of life for 2 s (REQUEST_TIMEOUT). It may have run.',
        details: { server: 'far', limit: 'REQUEST_TIMEOUT', seconds: 2, outcome: 'unknown' },
      }),
    });
    await until('the cancellation is tried', () => proxy.heldText.includes('notifications/cancelled'));
    await expect(callTool(gateway, 'list_plans')).resolves.toMatchObject({ status: 504, body: { error: { type: 'upstream_timeout' } } });

    pass(proxy);
    await until('the server is heard again', async () => (await callTool(gateway, 'list_plans')).status === 200);
    for (let n = 0; n < 3; n += 1) await expect(callTool(gateway, 'list_plans')).resolves.toMatchObject({ status: 200 });
    const found = await callTool(gateway, 'search_tasks', { query: 'second' });
    if (isHandedOn) expect(JSON.stringify(found.body)).not.toContain('"second"');
    await expect(callTool(gateway, 'work')).resolves.toMatchObject({ status: 200 });
  });

  const startSse = async (onPing?: (id: unknown) => unknown) => {
    let answers = true;
    const server = closing(
      await RawSseServer.start({
        on: {
          'tools/call': (posted) => (answers ? answerTo(posted) : undefined),
          ...(onPing && { ping: ({ message }) => onPing(message.id) }),
        },
      }),
    );
    const proxy = closing(await TcpProxy.start(server.origin));
    const gateway = closing(
      await startGatewayHere({}, [httpUpstream(`${proxy.url}/sse`, { name: 'far', transport: 'sse', requestTimeoutMs: 1_000 })]),
    );
    await untilPublished(gateway, 'work');
    const status = () => gateway.app.get(McpClient).upstreams[0]?.status();
    return { server, proxy, gateway, status, answer: (does: boolean) => (answers = does) };
  };

  const TIMED_OUT = { status: 504, body: { error: { type: 'upstream_timeout', details: { outcome: 'unknown' } } } };

  it('of an event stream alone: one call times out, no ping is answered, and the next has a new session', async () => {
    const { server, proxy, gateway, status } = await startSse();
    await expect(callTool(gateway, 'work')).resolves.toMatchObject({ status: 200 });
    proxy.swallowStreams();
    await expect(callTool(gateway, 'work')).resolves.toMatchObject(TIMED_OUT);
    await until('the session is made anew', () => server.gets.length === 2 && status()?.state === 'up');
    expect(status()?.lastError).toBe('The MCP server did not answer a ping after a call that timed out.');
    await expect(callTool(gateway, 'work')).resolves.toMatchObject({ status: 200 });
    expect(server.received('tools/call')).toHaveLength(3);
    expect(server.received('ping')).not.toHaveLength(0);
  });

  it.each([
    ['a result', (id: unknown) => ({ jsonrpc: '2.0', id, result: {} })],
    ['an error', (id: unknown) => ({ jsonrpc: '2.0', id, error: { code: -32601, message: 'Method not found' } })],
  ])('is not what a call that times out means, where a ping is answered with %s: the session stays', async (_, onPing) => {
    const { server, gateway, status, answer } = await startSse(onPing);
    answer(false);
    await expect(callTool(gateway, 'work')).resolves.toMatchObject(TIMED_OUT);
    await expect(callTool(gateway, 'work')).resolves.toMatchObject(TIMED_OUT);
    // The first ping has had its time.
    answer(true);
    await expect(callTool(gateway, 'work')).resolves.toMatchObject({ status: 200 });
    expect(status()).toMatchObject({ state: 'up', lastError: undefined });
    expect(server.gets).toHaveLength(1);
    expect(server.received('tools/call')).toHaveLength(3);
  });

  /** How long anything but a call and a stream may hold a connection. */
  const shortenExchanges = (shortMs: number) => {
    const timeout = AbortSignal.timeout.bind(AbortSignal);
    jest.spyOn(AbortSignal, 'timeout').mockImplementation((ms) => timeout(ms === MAX_EXCHANGE_MS ? shortMs : ms));
  };

  it('[P6] costs no connection for good, however many calls it cost', async () => {
    shortenExchanges(drill(4_000, MAX_EXCHANGE_MS));
    const server = closing(await RawMcpServer.start());
    const proxy = closing(await TcpProxy.start(server.url));
    const gateway = closing(await startGatewayHere({}, [httpUpstream(`${proxy.url}/mcp`, { requestTimeoutMs: 2_000 })]));
    await untilPublished(gateway, 'work');
    proxy.fallSilent();
    const answers = await Promise.all(Array.from({ length: OPEN_CONNECTIONS }, () => callTool(gateway, 'work')));
    expect(answers.filter(({ status }) => status !== 504)).toEqual([]);
    const tried = () => proxy.heldText.match(/notifications\/cancelled/g)?.length;
    await until('all cancellations are tried', () => tried() === OPEN_CONNECTIONS);
    proxy.passAnew();
    const isHeard = async () => {
      const { status, body } = await callTool(gateway, 'work');
      if (JSON.stringify(body).includes('paused')) await later(PAUSE_MS);
      return status === 200;
    };
    await until('the server is heard again', isHeard, 90_000);
  });
});
