import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { UpstreamSettings } from '../src/config/upstream-settings.js';
import { PLANNER } from './support/built.ts';
import { get, ID, post, told } from './support/exchange.ts';
import { type GatewayHere, httpUpstream, startGatewayHere, stdioUpstream } from './support/gateway.ts';
import { allListed } from './support/listed.ts';
import { ROOT, type RunningProcess, startPlanner, type StartOptions } from './support/processes.ts';
import { until } from './support/until.ts';

const PATHS = ['/health', '/health/mcp', '/ready'] as const;
const TIME = expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/);
const HEADERS = { 'x-correlation-id': ID, 'content-type': 'application/json; charset=utf-8', 'cache-control': 'no-store' };

/** Status, own headers and parsed body of each of the three. */
async function looks(url: string) {
  const exchanges = await Promise.all(PATHS.map((path) => get(url, path)));
  return Object.fromEntries(
    exchanges.map(({ status, headers, text }, index) => [PATHS[index] as string, { status, headers, body: JSON.parse(text) as unknown }]),
  );
}

/** What the three answer when these checks are up and those down. */
function answer(up: Record<string, object>, down: Record<string, object> = {}) {
  const mark = (checks: Record<string, object>, status: string) =>
    Object.fromEntries(Object.entries(checks).map(([name, details]) => [name, { ...details, status }]));
  const isUp = Object.keys(down).length === 0;
  const [info, error] = [mark(up, 'up'), mark(down, 'down')];
  return {
    status: isUp ? 200 : 503,
    headers: HEADERS,
    body: { status: isUp ? 'ok' : 'error', info, error, details: { ...info, ...error } },
  };
}

const cleanup: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const end of cleanup.splice(0).reverse()) await end();
});

async function gatewayFor(upstream: UpstreamSettings): Promise<GatewayHere> {
  const gateway = await startGatewayHere({}, [upstream]);
  cleanup.push(() => gateway.close());
  return gateway;
}

async function planner(options?: StartOptions): Promise<RunningProcess> {
  const started = await startPlanner(options);
  cleanup.push(() => started.stop());
  return started;
}

const isDown = async (url: string) => (await get(url, '/health/mcp')).status === 503;

describe('health', () => {
  it.each([
    ['stdio', async () => stdioUpstream(`${ROOT}/${PLANNER}`)],
    ['streamable-http', async () => httpUpstream((await planner()).url)],
  ])('[AC10][EP4][EP5] all is well with a planner over %s', async (transport, start) => {
    const gateway = await gatewayFor(await start());
    await allListed(gateway.url);
    const tools = { revision: 2, tools: 12, unlisted: [] };
    const server = { state: 'up', since: TIME, transport, era: 'legacy', protocolVersion: '2025-11-25' };
    expect(await looks(gateway.url)).toEqual({
      '/health': answer({ tools, default: server }),
      '/health/mcp': answer({ default: server }),
      '/ready': answer({ gateway: {}, tools }),
    });
  });

  describe('with a server that is down from the start', () => {
    let gateway: GatewayHere;
    beforeAll(async () => {
      gateway = await startGatewayHere({}, [httpUpstream(await closedUrl())]);
      await until('the first attempt', async () => (await get(gateway.url, '/health/mcp')).text.includes('degraded'));
    });
    afterAll(() => gateway.close());

    it('[AC10][EP4][EP5] says so with 503 and the reason', async () => {
      const tools = { revision: 1, tools: 0, unlisted: ['default'] };
      const server = { state: 'degraded', since: TIME, transport: 'streamable-http', lastError: expect.stringContaining('ECONNREFUSED') };
      expect(await looks(gateway.url)).toEqual({
        '/health': answer({}, { tools, default: server }),
        '/health/mcp': answer({}, { default: server }),
        '/ready': answer({ gateway: {} }, { tools }),
      });
    });

    it('[EP4][C4] the process is alive nevertheless', async () => {
      expect(told(await get(gateway.url, '/health/live'))).toEqual({ status: 200, headers: HEADERS, text: '{"status":"ok"}' });
    });
  });

  it('[AC10][EP4][EP5] a server lost later is down, its tools stay, and it is found again by itself', async () => {
    const { url, stop } = await planner();
    const gateway = await gatewayFor(httpUpstream(url));
    await allListed(gateway.url);
    await stop('SIGKILL');
    await post(gateway.url, '/v1/tools/list_plans', {});
    await until('the loss to be seen', () => isDown(gateway.url));
    const tools = { revision: 2, tools: 12, unlisted: [] };
    const server = {
      state: 'degraded',
      since: TIME,
      transport: 'streamable-http',
      era: 'legacy',
      protocolVersion: '2025-11-25',
      lastError: expect.any(String),
    };
    expect(await looks(gateway.url)).toEqual({
      '/health': answer({ tools }, { default: server }),
      '/health/mcp': answer({}, { default: server }),
      '/ready': answer({ gateway: {}, tools }),
    });
    await planner({ env: { PLANNER_PORT: new URL(url).port } });
    await until('the server to be found again', async () => !(await isDown(gateway.url)));
    expect((await get(gateway.url, '/health')).status).toBe(200);
  });
});

/** A URL where nothing listens. */
async function closedUrl(): Promise<string> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return `http://127.0.0.1:${port}/mcp`;
}
