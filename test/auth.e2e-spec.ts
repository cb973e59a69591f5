import { Client } from 'undici';
import { PLANNER } from './support/built.js';
import { closesAfterEach } from './support/ends.js';
import { startGatewayHere, type GatewayHere, stdioUpstream } from './support/gateway.js';
import { until } from './support/until.js';

const TOOL = '/v1/tools/list_plans';

describe('API keys', () => {
  let gateway: GatewayHere;
  const call = (headers: Record<string, string>, path = TOOL) =>
    fetch(gateway.url + path, {
      method: 'POST',
      headers: { 'x-correlation-id': 'auth-1', 'content-type': 'application/json', ...headers },
      body: '{}',
    });

  beforeAll(async () => {
    gateway = await startGatewayHere({ API_KEYS: 'open-webui:first-key, bare-key-2' }, [stdioUpstream(PLANNER)]);
    await until('the planner is listed', async () => (await fetch(`${gateway.url}/ready`)).ok);
  });
  afterAll(() => gateway.close());

  it.each(['Bearer first-key', 'bearer  first-key', 'Bearer bare-key-2'])('[S1] lets "%s" in', async (authorization) => {
    expect((await call({ authorization })).status).toBe(200);
  });

  it.each([
    undefined,
    '',
    'Bearer ',
    'Bearer wrong-key',
    'Bearer open-webui:first-key',
    'Basic first-key',
    'first-key',
    'Bearer first-key2',
  ])('[E3][S1] answers "%s" with the same 401', async (authorization) => {
    const response = await call(authorization === undefined ? {} : { authorization });
    expect(response.status).toBe(401);
    expect(response.headers.get('www-authenticate')).toBe('Bearer');
    expect(response.headers.get('content-type')).toBe('application/json; charset=utf-8');
    expect(await response.text()).toBe(
      '{"error":{"type":"authentication_error","message":"Authentication failed: send a valid API key or token as \\"Authorization: Bearer ...\\".","correlation_id":"auth-1"}}',
    );
  });

  it('[S1] asks each request of a connection for its own key', async () => {
    const connection = new Client(gateway.url);
    const principals: string[] = [];
    for (const authorization of [
      'Bearer first-key',
      'Bearer first-key',
      'Bearer bare-key-2',
      'Bearer first-kez',
      undefined,
      'Bearer first-key',
    ]) {
      const headers = { 'content-type': 'application/json', ...(authorization && { authorization }) };
      const { statusCode, headers: answered, body } = await connection.request({ path: TOOL, method: 'POST', headers, body: '{}' });
      await body.dump();
      principals.push(`${statusCode} ${(answered['ratelimit'] as string | undefined)?.split(';')[1] ?? 'none'}`);
    }
    await connection.close();
    expect(principals.map((line) => line.split(' ')[0])).toEqual(['200', '200', '200', '401', '401', '200']);
    // What is left differs from key to key: the second one has a limit of its own.
    const left = principals.map((line) => Number(line.split('r=')[1]));
    expect([(left[0] as number) - (left[1] as number), (left[1] as number) - (left[5] as number)]).toEqual([1, 1]);
  });

  it('[S1] asks before it tells whether a tool exists', async () => {
    expect((await call({}, '/v1/tools/no_such_tool')).status).toBe(401);
    expect((await call({}, '/v1/tools')).status).toBe(401);
  });

  it('leaves documents, health and metrics public', async () => {
    for (const path of ['/openapi.json', '/v1/openapi.json', '/v1/tools', '/docs', '/health', '/health/live', '/ready', '/metrics']) {
      expect([path, (await fetch(gateway.url + path)).status]).toEqual([path, 200]);
    }
  });
});

describe('wrong keys from one network', () => {
  const closing = closesAfterEach();

  it('[S5] wait like those of one address, whatever addresses of it they come from', async () => {
    const { url } = closing(await startGatewayHere({ API_KEYS: 'only-this-key', TRUST_PROXY: '1' }));
    const from = (address: string) =>
      fetch(url + TOOL, { method: 'POST', headers: { authorization: `Bearer wrong-key-${address}`, 'x-forwarded-for': address } });
    const started = performance.now();
    const answers = await Promise.all(Array.from({ length: 11 }, (_, host) => from(`2001:db8::${host + 1}`)));
    expect(answers.map(({ status }) => status)).toEqual(Array.from({ length: 11 }, () => 401));
    expect(performance.now() - started).toBeGreaterThan(1_900);
  });
});
