import { closesAfterEach } from './support/ends.ts';
import { errorAnswer, get, ID, post, request, told } from './support/exchange.ts';
import { httpUpstream, startGatewayHere } from './support/gateway.ts';
import { allListed } from './support/listed.ts';
import { type RunningProcess, startGateway } from './support/processes.ts';
import { RawMcpServer } from './support/raw-mcp-server.ts';
import { countedEvents, loggedEvents } from './support/security-events.ts';
import { untilPublished } from './support/tool-requests.ts';
import { until } from './support/until.ts';

const TOOL = '/v1/tools/list_plans';
const closing = closesAfterEach();

const BAD_HOST = errorAnswer(403, {
  type: 'permission_error',
  message: 'The gateway does not answer under this host name; name it in ALLOWED_HOSTS if it should.',
  details: { reason: 'bad_host' },
});
const badOrigin = errorAnswer(
  403,
  {
    type: 'permission_error',
    message:
      'Pages of this origin may not call the gateway; name it in CORS_ORIGINS if they should, or in PUBLIC_URL if it is where the gateway is found.',
    details: { reason: 'bad_origin' },
  },
  {
    vary: 'Origin',
    'access-control-expose-headers':
      'Content-Disposition,Location,X-Correlation-Id,Retry-After,X-Output-Schema,X-Cache,Age,Idempotent-Replayed,Idempotency-Scope,Mcp-Session-Id,WWW-Authenticate,X-RateLimit-Limit,X-RateLimit-Remaining,X-RateLimit-Reset,RateLimit,RateLimit-Policy',
  },
);

async function statusesUnder(url: string, hosts: readonly string[], path: string): Promise<Record<string, number>> {
  const statuses = await Promise.all(hosts.map(async (host) => [host, (await get(url, path, { host })).status] as const));
  return Object.fromEntries(statuses);
}

describe('[S5] a request under another host name', () => {
  it('is refused where the gateway listens for this machine alone, but for what probes ask', async () => {
    const gateway = closing(await startGatewayHere());
    await allListed(gateway.url);
    const { port } = new URL(gateway.url);
    const own = ['localhost', `localhost:${port}`, `LocalHost:${port}`, '127.0.0.1:1', `[::1]:${port}`, 'host.docker.internal:8001'];
    expect(await statusesUnder(gateway.url, own, '/openapi.json')).toEqual(Object.fromEntries(own.map((host) => [host, 200])));
    const foreign = ['evil.example', `evil.example:${port}`, 'localhost.evil.example', '127.0.0.1.evil.example', 'user@localhost'];
    for (const host of foreign) {
      expect(told(await get(gateway.url, '/openapi.json', { host }))).toEqual(BAD_HOST);
      expect(told(await post(gateway.url, TOOL, {}, { host }))).toEqual(BAD_HOST);
    }
    const probed = await Promise.all(
      ['/health', '/health/live', '/ready', '/metrics'].map((path) => get(gateway.url, path, { host: '10.1.2.3' })),
    );
    expect(probed.map(({ status }) => status)).toEqual([200, 200, 200, 200]);
    expect(told(await get(gateway.url, '/openapi.json?/health', { host: 'evil.example' }))).toEqual(BAD_HOST);
  });

  it('is refused for a tool that is called like what probes ask for', async () => {
    const tools = ['health', 'metrics', 'ready'].map((name) => ({ name, inputSchema: { type: 'object' } }));
    const served = closing(await RawMcpServer.start({ tools }));
    const gateway = closing(await startGatewayHere({}, [httpUpstream(served.url)]));
    await untilPublished(gateway, 'health');
    for (const path of [
      '/v1/tools/health',
      '/health',
      '/v1/tools/metrics',
      '/metrics',
      '/default/ready',
      '/ready?x',
      '/health/../v1/tools/ready',
    ])
      expect(told(await post(gateway.url, path, {}, { host: 'evil.example' }))).toEqual(BAD_HOST);
    for (const path of ['/v1/tools/health', '/default/metrics', '/health/../openapi.json', '/health/live/x', '/healthx'])
      expect(told(await get(gateway.url, path, { host: 'evil.example' }))).toEqual(BAD_HOST);
    expect(served.received('tools/call')).toEqual([]);
    expect((await post(gateway.url, '/v1/tools/health', {})).status).toBe(200);
  });

  it('is taken where the gateway is open to others, unless ALLOWED_HOSTS names its own', async () => {
    const open = closing(await startGatewayHere({ HOST: '0.0.0.0', ALLOW_ANONYMOUS: 'true' }));
    const hosts = ['anything.example', 'localhost'];
    expect(await statusesUnder(open.url, hosts, '/openapi.json')).toEqual({ 'anything.example': 200, localhost: 200 });
    const named = closing(await startGatewayHere({ ALLOWED_HOSTS: 'Tools.Example, [::1]' }));
    const expected = { 'tools.example:8001': 200, 'TOOLS.example': 200, '[::1]:1': 200, localhost: 403 };
    expect(await statusesUnder(named.url, Object.keys(expected), '/openapi.json')).toEqual(expected);
    const every = closing(await startGatewayHere({ ALLOWED_HOSTS: '*' }));
    expect(await statusesUnder(every.url, hosts, '/openapi.json')).toEqual({ 'anything.example': 200, localhost: 200 });
  });
});

describe('[S2][S5] a call from a page', () => {
  it('of another origin is refused, and nothing is called; from listed origins, from our own pages and from programs it is served', async () => {
    const gateway = closing(await startGatewayHere({ CORS_ORIGINS: 'https://chat.example' }));
    await allListed(gateway.url);
    const foreign = [
      'http://evil.example',
      'https://chat.example.evil',
      'https://chat.example:8443',
      'null',
      'nonsense',
      'http://localhost:1',
    ];
    for (const origin of foreign) {
      expect(told(await post(gateway.url, '/v1/tools/create_plan', { name: 'Evil' }, { origin }))).toEqual(badOrigin);
      expect((await get(gateway.url, '/openapi.json', { origin })).status).toBe(200);
    }
    for (const origin of ['https://chat.example', gateway.url]) expect((await post(gateway.url, TOOL, {}, { origin })).status).toBe(200);
    const plans = JSON.parse((await post(gateway.url, TOOL, {})).text) as unknown[];
    expect(JSON.stringify(plans)).not.toContain('Evil');
  });

  it('of any origin is served where all are listed', async () => {
    const gateway = closing(await startGatewayHere({ CORS_ORIGINS: '*' }));
    await allListed(gateway.url);
    expect((await post(gateway.url, TOOL, {}, { origin: 'http://anybody.example' })).status).toBe(200);
  });
});

describe('[S5] what looks like an attack', () => {
  let gateway: RunningProcess;
  beforeAll(async () => {
    gateway = await startGateway({ env: { MAX_BODY_BYTES: '2048' } });
    await until('the planner is listed', async () => (await request(gateway.url, '/ready')).status === 200);
  });
  afterAll(() => gateway.stop());

  it.each([
    ['bad_host', 403, () => post(gateway.url, TOOL, {}, { host: 'evil.example' })],
    ['bad_origin', 403, () => post(gateway.url, TOOL, {}, { origin: 'http://evil.example' })],
    ['oversize_body', 413, () => post(gateway.url, TOOL, `"${'x'.repeat(2048)}"`)],
    ['deep_body', 400, () => post(gateway.url, TOOL, `{"a":${'['.repeat(64)}${']'.repeat(64)}}`)],
    ['prototype_keys', 400, () => post(gateway.url, '/v1/tools/list_plans', '{"__proto__":{"polluted":true}}')],
  ])('is told in log and metrics: %s', async (reason, status, send) => {
    const before = loggedEvents(gateway).length;
    expect((await send()).status).toBe(status);
    await until('the event is logged', () => loggedEvents(gateway).length > before);
    expect(loggedEvents(gateway).slice(before)).toEqual([{ level: 'warn', reason, correlation_id: ID, client: '127.0.0.1' }]);
    expect((await countedEvents(gateway.url))[reason]).toBe(1);
    expect(({} as { polluted?: boolean }).polluted).toBeUndefined();
  });
});
