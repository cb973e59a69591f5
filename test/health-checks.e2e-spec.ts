import path from 'node:path';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { ServerChecks } from '../src/health/server-checks.service.js';
import type { UpstreamSettings } from '../src/config/upstream-settings.js';
import { McpClient } from '../src/mcp-client/mcp-client.service.js';
import { PLANNER } from './support/built.ts';
import { childrenOf, isRunning } from './support/process/children.ts';
import { closesAfterEach } from './support/ends.ts';
import { get } from './support/exchange.ts';
import { type GatewayHere, httpUpstream, startGatewayHere, stdioUpstream } from './support/gateway.ts';
import { allListed } from './support/listed.ts';
import { ROOT, startNode, startPlanner } from './support/processes.ts';
import { type Exchange, RawMcpServer } from './support/raw-mcp-server.ts';
import { RawSseServer } from './support/raw-sse-server.ts';
import { Recorded, temporaryFolder } from './support/recorded.ts';
import { RedisServer } from './support/redis/redis-server.ts';
import { callTool } from './support/tool-requests.ts';
import { until } from './support/until.ts';

const SDK_V2 = path.join(ROOT, 'test/support/servers/sdk-v2.mjs');
const RAW_STDIO = path.join(ROOT, 'test/support/servers/raw-stdio.mjs');
/** No loaded machine takes so long for an answer that waits for nobody. */
const AT_ONCE_MS = 2_000;

interface Report {
  readonly status: string;
  readonly details: Readonly<Record<string, { readonly status: string; readonly age_seconds?: number; readonly lastError?: string }>>;
}

describe('checks of MCP servers', () => {
  const closing = closesAfterEach();
  const newFolder = temporaryFolder();

  const start = async (...upstreams: UpstreamSettings[]) => {
    const gateway = closing(await startGatewayHere({}, upstreams));
    await allListed(gateway.url);
    return gateway;
  };
  const check = (gateway: GatewayHere, ms = 4_000) => gateway.app.get(ServerChecks, { strict: false }).run(ms);
  const reportOf = async ({ url }: GatewayHere, at = '/health/mcp') => JSON.parse((await get(url, at)).text) as Report;
  const partOf = async (gateway: GatewayHere) => (await reportOf(gateway)).details.default;

  it('[AC10][EP4] ask each by a ping, which counts as no call, every few seconds', async () => {
    const server = closing(await RawMcpServer.start());
    const gateway = await start(httpUpstream(server.url));
    const calls = async () =>
      (await get(gateway.url, '/metrics')).text.split('\n').filter((line) => line.startsWith('mcpo_tool_calls_total'));
    const before = await calls();
    await until('two pings by themselves', () => server.received('ping').length >= 2);
    expect(server.received('ping')[0]?.message).toEqual({ jsonrpc: '2.0', method: 'ping', id: expect.any(String) as string });
    expect(await calls()).toEqual(before);
    expect(await partOf(gateway)).toMatchObject({ status: 'up' });
  });

  it('[AC10][EP4] ask those of 2026-07-28, which have no ping, what they are, over HTTP and stdio', async () => {
    const { url } = closing(await startNode(SDK_V2, { args: ['--modern-only'] }));
    const gateway = await start(
      httpUpstream(`${url}/mcp`, { name: 'far' }),
      stdioUpstream(SDK_V2, ['--stdio', '--modern-only'], { name: 'near' }),
    );
    const results = await Promise.all(gateway.app.get(McpClient).upstreams.map((upstream) => upstream.ping(4_000)));
    expect(results).toEqual([{ kind: 'answered' }, { kind: 'answered' }]);
  });

  it.each([
    ['an error', (exchange: Exchange) => exchange.error(-32_601, 'Method not found')],
    ['an event stream that stays open', (exchange: Exchange) => exchange.stream(exchange.answer({}))],
    ['a status that refuses it', (exchange: Exchange) => exchange.send(400)],
    ['nothing but a receipt', (exchange: Exchange) => exchange.send(202)],
  ])('[AC10][EP4] take %s for an answer', async (_, ping) => {
    const server = closing(await RawMcpServer.start({ on: { ping } }));
    const gateway = await start(httpUpstream(server.url));
    expect(await gateway.app.get(McpClient).upstreams[0]?.ping(500)).toEqual({ kind: 'answered' });
  });

  it('[AC10][EP4] take a 5xx and a port where nobody listens for down, without parting from the server', async () => {
    const server = await RawMcpServer.start({ on: { ping: (exchange) => exchange.send(502), GET: (exchange) => exchange.send(405) } });
    const gateway = await start(httpUpstream(server.url));
    await check(gateway);
    expect(await partOf(gateway)).toMatchObject({ status: 'down', state: 'up', lastError: 'The MCP server answered HTTP 502' });
    server.on['ping'] = (exchange) => exchange.result({});
    await check(gateway);
    expect(await partOf(gateway)).toMatchObject({ status: 'up' });
    await server.stop();
    await check(gateway);
    await until('it is refused', async () => (await check(gateway), (await partOf(gateway))?.status === 'down'));
    expect(await partOf(gateway)).toMatchObject({ state: 'up', lastError: expect.stringContaining('ECONNREFUSED') as string });
  });

  it('[AC10][P6] hold no connection longer than their deadline where nothing answers', async () => {
    const server = closing(await RawMcpServer.start({ on: { ping: () => undefined } }));
    const gateway = await start(httpUpstream(server.url));
    const before = server.openSockets;
    for (let round = 0; round < 3; round += 1) await check(gateway, 200);
    await until('their connections are closed', () => server.openSockets <= before);
    expect(await partOf(gateway)).toMatchObject({ status: 'up' });
    await expect(callTool(gateway, 'work')).resolves.toMatchObject({ status: 200 });
  });

  it('[AC10][EP4] over SSE take the answer from the stream', async () => {
    let answers = true;
    const server = closing(
      await RawSseServer.start({ on: { ping: ({ message }) => (answers ? { jsonrpc: '2.0', id: message.id, result: {} } : undefined) } }),
    );
    const gateway = await start(httpUpstream(server.url, { transport: 'sse' }));
    const ping = (ms: number) => gateway.app.get(McpClient).upstreams[0]?.ping(ms);
    expect(await ping(4_000)).toEqual({ kind: 'answered' });
    answers = false;
    expect(await ping(200)).toEqual({ kind: 'late' });
  });

  it('[AC10][P4] over stdio ask a child that reads nothing once, however often, and hear its late answer', async () => {
    const recorded = new Recorded(path.join(newFolder(), 'record'));
    const gateway = await start(stdioUpstream(RAW_STDIO, [JSON.stringify({ record: recorded.file })]));
    const [pid] = recorded.starts as [number];
    const [upstream] = gateway.app.get(McpClient).upstreams;
    process.kill(pid, 'SIGUSR2');
    await until('it reads nothing', () => recorded.lines.includes('deaf'));
    const before = recorded.received('ping').length;
    for (let round = 0; round < 5; round += 1) expect(await upstream?.ping(100)).toEqual({ kind: 'late' });
    process.kill(pid, 'SIGUSR2');
    expect(await upstream?.ping(10_000)).toEqual({ kind: 'answered' });
    expect(recorded.received('ping').length - before).toBe(1);
  });

  it('[P2][P4][AC10][EP4] with everything hanging every answer comes at once; what is not heard is unknown after 15 s, and up when it is back', async () => {
    const hanging: ServerResponse[] = [];
    let openWebUiHangs = false;
    const openWebUi = createServer((_, response) => (openWebUiHangs ? hanging.push(response) : response.end('{"status":true}')));
    await new Promise<void>((resolve) => openWebUi.listen(0, '127.0.0.1', resolve));
    closing({ close: async () => (openWebUi.closeAllConnections(), openWebUi.close()) });
    const redis = closing(await RedisServer.start());
    const planner = closing(await startPlanner());
    const environment = { REDIS_URL: redis.url, OPENWEBUI_URL: `http://127.0.0.1:${(openWebUi.address() as AddressInfo).port}` };
    const upstreams = [httpUpstream(planner.url, { name: 'far' }), stdioUpstream(path.join(ROOT, PLANNER), [], { name: 'near' })];
    const gateway = await startGatewayHere(environment, upstreams);
    const [near] = await until('the child runs', () => {
      const pids = childrenOf(process.pid, PLANNER).filter((pid) => pid !== planner.pid);
      return pids.length > 0 && pids;
    });
    const signal = (name: NodeJS.Signals) => {
      for (const pid of [near as number, planner.pid, redis.pid]) if (isRunning(pid)) process.kill(pid, name);
    };
    closing({
      close: async () => {
        signal('SIGCONT');
        await gateway.close();
      },
    });
    await until('all is well', async () => (await reportOf(gateway, '/health')).status === 'ok');
    signal('SIGSTOP');
    openWebUiHangs = true;
    const statuses = async () => {
      const { status, details } = await reportOf(gateway, '/health');
      return [status, ...['far', 'near', 'redis', 'openwebui'].map((name) => details[name]?.status)];
    };
    await until(
      'the old answers count no more',
      async () => {
        for (const at of ['/health', '/health/mcp', '/health/redis', '/health/openwebui', '/health/live', '/ready']) {
          const began = performance.now();
          expect([at, (await get(gateway.url, at)).status]).toEqual([at, 200]);
          expect(performance.now() - began).toBeLessThan(AT_ONCE_MS);
        }
        return (await statuses()).join() === 'degraded,unknown,unknown,down,unknown';
      },
      60_000,
    );
    const { details } = await reportOf(gateway, '/health');
    for (const name of ['far', 'near', 'openwebui']) expect(details[name]?.age_seconds).toBeGreaterThanOrEqual(15);
    // It is asked all the time, and does not answer.
    expect(details['redis']?.age_seconds).toBeLessThanOrEqual(15);
    signal('SIGCONT');
    openWebUiHangs = false;
    for (const response of hanging) response.end('{"status":true}');
    await until('all is well again', async () => (await statuses()).join() === 'ok,up,up,up,up', 60_000);
  });
});
