import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { closesAfterEach } from './support/ends.js';
import { errorAnswer, get, jsonAnswer, post, told } from './support/exchange.js';
import { type GatewayHere, httpUpstream, startGatewayHere } from './support/gateway.js';
import { A_JWT, hs256, inSeconds, unsigned } from './support/authorization/jwt.js';
import { startGateway } from './support/processes.js';
import { RawMcpServer } from './support/raw-mcp-server.js';
import { temporaryFolder } from './support/recorded.js';
import { countedEvents, loggedEvents } from './support/security-events.js';
import { untilPublished } from './support/tool-requests.js';
import { until } from './support/until.js';
import { whoCalls } from './support/authorization/who-calls.js';

const SESSION_SECRET = 'webui-secret-key';
const USER_SECRET = 'another-secret-of-32-characters!';
const KEY = 'key-of-open-webui';
const TRUSTED = 'key-that-is-trusted';
const UNAUTHENTICATED = errorAnswer(
  401,
  {
    type: 'authentication_error',
    message: 'Authentication failed: send a valid API key or token as "Authorization: Bearer ...".',
  },
  { 'www-authenticate': 'Bearer' },
);

const session = (more: object = {}, secret = SESSION_SECRET) =>
  hs256({ id: 'user-1', typ: 'session', jti: 'a', iat: inSeconds(-10), exp: inSeconds(3600), ...more }, secret);
const user = (more: object = {}, secret = USER_SECRET) => {
  const claims = { sub: 'user-1', email: 'ann@example.test', name: 'Ann Ö', role: 'admin', iss: 'open-webui', iat: inSeconds(-1) };
  return hs256({ ...claims, exp: inSeconds(300), ...more }, secret);
};
const bearer = (token: string) => ({ authorization: `Bearer ${token}` });
const signed = (token: string) => ({ 'x-openwebui-user-jwt': token });
const PLAIN = {
  'x-openwebui-user-id': 'user-2',
  'x-openwebui-user-name': 'Zo%C3%AB 100%25',
  'x-openwebui-user-email': 'zoe@example.test',
  'x-openwebui-user-role': 'user',
};

describe('users of Open WebUI', () => {
  const closing = closesAfterEach();
  const folder = temporaryFolder();

  const keysFile = () => {
    const file = path.join(folder(), 'keys.json');
    const keys = [
      { name: 'open-webui', key: KEY, role: 'chat' },
      { name: 'trusted', key: TRUSTED, role: 'chat', groups: ['of the key'], trustUserHeaders: true },
    ];
    writeFileSync(file, JSON.stringify(keys));
    return file;
  };

  const start = async (environment: Readonly<Record<string, string>>) => {
    const server = closing(await RawMcpServer.start());
    const gateway = closing(await startGatewayHere(environment, [httpUpstream(server.url, { forwardHeaders: ['authorization'] })]));
    await untilPublished(gateway, 'work');
    return { server, gateway };
  };
  const call = ({ url }: GatewayHere, headers: Readonly<Record<string, string>>) => post(url, '/v1/tools/work', {}, headers);
  const told401 = async (gateway: GatewayHere, headers: Readonly<Record<string, string>>) =>
    expect(told(await call(gateway, headers))).toEqual(UNAUTHENTICATED);

  describe('by their sessions', () => {
    it('[S1] a session lets its user in, who is known by id', async () => {
      const { gateway } = await start({ OPENWEBUI_SECRET_KEY: SESSION_SECRET });
      for (let again = 0; again < 2; again += 1) {
        expect(told(await call(gateway, bearer(session())))).toEqual(jsonAnswer('"done"'));
        const principal = { id: 'user-1', name: undefined, email: undefined, role: 'user', groups: [], via: 'session', key: undefined };
        expect(await whoCalls(gateway.app, bearer(session({ jti: 'b' })))).toEqual(principal);
      }
      expect((await call(gateway, bearer(session({ exp: undefined, typ: undefined })))).status).toBe(200);
      expect((await call(gateway, bearer(session({ exp: inSeconds(-20) })))).status).toBe(200);
    });

    it('[E3][S1] any other token is the one 401', async () => {
      const { gateway } = await start({ OPENWEBUI_SECRET_KEY: SESSION_SECRET });
      const wrong = [
        session({ exp: inSeconds(-60) }),
        session({ nbf: inSeconds(600) }),
        session({ exp: 'never' }),
        session({}, `${SESSION_SECRET}x`),
        session({ id: undefined, sub: 'user-1' }),
        session({ id: '' }),
        session({ id: 'a\nb' }),
        session({ id: 'x'.repeat(257) }),
        session({ id: { $ne: '' } }),
        hs256({ id: 'user-1' }, SESSION_SECRET, { alg: 'HS512' }),
        hs256({ id: 'user-1' }, SESSION_SECRET, { crit: ['b64'], b64: false }),
        hs256([] as never, SESSION_SECRET),
        unsigned({ id: 'user-1' }),
        unsigned({ id: 'user-1' }, { alg: 'NONE' }),
        unsigned({ id: 'user-1' }, { alg: 'HS256' }),
        unsigned({ id: 'user-1' }, { alg: 'constructor' }),
        `${session()}x`,
        session().slice(0, -2),
        'a.b.c',
        '..',
        'sk-0123456789abcdef',
      ];
      await Promise.all([...wrong.map(bearer), {}, PLAIN].map((headers) => told401(gateway, headers)));
    });

    it('[E3][S1] --strict-auth shows documents to them alone', async () => {
      const environment = { OPENWEBUI_SECRET_KEY: SESSION_SECRET };
      const gateway = closing(await startGatewayHere(environment, undefined, { strictAuth: true }));
      expect((await get(gateway.url, '/openapi.json', bearer(session()))).status).toBe(200);
      expect(told(await get(gateway.url, '/openapi.json', bearer(session({ exp: 1 }))))).toEqual(UNAUTHENTICATED);
      expect((await get(gateway.url, '/health/live')).status).toBe(200);
    });

    it('[AC8][S6] a session never reaches a server, though Authorization is passed on there', async () => {
      const { gateway, server } = await start({ OPENWEBUI_SECRET_KEY: SESSION_SECRET, API_KEYS: KEY });
      for (const token of [session(), KEY]) expect((await call(gateway, bearer(token))).status).toBe(200);
      expect(server.exchanges.filter(({ headers }) => headers.authorization !== undefined)).toEqual([]);
    });

    it('[AC8] where nobody authenticates to the gateway, Authorization is for the server', async () => {
      const { gateway, server } = await start({});
      expect((await call(gateway, bearer('for-the-server'))).status).toBe(200);
      expect(server.exchanges.at(-1)?.headers.authorization).toBe('Bearer for-the-server');
    });
  });

  it('[AC9][S3] each has a limit of their own, whichever way they are known, and may use what their role may', async () => {
    const file = path.join(folder(), 'roles.json');
    const keys = [{ name: 'open-webui', key: KEY, trustUserHeaders: true }];
    writeFileSync(file, JSON.stringify({ keys, roles: { guest: { tools: { allow: [] } } } }));
    const { gateway } = await start({
      API_KEYS_FILE: file,
      OPENWEBUI_SECRET_KEY: SESSION_SECRET,
      FORWARD_USER_INFO_HEADER_JWT_SECRET: USER_SECRET,
      RATE_LIMIT_CLIENT: '1',
    });
    const callers = [
      bearer(session()),
      bearer(session({ id: 'user-2' })),
      bearer(KEY),
      { ...bearer(KEY), ...signed(user()) },
      { ...bearer(KEY), ...PLAIN },
    ];
    for (const headers of callers) expect((await call(gateway, headers)).status).toBe(200);
    for (const headers of callers) expect((await call(gateway, headers)).status).toBe(429);
    const guests = [
      { ...bearer(KEY), ...signed(user({ sub: 'guest-1', role: 'guest' })) },
      { ...bearer(KEY), ...PLAIN, 'x-openwebui-user-id': 'guest-2', 'x-openwebui-user-role': 'guest' },
      { ...bearer(session({ id: 'guest-3' })), ...signed(user({ sub: 'guest-3', role: 'guest' })) },
    ];
    for (const headers of guests) {
      const { status, text } = await call(gateway, headers);
      expect([status, JSON.parse(text)]).toMatchObject([403, { error: { type: 'permission_error', details: { reason: 'denied_tool' } } }]);
    }
  });

  describe('by the header that it signs', () => {
    const key = { name: 'open-webui', servers: ALL(), tools: ALL(), rateLimit: undefined, trustUserHeaders: false };

    it('[S1] the holder of any key is the user that it names, with the rights of the key', async () => {
      const { gateway } = await start({ API_KEYS_FILE: keysFile(), FORWARD_USER_INFO_HEADER_JWT_SECRET: ` ${USER_SECRET} ` });
      const who = (...headers: object[]) => whoCalls(gateway.app, Object.assign({}, bearer(KEY), ...headers) as Record<string, string>);
      const ann = { id: 'user-1', name: 'Ann Ö', email: 'ann@example.test', role: 'admin', groups: [], via: 'key', key };
      expect(await who(signed(user()))).toEqual(ann);
      expect(await who(signed(user()), PLAIN)).toEqual(ann);
      expect(await who(signed(user({ role: undefined, name: 7 })))).toEqual({ ...ann, role: 'chat', name: undefined });
      expect(await who()).toEqual({ id: 'open-webui', name: undefined, email: undefined, role: 'chat', groups: [], via: 'key', key });
      expect((await call(gateway, { ...bearer(KEY), ...signed(user()) })).status).toBe(200);
    });

    it('[E3][S1] one that is wrong in any way is the one 401, and so is a good one without a key', async () => {
      const { gateway } = await start({ API_KEYS_FILE: keysFile(), FORWARD_USER_INFO_HEADER_JWT_SECRET: USER_SECRET });
      const wrong = [
        user({ exp: inSeconds(-60) }),
        user({ exp: undefined }),
        user({ iss: 'somebody' }),
        user({ iss: undefined }),
        user({ sub: undefined }),
        user({ sub: 7 }),
        user({}, SESSION_SECRET),
        unsigned({ sub: 'user-1', iss: 'open-webui', exp: inSeconds(300) }),
        `${user()}, ${user()}`,
        'garbage',
      ];
      const others = [signed(user()), { ...bearer('no-such-key'), ...signed(user()) }, bearer(user())];
      const all = [...wrong.map((token) => ({ ...bearer(TRUSTED), ...PLAIN, ...signed(token) })), ...others];
      await Promise.all(all.map((headers) => told401(gateway, headers)));
    });

    it('[S1] is looked for under the name that Open WebUI was told, and so are the plain ones', async () => {
      const names = { FORWARD_USER_INFO_HEADER_JWT: 'X-Who', FORWARD_USER_INFO_HEADER_USER_ID: 'X-User.Id' };
      const { gateway } = await start({ API_KEYS_FILE: keysFile(), FORWARD_USER_INFO_HEADER_JWT_SECRET: USER_SECRET, ...names });
      expect(await whoCalls(gateway.app, { ...bearer(KEY), 'x-who': user() })).toMatchObject({ id: 'user-1', name: 'Ann Ö' });
      expect(await whoCalls(gateway.app, { ...bearer(KEY), ...signed('garbage') })).toMatchObject({ id: 'open-webui' });
      const headers = { ...bearer(TRUSTED), ...PLAIN, 'x-user.id': 'user-3' };
      expect(await whoCalls(gateway.app, headers)).toMatchObject({ id: 'user-3', name: 'Zoë 100%', role: 'user' });
    });

    it('without its secret it says nothing', async () => {
      const { gateway } = await start({ API_KEYS_FILE: keysFile() });
      expect(await whoCalls(gateway.app, { ...bearer(KEY), ...signed(user()) })).toMatchObject({ id: 'open-webui' });
    });

    it('[S1] it completes the session of the same user, and of no other', async () => {
      const { gateway } = await start({ OPENWEBUI_SECRET_KEY: SESSION_SECRET, FORWARD_USER_INFO_HEADER_JWT_SECRET: USER_SECRET });
      const ann = { id: 'user-1', name: 'Ann Ö', email: 'ann@example.test', role: 'admin', groups: [], via: 'session', key: undefined };
      expect(await whoCalls(gateway.app, { ...bearer(session()), ...signed(user()) })).toEqual(ann);
      await told401(gateway, { ...bearer(session()), ...signed(user({ sub: 'user-2' })) });
    });
  });

  describe('by plain headers', () => {
    const key = { name: 'trusted', servers: ALL(), tools: ALL(), rateLimit: undefined, trustUserHeaders: true };
    const zoe = { id: 'user-2', name: 'Zoë 100%', email: 'zoe@example.test', role: 'user', groups: [], via: 'key', key };
    const itself = { id: 'trusted', name: undefined, email: undefined, role: 'chat', groups: ['of the key'], via: 'key', key };

    it('[S1] the holder of a trusted key is the user that they name, decoded', async () => {
      const { gateway } = await start({ API_KEYS_FILE: keysFile(), FORWARD_USER_INFO_HEADER_JWT_SECRET: USER_SECRET });
      const who = (headers: object) => whoCalls(gateway.app, { ...bearer(TRUSTED), ...headers });
      expect(await who(PLAIN)).toEqual(zoe);
      expect(await who({ ...PLAIN, 'x-openwebui-user-name': '100% Zoe' })).toEqual({ ...zoe, name: '100% Zoe' });
      expect(await who({ 'x-openwebui-user-id': 'user-2' })).toEqual({ ...zoe, name: undefined, email: undefined, role: 'chat' });
      for (const id of ['', 'a%0Ab', 'x'.repeat(257)]) expect(await who({ ...PLAIN, 'x-openwebui-user-id': id })).toEqual(itself);
      expect(await who({})).toEqual(itself);
      const loud = await who({ ...PLAIN, 'x-openwebui-user-name': 'Zoe%00', 'x-openwebui-user-role': 'ad%0Amin' });
      expect(loud).toEqual({ ...zoe, name: undefined, role: 'chat' });
    });

    it('[S1][AC8] groups are those that a connection of Open WebUI is told to name, from a trusted key alone', async () => {
      const groups = 'x-openwebui-user-groups';
      const secrets = { OPENWEBUI_SECRET_KEY: SESSION_SECRET, FORWARD_USER_INFO_HEADER_JWT_SECRET: USER_SECRET };
      const { gateway } = await start({ API_KEYS_FILE: keysFile(), ...secrets });
      const of = async (...headers: object[]) =>
        (await whoCalls(gateway.app, Object.assign({}, ...headers) as Record<string, string>)).groups;
      const said = { [groups]: ' Zo%C3%AB%2C 100%25,Two words,,100% a,%0A,' };
      const names = ['Zoë, 100%', 'Two words', '100% a'];
      expect(await of(bearer(TRUSTED), PLAIN, said)).toEqual(names);
      expect(await of(bearer(TRUSTED), signed(user()), said)).toEqual(names);
      expect(await of(bearer(TRUSTED))).toEqual(['of the key']);
      for (const nothing of [{}, { [groups]: '' }]) expect(await of(bearer(TRUSTED), PLAIN, nothing)).toEqual([]);
      expect(await of(bearer(KEY), PLAIN, said)).toEqual([]);
      expect(await of(bearer(KEY), signed(user()), said)).toEqual([]);
      expect(await of(bearer(session()), PLAIN, said)).toEqual([]);
      expect(await of(bearer(session()), signed(user()), said)).toEqual([]);
    });

    it('[S1] from any other key, from a session and from anybody where no keys are set they say nothing', async () => {
      const { gateway } = await start({ API_KEYS_FILE: keysFile(), OPENWEBUI_SECRET_KEY: SESSION_SECRET });
      expect(await whoCalls(gateway.app, { ...bearer(KEY), ...PLAIN })).toMatchObject({ id: 'open-webui', name: undefined, role: 'chat' });
      expect(await whoCalls(gateway.app, { ...bearer(session()), ...PLAIN })).toMatchObject({
        id: 'user-1',
        name: undefined,
        role: 'user',
      });
      const open = await start({ FORWARD_USER_INFO_HEADER_JWT_SECRET: USER_SECRET });
      expect(await whoCalls(open.gateway.app, { ...PLAIN, ...signed(user()) })).toMatchObject({ id: 'anonymous', via: 'anonymous' });
      expect((await call(open.gateway, { ...PLAIN, ...signed('garbage') })).status).toBe(200);
    });
  });
});

describe('what the log tells of users', () => {
  const closing = closesAfterEach();

  it('[S5][S6] the id of who calls, and why one was refused, without any token', async () => {
    const env = { OPENWEBUI_SECRET_KEY: SESSION_SECRET, FORWARD_USER_INFO_HEADER_JWT_SECRET: USER_SECRET, LOG_LEVEL: 'trace' };
    const gateway = await startGateway({ env });
    closing({ close: () => gateway.stop() });
    await until('the planner is listed', async () => (await get(gateway.url, '/ready')).status === 200);
    const list = (headers: Readonly<Record<string, string>>) => post(gateway.url, '/v1/tools/list_plans', {}, headers);
    const refused = {
      auth_expired: bearer(session({ exp: inSeconds(-60) })),
      auth_signature: bearer(session({}, USER_SECRET)),
      auth_algorithm: bearer(unsigned({ id: 'user-1' })),
      auth_claims: bearer(session({ id: 7 })),
      auth_user_header: { ...bearer(session()), ...signed(user({ exp: 1 })) },
    };
    for (const headers of Object.values(refused)) expect((await list(headers)).status).toBe(401);
    expect((await list({ ...bearer(session()), ...signed(user()) })).status).toBe(200);
    await until('the events are logged', () => loggedEvents(gateway).length >= 5);
    expect(loggedEvents(gateway).map(({ reason }) => reason)).toEqual(Object.keys(refused));
    expect(await countedEvents(gateway.url)).toEqual(Object.fromEntries(Object.keys(refused).map((reason) => [reason, 1])));
    const isServed = (line: string) => line.includes('"status":200') && line.includes('list_plans');
    const served = await until('the call is logged', () => gateway.stdout.find(isServed));
    const lines = [...gateway.stdout, ...gateway.stderr];
    expect(JSON.parse(served)).toMatchObject({ principal: 'user-1' });
    expect(lines.filter((line) => A_JWT.test(line) || line.includes(SESSION_SECRET) || line.includes(USER_SECRET))).toEqual([]);
  });
});

function ALL() {
  return { allow: undefined, deny: [] };
}
