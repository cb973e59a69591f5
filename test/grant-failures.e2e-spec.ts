import { closesAfterEach } from './support/ends.js';
import { get, jsonAnswer, post, told } from './support/exchange.js';
import { type GatewayHere, httpUpstream, startGatewayHere } from './support/gateway.js';
import { drill } from './support/long-drills.js';
import { OPERATORS } from './support/authorization/person-grant-settings.js';
import { RawMcpServer } from './support/raw-mcp-server.js';
import { RedisServer } from './support/redis/redis-server.js';
import { json, type ScriptedIssuer, startScriptedIssuer, tokens } from './support/authorization/scripted-issuer.js';
import { untilPublished } from './support/tool-requests.js';
import { until } from './support/until.js';

const CANARY = 'C4N4RY-of-the-authorization-server';
/** As {@link OPERATORS}'s server asks for one. */
const ASKS = /^No access token: a person has to authorize it: open the link that \/v1\/servers shows to admins/;

const closing = closesAfterEach();

describe('[AC8][S7] when the authorization server of a grant fails', () => {
  let issuer: ScriptedIssuer;
  let server: RawMcpServer;
  let gateway: GatewayHere;
  /** Tokens that the MCP server takes. */
  let good: Set<string>;
  let listsForAnybody: boolean;

  beforeEach(async () => {
    issuer = closing(await startScriptedIssuer());
    good = new Set(['token-1']);
    listsForAnybody = false;
    server = closing(
      await RawMcpServer.start({
        guard: (exchange) => {
          const isOpen = listsForAnybody && exchange.message.method !== 'tools/call';
          const isGood = isOpen || good.has((exchange.headers.authorization ?? '').replace('Bearer ', ''));
          if (!isGood) exchange.send(401, '', { 'www-authenticate': 'Bearer' });
          return isGood;
        },
      }),
    );
    server.elsewhere = (exchange) =>
      exchange.request.url?.startsWith('/.well-known/oauth-protected-resource')
        ? exchange.json(200, { resource: server.url, authorization_servers: [issuer.url] })
        : exchange.send(404);
  });

  const start = async (env: Record<string, string> = {}) =>
    (gateway = closing(await startGatewayHere(env, [httpUpstream(server.url, { oauth: OPERATORS })])));
  const report = async () => {
    const { text } = await get(gateway.url, '/v1/servers');
    return (JSON.parse(text) as { servers: { state: string; lastError?: string; authorizeUrl?: string }[] }).servers[0];
  };
  const link = () => until('there is a link', async () => (await report())?.authorizeUrl);
  const callback = async (query: Record<string, string> = { code: 'a-code' }) => {
    const state = new URL(await link()).searchParams.get('state') as string;
    const answer = await fetch(`${gateway.url}/oauth/callback?${new URLSearchParams({ state, ...query }).toString()}`);
    return { status: answer.status, text: await answer.text() };
  };
  const call = () => post(gateway.url, '/v1/tools/work', {});

  const FAILURES: readonly (readonly [string, ScriptedIssuer['token'], string])[] = [
    ['answers no JSON', (response) => response.end(`<html>${CANARY}`), 'what the authorization server answered cannot be read.'],
    ['fails', (response) => response.writeHead(500).end(CANARY), 'the authorization server failed (server_error).'],
    ['ends the connection', (response) => response.destroy(), 'the authorization server cannot be reached'],
    ['answers without end', (response) => response.end('x'.repeat(300_000)), 'answered with more than 262144 bytes.'],
    [
      'redirects',
      (response) => response.writeHead(307, { location: `http://127.0.0.1:1/${CANARY}` }).end(),
      'answered with a redirect, which is not followed.',
    ],
    [
      'repeats what it got',
      (response) => json(response, 400, { error: CANARY, error_description: CANARY, error_uri: CANARY }),
      'the authorization server refuses the client (error).',
    ],
    ['refuses the code', (response) => json(response, 400, { error: 'invalid_grant' }), 'refuses the client (invalid_grant).'],
    ['does not know the client', (response) => json(response, 401, { error: 'invalid_client' }), 'refuses the client (invalid_client).'],
    ['gives other tokens', tokens({ token_type: 'DPoP' }), 'gives no bearer tokens.'],
    ['gives what would be two headers', tokens({ access_token: `a\r\n${CANARY}: 1` }), 'answered with what is no token.'],
    ['gives none', (response) => json(response, 200, {}), 'what the authorization server answered cannot be read.'],
    ['gives a list', (response) => json(response, 200, [[CANARY]]), 'what the authorization server answered cannot be read.'],
  ];

  it.each(FAILURES)('at a code, where it %s, the page says so and the link is there again', async (_, answer, reason) => {
    issuer.token = answer;
    await start();
    const before = await link();
    const { status, text } = await callback();
    expect([status, text]).toEqual([400, expect.stringContaining(reason)]);
    expect(text).toContain('Ask for a new link');
    expect(text).not.toContain(CANARY);
    const { state, lastError, authorizeUrl } = await until('there is another link', async () => {
      const found = await report();
      return found?.authorizeUrl !== undefined && found.authorizeUrl !== before && found;
    });
    expect([state, lastError, authorizeUrl]).toEqual(['needs_authorization', expect.stringMatching(ASKS), expect.any(String)]);
    issuer.token = tokens({});
    expect((await callback()).status).toBe(200);
    await untilPublished(gateway, 'work');
    expect(told(await call())).toEqual(jsonAnswer('"done"'));
  });

  it.each([
    ['no lifetime', {}],
    ['rubbish for a lifetime', { expires_in: 'soon' }],
    ['one that has ended', { expires_in: -5 }],
    ['one that is endless', { expires_in: 1e300 }],
  ])('a token with %s is used until it is refused, and then asked for again', async (_, more) => {
    issuer.token = tokens(more);
    await start();
    expect((await callback()).status).toBe(200);
    await untilPublished(gateway, 'work');
    expect(told(await call())).toEqual(jsonAnswer('"done"'));
    expect(issuer.asked).toEqual(['authorization_code']);
    good.clear();
    expect((await call()).status).toBeGreaterThanOrEqual(500);
    await link();
    expect(issuer.asked).toEqual(['authorization_code']);
  });

  it.each([
    ['in memory', async () => ({})],
    ['in Redis', async () => ({ REDIS_URL: closing(await RedisServer.start()).url, STATE_ENCRYPTION_KEY: 'k'.repeat(32) })],
  ])('a refresh of a grant %s that is refused has it forgotten, the state say so and the link given, once', async (_, env) => {
    issuer.token = tokens({ refresh_token: 'refresh-1', expires_in: 3600 });
    await start(await env());
    expect((await callback()).status).toBe(200);
    await untilPublished(gateway, 'work');
    issuer.token = (response) => json(response, 400, { error: 'invalid_grant', error_description: CANARY });
    await until('it was had a while ago', () => new Promise((resolve) => setTimeout(() => resolve(true), 5_100)));
    good.clear();
    await Promise.all(Array.from({ length: 20 }, call));
    expect(await link()).toContain(`${issuer.url}/auth?`);
    const waits = async () => {
      const { state, lastError } = (await report()) as { state: string; lastError: string };
      return state === 'needs_authorization' && lastError;
    };
    expect(await until('it waits', waits)).toMatch(ASKS);
    await Promise.all(Array.from({ length: 20 }, call));
    expect(issuer.asked).toEqual(['authorization_code', 'refresh_token']);
    expect(JSON.parse((await get(gateway.url, '/v1/grants')).text)).toEqual({ grants: [] });
  });

  it('a server that lists for anybody waits for its grant as soon as it has refused a call, and until it is granted', async () => {
    listsForAnybody = true;
    await start();
    await untilPublished(gateway, 'work');
    expect((await call()).status).toBe(502);
    expect(await report()).toMatchObject({ state: 'needs_authorization', lastError: expect.stringMatching(ASKS) });
    const lists = () => server.exchanges.filter(({ message }) => message.method === 'tools/list').length;
    const before = lists();
    server.notify('notifications/tools/list_changed');
    await until('it is listed', () => lists() > before);
    expect(await report()).toMatchObject({ state: 'needs_authorization' });
    expect((await callback()).status).toBe(200);
    await until('it is up', async () => (await report())?.state === 'up');
    expect(told(await call())).toEqual(jsonAnswer('"done"'));
  });

  it('a refresh that fails keeps the grant: it is refreshed when that can be done', async () => {
    issuer.token = tokens({ refresh_token: 'refresh-1', expires_in: 2 });
    await start();
    expect((await callback()).status).toBe(200);
    await untilPublished(gateway, 'work');
    for (const [, answer] of FAILURES.slice(0, 2)) {
      const before = issuer.asked.length;
      issuer.token = answer;
      await until('it is refreshed', async () => (await call(), issuer.asked.length > before));
    }
    good = new Set(['token-2']);
    issuer.token = tokens({ access_token: 'token-2', expires_in: 3600 });
    await until('calls go on', async () => (await call()).status === 200);
    expect(new Set(issuer.asked.slice(1))).toEqual(new Set(['refresh_token']));
    expect(JSON.stringify(await report())).not.toContain(CANARY);
  });

  it('one that never answers is given up', async () => {
    issuer.token = () => undefined;
    await start();
    const { status, text } = await callback();
    expect([status, text]).toEqual([400, expect.stringContaining('the authorization server does not answer in time.')]);
  });

  drill(it.skip, it)('one that never tells its metadata is given up', async () => {
    issuer.instead = () => undefined;
    await start();
    const { lastError } = await until(
      'it is told',
      async () => {
        const found = await report();
        return found?.lastError !== undefined && found;
      },
      60_000,
    );
    expect(lastError).toBe('No access token: the authorization server does not answer in time.');
  });

  it.each<[string, Readonly<Record<string, unknown>>]>([
    ['sends people to a script', { authorization_endpoint: 'javascript:alert(1)//' }],
    ['sends people to a file', { authorization_endpoint: 'file:///etc/passwd' }],
    ['sends people to plain http', { authorization_endpoint: 'http://elsewhere.example/auth' }],
    ['has tokens at no place', { token_endpoint: undefined }],
    ['has numbers for addresses', { authorization_endpoint: 7, token_endpoint: 8 }],
    ['knows no PKCE', { code_challenge_methods_supported: ['plain'] }],
    ['has no authorization codes', { response_types_supported: ['token'] }],
    ['is another one than it says', { issuer: 'https://other.example' }],
    ['registers nobody', { registration_endpoint: undefined }],
  ])('metadata by which it %s give no link, but a reason', async (_, metadata) => {
    issuer.metadata = metadata;
    await start();
    const { state, lastError, authorizeUrl } = await until('it is told', async () => {
      const found = await report();
      return found?.lastError !== undefined && found;
    });
    expect([state, lastError, authorizeUrl]).toEqual([
      expect.stringMatching(/^(?:degraded|needs_auth)$/),
      expect.stringMatching(/^No access token: \S.*\.$/),
      undefined,
    ]);
    expect(issuer.asked).toEqual([]);
  });
});
