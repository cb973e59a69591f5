import { plainKey } from '../src/config/callers/api-key.js';
import type { UpstreamSettings } from '../src/config/upstream-settings.js';
import { ShutdownState } from '../src/health/shutdown-state.js';
import { PLANNER } from './support/built.ts';
import { closesAfterEach } from './support/ends.ts';
import { get, ID, post, told } from './support/exchange.ts';
import { freePort } from './support/network/free-port.ts';
import { type GatewayHere, httpUpstream, startGatewayHere, stdioUpstream } from './support/gateway.ts';
import { allListed } from './support/listed.ts';
import { ROOT, startPlanner } from './support/processes.ts';
import { RawMcpServer } from './support/raw-mcp-server.ts';
import { until } from './support/until.ts';

const PATHS = ['/health', '/health/mcp', '/health/redis', '/health/openwebui', '/ready'] as const;
const TIME = expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/) as string;
const AGE = expect.any(Number) as number;
const HEADERS = { 'x-correlation-id': ID, 'content-type': 'application/json; charset=utf-8', 'cache-control': 'no-store' };

type Part = Readonly<Record<string, unknown>> & { readonly status: string };
type Parts = Readonly<Record<string, Part>>;

/** Status, own headers and parsed body of each. */
async function looks(url: string, headers: Readonly<Record<string, string>> = {}) {
  const exchanges = await Promise.all(PATHS.map((path) => get(url, path, headers)));
  return Object.fromEntries(
    exchanges.map((exchange, index) => [
      PATHS[index] as string,
      { status: exchange.status, headers: exchange.headers, body: JSON.parse(exchange.text) as unknown },
    ]),
  );
}

function answer(status: string, details: Parts, code = 200) {
  const isWell = (part: Part) => part.status === 'up' || part.status === 'not_configured';
  const those = (well: boolean) => Object.fromEntries(Object.entries(details).filter(([, part]) => isWell(part) === well));
  return { status: code, headers: HEADERS, body: { status, info: those(true), error: those(false), details } };
}

const REDIS = { redis: { status: 'not_configured' } };
const OPEN_WEBUI = { openwebui: { status: 'not_configured', last_request_at: null } };
const ALONE = { '/health/redis': answer('not_configured', REDIS), '/health/openwebui': answer('not_configured', OPEN_WEBUI) };
const GATEWAY = { gateway: { status: 'up' } };
const TOOLS = { revision: 2, tools: 12, unlisted: [] };
const NO_TOOLS = { revision: 1, tools: 0, unlisted: ['default'] };
const OVER_HTTP = {
  state: 'up',
  since: TIME,
  transport: 'streamable-http',
  era: 'legacy',
  protocolVersion: '2025-11-25',
  age_seconds: AGE,
};

const closing = closesAfterEach();

async function gatewayFor(...upstreams: UpstreamSettings[]): Promise<GatewayHere> {
  return closing(await startGatewayHere({}, upstreams));
}

const statusAt = async (url: string, path: string) => (JSON.parse((await get(url, path)).text) as { status: string }).status;

describe('health', () => {
  it.each([
    ['stdio', async () => stdioUpstream(`${ROOT}/${PLANNER}`)],
    ['streamable-http', async () => httpUpstream(closing(await startPlanner()).url)],
  ])('[AC10][EP4][EP5] all is well with a planner over %s', async (transport, start) => {
    const gateway = await gatewayFor(await start());
    await allListed(gateway.url);
    const tools = { tools: { ...TOOLS, status: 'up' } };
    const server = { default: { ...OVER_HTTP, transport, status: 'up' } };
    expect(await looks(gateway.url)).toEqual({
      ...ALONE,
      '/health': answer('ok', { ...tools, ...server, ...REDIS, ...OPEN_WEBUI }),
      '/health/mcp': answer('ok', server),
      '/ready': answer('ok', { ...GATEWAY, ...tools }),
    });
  });

  it('[AC10][EP4][EP5] with a server that is down from the start it says so with the reason, and the gateway is ready and alive', async () => {
    const gateway = await gatewayFor(httpUpstream(`http://127.0.0.1:${await freePort()}/mcp`));
    await until('the first attempt', async () => (await statusAt(gateway.url, '/health')) === 'down');
    const reason = expect.stringContaining('ECONNREFUSED') as string;
    const server = {
      default: { state: 'degraded', since: TIME, transport: 'streamable-http', age_seconds: 0, lastError: reason, status: 'down' },
    };
    expect(await looks(gateway.url)).toEqual({
      ...ALONE,
      '/health': answer('down', { tools: { ...NO_TOOLS, status: 'down' }, ...server, ...REDIS, ...OPEN_WEBUI }),
      '/health/mcp': answer('down', server),
      '/ready': answer('ok', { ...GATEWAY, tools: { ...NO_TOOLS, status: 'up' } }),
    });
    expect(told(await get(gateway.url, '/health/live'))).toEqual({ status: 200, headers: HEADERS, text: '{"status":"ok"}' });
  });

  it('[AC10][EP4][EP5] a server lost later is down, its tools stay, the gateway is ready, and it is found again by itself', async () => {
    const { url, stop } = closing(await startPlanner());
    const gateway = await gatewayFor(httpUpstream(url));
    await allListed(gateway.url);
    await stop('SIGKILL');
    await post(gateway.url, '/v1/tools/list_plans', {});
    await until('the loss to be seen', async () => (await statusAt(gateway.url, '/health/mcp')) === 'down');
    const tools = { tools: { ...TOOLS, status: 'up' } };
    const server = { default: { ...OVER_HTTP, state: 'degraded', lastError: expect.any(String) as string, status: 'down' } };
    expect(await looks(gateway.url)).toEqual({
      ...ALONE,
      '/health': answer('down', { ...tools, ...server, ...REDIS, ...OPEN_WEBUI }),
      '/health/mcp': answer('down', server),
      '/ready': answer('ok', { ...GATEWAY, ...tools }),
    });
    closing(await startPlanner({ env: { PLANNER_PORT: new URL(url).port } }));
    await until('the server to be found again', async () => (await statusAt(gateway.url, '/health')) === 'ok');
  });

  it('[AC10][EP4] is degraded while one of several servers is down', async () => {
    const server = closing(await RawMcpServer.start());
    const gone = httpUpstream(`http://127.0.0.1:${await freePort()}/mcp`, { name: 'gone' });
    const gateway = await gatewayFor(httpUpstream(server.url, { name: 'there' }), gone);
    const about = async (path: string) =>
      JSON.parse((await get(gateway.url, path)).text) as { status: string; error: object; info: object };
    await until('one is up and one down', async () => {
      const { info, error } = await about('/health/mcp');
      const isListed = (await statusAt(gateway.url, '/ready')) === 'ok';
      return isListed && Object.keys(info).join() === 'there' && JSON.stringify(error).includes('ECONNREFUSED');
    });
    for (const path of ['/health', '/health/mcp'])
      expect(await about(path)).toMatchObject({
        status: 'degraded',
        info: { there: { status: 'up' } },
        error: { gone: { status: 'down' } },
      });
  });

  it('[AC10][EP4] knows servers apart that are called like its own parts', async () => {
    const server = closing(await RawMcpServer.start());
    const gateway = await gatewayFor(...['redis', 'tools'].map((name) => httpUpstream(server.url, { name })));
    await allListed(gateway.url);
    const keys = async (path: string) => Object.keys((JSON.parse((await get(gateway.url, path)).text) as { details: object }).details);
    expect(await keys('/health')).toEqual(['tools', 'mcp:redis', 'mcp:tools', 'redis', 'openwebui']);
    expect(await keys('/health/mcp')).toEqual(['redis', 'tools']);
  });

  it('[EP4][EP5][P4] is 503 while the gateway drains, when it is alive as ever', async () => {
    const server = closing(await RawMcpServer.start());
    const gateway = await gatewayFor(httpUpstream(server.url));
    await allListed(gateway.url);
    gateway.app.get(ShutdownState).begin();
    const gatewayPart = { gateway: { reason: 'stopping', status: 'down' } };
    const { '/health': all, '/ready': ready, ...others } = await looks(gateway.url);
    expect(all).toMatchObject({ status: 503, body: { status: 'down', error: gatewayPart, info: { default: { status: 'up' } } } });
    expect(others).toEqual({
      '/health/mcp': answer(
        'down',
        { ...gatewayPart, default: { ...OVER_HTTP, protocolVersion: expect.any(String) as string, status: 'up' } },
        503,
      ),
      '/health/redis': answer('down', { ...gatewayPart, ...REDIS }, 503),
      '/health/openwebui': answer('down', { ...gatewayPart, ...OPEN_WEBUI }, 503),
    });
    expect(ready).toMatchObject({ status: 503, body: { status: 'error', error: { gateway: { status: 'down', message: 'stopping' } } } });
    expect(told(await get(gateway.url, '/health/live'))).toEqual({ status: 200, headers: HEADERS, text: '{"status":"ok"}' });
  });
});

describe('health where credentials are configured', () => {
  const PUBLIC = PATHS.filter((path) => path !== '/ready');

  const start = async () => {
    const server = closing(await RawMcpServer.start());
    const upstreams = ['default', 'other'].map((name) => httpUpstream(server.url, { name }));
    const gateway = closing(await startGatewayHere({ API_KEYS: 'someone:key-of-someone' }, upstreams));
    await allListed(gateway.url);
    return gateway;
  };

  it.each([
    ['no credentials', {}],
    ['a wrong key', { authorization: 'Bearer yesterdays-key' }],
    ['credentials of another kind', { authorization: 'Basic c29tZTpvbmU=' }],
  ])('[S1][EP4] shows whoever comes with %s the status alone', async (_, headers: Readonly<Record<string, string>>) => {
    const gateway = await start();
    const seen = await looks(gateway.url, headers);
    const none = { status: 'not_configured' };
    const bodies = { '/health': { status: 'ok' }, '/health/mcp': { status: 'ok' }, '/health/redis': none, '/health/openwebui': none };
    for (const path of PUBLIC) expect([path, seen[path]]).toEqual([path, { status: 200, headers: HEADERS, body: bodies[path] }]);
    gateway.app.get(ShutdownState).begin();
    for (const path of PUBLIC)
      expect((await looks(gateway.url, headers))[path]).toEqual({ status: 503, headers: HEADERS, body: { status: 'down' } });
  });

  it('[S1][EP4] shows whoever comes with a key everything', async () => {
    const gateway = await start();
    const seen = await looks(gateway.url, { authorization: 'Bearer key-of-someone' });
    for (const path of PUBLIC) expect(Object.keys((seen[path] as { body: object }).body)).toEqual(['status', 'info', 'error', 'details']);
    expect(seen['/health/mcp']).toMatchObject({ body: { details: { default: { status: 'up' }, other: { status: 'up' } } } });
  });

  it('[S1][EP4] shows a key that may not use a server nothing of it, and the status of everything', async () => {
    const server = closing(await RawMcpServer.start());
    const upstreams = [httpUpstream(server.url), httpUpstream(`http://127.0.0.1:${await freePort()}/mcp`, { name: 'hidden' })];
    const key = { ...plainKey('few', 'key-of-few'), servers: { allow: ['default'], deny: [] } };
    const gateway = closing(await startGatewayHere({}, upstreams, { apiKeys: [key] }));
    const headers = { authorization: 'Bearer key-of-few' };
    const about = async (path: string) => JSON.parse((await get(gateway.url, path, headers)).text) as { status: string; details: Parts };
    await until('one is up and one down', async () => {
      const { status, details } = await about('/health/mcp');
      return status === 'degraded' && details.default?.status === 'up';
    });
    await until('its tools are listed', async () => (await about('/health')).details.tools?.status === 'up');
    expect((await about('/health/mcp')).details).toEqual({ default: expect.objectContaining({ status: 'up' }) as Part });
    const { status, details } = await about('/health');
    expect([status, Object.keys(details), details.tools?.unlisted]).toEqual(['degraded', ['tools', 'default', 'redis', 'openwebui'], []]);
  });
});
