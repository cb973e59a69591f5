import { errorAnswer, get, ID, post, request, told } from './support/exchange.ts';
import { type GatewayHere, startGatewayHere } from './support/gateway.ts';
import { allListed } from './support/listed.ts';

const EXPOSED =
  'Content-Disposition,Location,X-Correlation-Id,Retry-After,X-Output-Schema,X-Cache,Age,Idempotent-Replayed,Idempotency-Scope,Mcp-Session-Id,WWW-Authenticate,X-RateLimit-Limit,X-RateLimit-Remaining,X-RateLimit-Reset,RateLimit,RateLimit-Policy';
const PREFLIGHT = { 'access-control-request-method': 'POST', 'access-control-request-headers': 'authorization,content-type' };

/** The headers of an answer that concern CORS. */
function corsHeaders(headers: NodeJS.Dict<string | string[]>) {
  return Object.fromEntries(Object.entries(headers).filter(([name]) => name.startsWith('access-control-') || name === 'vary'));
}

function allowed(origin: string) {
  return { 'access-control-allow-origin': origin, 'access-control-expose-headers': EXPOSED, vary: 'Origin' };
}

describe('CORS', () => {
  let gateway: GatewayHere;
  beforeAll(async () => {
    gateway = await startGatewayHere();
    await allListed(gateway.url);
  });
  afterAll(() => gateway.close());

  describe.each(['http://localhost:3000', 'http://openwebui:8080'])('for %s', (origin) => {
    it.each(['/openapi.json', '/v1/tools/create_task', '/nothing', '/api/config'])(
      '[S2] a preflight of %s is 204 (contract 12)',
      async (path) => {
        const answer = told(await request(gateway.url, path, { method: 'OPTIONS', headers: { origin, ...PREFLIGHT } }));
        expect(answer).toEqual({
          status: 204,
          headers: {
            'x-correlation-id': ID,
            ...allowed(origin),
            'access-control-allow-methods': 'GET,POST,PUT,PATCH,DELETE,OPTIONS',
            'access-control-allow-headers':
              'authorization,content-type,x-session-id,x-correlation-id,idempotency-key,traceparent,tracestate,x-request-id,cache-control,mcp-session-id,mcp-protocol-version,mcp-method,mcp-name,last-event-id',
            'access-control-max-age': '600',
          },
          text: '',
        });
      },
    );

    it('[S2] results, refusals and errors can be read by the page (contract 12)', async () => {
      const answers = {
        200: await post(gateway.url, '/v1/tools/list_plans', {}, { origin }),
        400: await post(gateway.url, '/v1/tools/create_task', '{', { origin }),
        404: await post(gateway.url, '/v1/tools/nothing', {}, { origin }),
        413: await post(gateway.url, '/v1/tools/create_task', ' '.repeat(1024 * 1024 + 1), { origin }),
        415: await post(gateway.url, '/v1/tools/create_task', 'x', { origin, 'content-type': 'text/plain' }),
        422: await post(gateway.url, '/v1/tools/get_task', { task_id: 'x' }, { origin }),
      };
      for (const [status, answer] of Object.entries(answers)) {
        const seen = { status: answer.status, cors: corsHeaders(answer.headers) };
        expect(seen).toEqual({ status: Number(status), cors: allowed(origin) });
      }
    });

    it('[S2] a path that is not there is a JSON 404 (contract 12)', async () => {
      const message = 'There is nothing at GET /api/config. The tools are described at /openapi.json.';
      const expected = errorAnswer(404, { type: 'not_found', message }, allowed(origin));
      expect(told(await get(gateway.url, '/api/config', { origin }))).toEqual(expected);
    });

    it('[S2] a document varies by origin and encoding, whole or 304', async () => {
      const cors = { ...allowed(origin), vary: 'Origin, Accept-Encoding' };
      const kinds: Record<string, string>[] = [{}, { 'if-none-match': '*' }, { 'accept-encoding': 'gzip' }];
      for (const more of kinds) expect(corsHeaders((await get(gateway.url, '/openapi.json', { origin, ...more })).headers)).toEqual(cors);
    });
  });

  it.each(['http://localhost:3001', 'https://localhost:3000', 'http://openwebui:8080.evil.example', 'http://evil.example', 'null'])(
    '[S2] %s is allowed nothing',
    async (origin) => {
      const preflight = await request(gateway.url, '/v1/tools/list_plans', { method: 'OPTIONS', headers: { origin, ...PREFLIGHT } });
      const call = await post(gateway.url, '/v1/tools/list_plans', {}, { origin });
      const error = await post(gateway.url, '/v1/tools/nothing', {}, { origin });
      expect([preflight, call, error].map(({ status }) => status)).toEqual([204, 403, 403]);
      for (const { headers } of [preflight, call, error]) {
        expect(headers['access-control-allow-origin']).toBeUndefined();
        expect(headers.vary).toBe('Origin');
      }
    },
  );

  it.each([
    ['x-teams-auth-token', ',x-teams-auth-token'],
    ['x-one,x-team-*', ',x-one,*'],
  ])('[S2][S7] a page may send the headers that a server is given: %s', async (MCP_FORWARD_HEADERS, allowedToo) => {
    const other = await startGatewayHere({ MCP_SERVER_URL: 'http://127.0.0.1:1', MCP_FORWARD_HEADERS });
    const origin = 'http://localhost:3000';
    const { headers } = await request(other.url, '/v1/tools/work', { method: 'OPTIONS', headers: { origin, ...PREFLIGHT } });
    await other.close();
    const always =
      'authorization,content-type,x-session-id,x-correlation-id,idempotency-key,traceparent,tracestate,x-request-id,cache-control,mcp-session-id,mcp-protocol-version,mcp-method,mcp-name,last-event-id';
    expect(headers['access-control-allow-headers']).toBe(always + allowedToo);
  });

  it('[S2] no answer allows credentials', async () => {
    const origin = 'http://localhost:3000';
    const preflight = await request(gateway.url, '/v1/tools/list_plans', { method: 'OPTIONS', headers: { origin, ...PREFLIGHT } });
    expect(preflight.headers['access-control-allow-credentials']).toBeUndefined();
  });

  it('[S2] a request without an origin is answered without CORS headers', async () => {
    expect(corsHeaders((await post(gateway.url, '/v1/tools/list_plans', {})).headers)).toEqual({});
  });

  it.each([
    ['https://chat.example', 'https://chat.example', 'https://chat.example'],
    ['https://chat.example', 'http://localhost:3000', undefined],
    ['*', 'http://anybody.example', '*'],
  ])('[S2][ENV] with CORS_ORIGINS=%s, %s is answered %s', async (CORS_ORIGINS, origin, expected) => {
    const other = await startGatewayHere({ CORS_ORIGINS });
    const { headers } = await get(other.url, '/health/live', { origin });
    await other.close();
    expect({ origin: headers['access-control-allow-origin'], credentials: headers['access-control-allow-credentials'] }).toEqual({
      origin: expected,
      credentials: undefined,
    });
  });
});
