import { writeFileSync } from 'node:fs';
import type { RequestListener } from 'node:http';
import path from 'node:path';
import { createLogger } from '../src/logging/json-logger.js';
import { closesAfterEach } from './support/ends.js';
import { errorAnswer, get, jsonAnswer, post, told } from './support/exchange.js';
import { httpUpstream, startGatewayHere } from './support/gateway.js';
import { type Issuer, ISSUERS, newSigningKey, startIssuer, startKeyServer } from './support/authorization/issuer.js';
import { A_JWT, hs256, inSeconds, rs256, unsigned } from './support/authorization/jwt.js';
import { opensForFile } from './support/process/opening-process.js';
import { startGateway } from './support/processes.js';
import { later } from './support/later.js';
import { RawMcpServer } from './support/raw-mcp-server.js';
import { temporaryFolder } from './support/recorded.js';
import { countedEvents, loggedEvents } from './support/security-events.js';
import { untilPublished } from './support/tool-requests.js';
import { until } from './support/until.js';
import { whoCalls } from './support/authorization/who-calls.js';

const AUDIENCE = 'urn:mcpo-proxy';
const UNAUTHENTICATED = errorAnswer(
  401,
  {
    type: 'authentication_error',
    message: 'Authentication failed: send a valid API key or token as "Authorization: Bearer ...".',
  },
  { 'www-authenticate': 'Bearer' },
);
/** Keys are fetched again after ten seconds at the earliest. */
const COOLDOWN_MS = 10_000;

const bearer = (token: string) => ({ authorization: `Bearer ${token}` });
const claimsOf = (token: string) => JSON.parse(Buffer.from(token.split('.')[1] as string, 'base64url').toString()) as object;

/** What is answered while no keys could be fetched, with the seconds that this answer names. */
const unreachable = ({ headers }: { readonly headers: Record<string, unknown> }) => {
  const seconds = Number(headers['retry-after']);
  const message = `Service temporarily unavailable: the gateway cannot fetch the keys of the issuer of tokens; try again in ${seconds} s.`;
  const fields = { type: 'upstream_unavailable', message, details: { reason: 'issuer_unreachable' }, retry_after: seconds };
  return errorAnswer(503, fields, { 'retry-after': String(seconds) });
};

describe('tokens of an OpenID Connect issuer', () => {
  const closing = closesAfterEach();
  const issuers = opensForFile(ISSUERS);
  const folder = temporaryFolder();
  let issuer: Issuer;

  beforeEach(async () => {
    issuer = await startIssuer(issuers);
  });
  afterEach(() => issuer.stop());

  const start = async (more: Readonly<Record<string, string>> = {}) => {
    const server = closing(await RawMcpServer.start());
    const environment = { OIDC_ISSUER: issuer.url, JWT_AUDIENCE: `urn:other, ${AUDIENCE}, ${AUDIENCE}:es`, ...more };
    const gateway = closing(await startGatewayHere(environment, [httpUpstream(server.url, { forwardHeaders: ['authorization'] })]));
    await untilPublished(gateway, 'work');
    const call = (headers: Readonly<Record<string, string>>) => post(gateway.url, '/v1/tools/work', {}, headers);
    return { server, gateway, call };
  };

  it('[S1][AC8] let their holder in, who is whom the issuer says, and never reach a server', async () => {
    const { gateway, server, call } = await start();
    for (const audience of [AUDIENCE, `${AUDIENCE}:es`]) {
      const token = await issuer.token(audience);
      for (let again = 0; again < 2; again += 1) expect(told(await call(bearer(token)))).toEqual(jsonAnswer('"done"'));
      const ann = {
        id: 'client',
        name: 'Ann Ö',
        email: 'ann@example.test',
        role: 'planner',
        groups: ['staff'],
        via: 'jwt',
        key: undefined,
      };
      expect(await whoCalls(gateway.app, bearer(token))).toEqual(ann);
      const headers = { ...bearer(token), 'x-openwebui-user-id': 'other', 'x-openwebui-user-jwt': 'garbage' };
      expect(await whoCalls(gateway.app, headers)).toEqual(ann);
    }
    expect(server.exchanges.filter(({ headers }) => headers.authorization !== undefined)).toEqual([]);
  });

  it('[S1] have their role in the claim that is set, and no other source of it', async () => {
    const token = await issuer.token(AUDIENCE);
    for (const [claim, role] of [
      ['groups', 'staff'],
      ['aud', AUDIENCE],
      ['exp', 'user'],
      ['constructor', 'user'],
    ] as const) {
      const { gateway } = await start({ JWT_ROLE_CLAIM: claim });
      expect((await whoCalls(gateway.app, bearer(token))).role).toBe(role);
    }
  });

  it('[S1][AC8] have their groups in the claim that is set, and no other source of them', async () => {
    const token = await issuer.token(AUDIENCE);
    for (const [claim, groups] of [
      ['groups', ['staff']],
      ['aud', [AUDIENCE]],
      ['exp', []],
      ['constructor', []],
      ['teams', ['a, b', 'c']],
    ] as const) {
      const { gateway } = await start({ GROUPS_CLAIM: claim });
      const headers = { ...bearer(token), 'x-openwebui-user-groups': 'admins' };
      expect((await whoCalls(gateway.app, headers)).groups).toEqual(groups);
    }
  });

  it('[S1] let their holder see and call what that role may', async () => {
    const file = path.join(folder(), 'roles.json');
    const keys = [{ name: 'a', key: 'key-of-a-caller' }];
    writeFileSync(file, JSON.stringify({ keys, roles: { planner: { tools: { deny: ['work'] } } } }));
    const { gateway, call } = await start({ API_KEYS_FILE: file });
    const token = await issuer.token(AUDIENCE);
    const namesFor = async (headers: Readonly<Record<string, string>>) => {
      const { paths } = JSON.parse((await get(gateway.url, '/openapi.json', headers)).text) as { paths: object };
      return Object.keys(paths);
    };
    expect(await namesFor(bearer('key-of-a-caller'))).toEqual(['/v1/tools/work']);
    expect(await namesFor(bearer(token))).toEqual([]);
    expect((await call(bearer(token))).status).toBe(403);
    expect(told(await get(gateway.url, '/openapi.json', bearer(`${token}x`)))).toEqual(UNAUTHENTICATED);
  });

  it('[E3][S1] are the one 401 in every way that they can be wrong, and --strict-auth says so, too', async () => {
    const { call } = await start({ OPENWEBUI_SECRET_KEY: 'webui-secret-key' });
    const strict = closing(await startGatewayHere({ OIDC_ISSUER: issuer.url, JWT_AUDIENCE: AUDIENCE }, undefined, { strictAuth: true }));
    const good = await issuer.token(AUDIENCE);
    const [head, body, signature] = good.split('.') as [string, string, string];
    const { kid, pem } = await issuer.publicKey();
    const claims = claimsOf(good) as Record<string, unknown>;
    const mine = newSigningKey();
    await issuer.moveClock(-3_700);
    const expired = await issuer.token(AUDIENCE);
    await issuer.moveClock(0);
    const wrong = [
      expired,
      await issuer.token('urn:third'),
      hs256({ ...claims, id: 'client' }, pem, { kid }),
      hs256({ ...claims, id: 'client' }, pem.trim(), { kid }),
      unsigned(claims),
      unsigned(claims, { kid }),
      `${unsigned(claims)}${signature}`,
      rs256(claims, mine.privateKey),
      rs256(claims, mine.privateKey, { kid }),
      rs256(claims, mine.privateKey, { kid: mine.kid }),
      rs256(claims, mine.privateKey, { kid: mine.kid, jwk: mine.jwk }),
      rs256(claims, mine.privateKey, { kid: mine.kid, jku: 'http://127.0.0.1:1/', x5u: 'http://127.0.0.1:1/' }),
      `${head}.${Buffer.from(JSON.stringify({ ...claims, role: 'admin' })).toString('base64url')}.${signature}`,
      `${Buffer.from(JSON.stringify({ alg: 'ES256', kid })).toString('base64url')}.${body}.${signature}`,
      `${head}.${body}.`,
      `${head}.${body}`,
      `${good}.${signature}`,
      `${head}..${signature}`,
      'garbage',
      'e30.e30.e30',
    ];
    expect(new Set(wrong).size).toBe(wrong.length);
    await Promise.all([...wrong.map(bearer), {}].map(async (headers) => expect(told(await call(headers))).toEqual(UNAUTHENTICATED)));
    expect((await call(bearer(good))).status).toBe(200);
    expect(told(await get(strict.url, '/openapi.json', bearer(expired)))).toEqual(UNAUTHENTICATED);
    expect((await get(strict.url, '/openapi.json', bearer(good))).status).toBe(200);
  });

  it('[E3][S1] of another issuer are refused, though its keys are known', async () => {
    const token = await issuer.token(AUDIENCE);
    const keys = { OIDC_ISSUER: '', JWKS_URL: `${issuer.url}/jwks` };
    const other = await start({ ...keys, JWT_ISSUER: `${issuer.url}/` });
    expect(told(await other.call(bearer(token)))).toEqual(UNAUTHENTICATED);
    const same = await start({ ...keys, JWT_ISSUER: issuer.url });
    expect((await same.call(bearer(token))).status).toBe(200);
  });

  it('[S1] follow the issuer to other keys, which are fetched no more often than every ten seconds', async () => {
    const { call } = await start();
    const [first, unused] = [await issuer.token(AUDIENCE), await issuer.token(AUDIENCE)];
    expect((await call(bearer(first))).status).toBe(200);
    await issuer.rotate();
    const second = await issuer.token(AUDIENCE);
    await later(COOLDOWN_MS);
    expect((await call(bearer(second))).status).toBe(200);
    expect(told(await call(bearer(unused)))).toEqual(UNAUTHENTICATED);

    const before = await issuer.fetchedKeys();
    const started = performance.now();
    const stranger = newSigningKey();
    const many = Array.from({ length: 50 }, (_, index) => rs256({}, stranger.privateKey, { kid: String(index) }));
    await Promise.all(many.map(async (token) => expect(told(await call(bearer(token)))).toEqual(UNAUTHENTICATED)));
    const mayFetch = 1 + Math.floor((performance.now() - started) / 10_000);
    expect((await issuer.fetchedKeys()) - before).toBeLessThanOrEqual(mayFetch);
  });

  it('[S1] go on while the issuer is down, once its keys are known; until then they are answered 503', async () => {
    const { call } = await start();
    const [first, second] = [await issuer.token(AUDIENCE), await issuer.token(AUDIENCE)];
    expect((await call(bearer(first))).status).toBe(200);
    await issuer.stop();
    expect((await call(bearer(second))).status).toBe(200);
    const late = await start({ API_KEYS: 'key-of-open-webui' });
    const answer = await late.call(bearer(first));
    expect(told(answer)).toEqual(unreachable(answer));
    expect(Number(answer.headers['retry-after'])).toBeGreaterThan(0);
    expect(Number(answer.headers['retry-after'])).toBeLessThanOrEqual(10);
    expect((await late.call(bearer('key-of-open-webui'))).status).toBe(200);
    expect(told(await late.call(bearer('garbage')))).toEqual(UNAUTHENTICATED);
  });

  it('[S5][S6] that are refused are told by reason, and never themselves', async () => {
    const env = { OIDC_ISSUER: issuer.url, JWT_AUDIENCE: AUDIENCE, LOG_LEVEL: 'trace' };
    const gateway = await startGateway({ env });
    closing({ close: () => gateway.stop() });
    await until('the planner is listed', async () => (await get(gateway.url, '/ready')).status === 200);
    const good = await issuer.token(AUDIENCE);
    await issuer.moveClock(-3_700);
    const refused = {
      auth_expired: await issuer.token(AUDIENCE),
      auth_audience: await issuer.token('urn:third'),
      auth_signature: `${good.slice(0, -4)}AAAA`,
      auth_algorithm: hs256(claimsOf(good) as never, 'x'.repeat(32)),
      auth_unknown_key: 'garbage',
    };
    for (const token of Object.values(refused))
      expect((await post(gateway.url, '/v1/tools/list_plans', {}, bearer(token))).status).toBe(401);
    expect((await post(gateway.url, '/v1/tools/list_plans', {}, bearer(good))).status).toBe(200);
    await until('the events are logged', () => loggedEvents(gateway).length >= 5);
    expect(loggedEvents(gateway).map(({ reason }) => reason)).toEqual(Object.keys(refused));
    expect(await countedEvents(gateway.url)).toEqual(Object.fromEntries(Object.keys(refused).map((reason) => [reason, 1])));
    expect([...gateway.stdout, ...gateway.stderr].filter((line) => A_JWT.test(line))).toEqual([]);
  });
});

describe('an issuer of whom only the keys are known', () => {
  const closing = closesAfterEach();
  const signing = newSigningKey();
  const ISSUER = 'https://login.example.test';
  const token = (more: object = {}) =>
    rs256({ iss: ISSUER, aud: AUDIENCE, sub: 'ann', exp: inSeconds(600), ...more }, signing.privateKey, { kid: signing.kid });

  const start = async (answer: RequestListener, more: Readonly<Record<string, string>> = {}) => {
    const keys = closing(await startKeyServer(answer));
    const environment = { JWKS_URL: `${keys.url}/keys`, JWT_ISSUER: ISSUER, JWT_AUDIENCE: AUDIENCE, ...more };
    return { keys, gateway: closing(await startGatewayHere(environment)) };
  };
  const serve: RequestListener = (_, response) => response.end(JSON.stringify({ keys: [signing.jwk] }));
  const callStatus = (url: string) => post(url, '/v1/tools/list_plans', {}, bearer(token()));

  it('[S1] decides by the claims of its tokens', async () => {
    const { gateway } = await start(serve);
    const who = (more?: object) => whoCalls(gateway.app, bearer(token(more)));
    const ann = { id: 'ann', name: undefined, email: undefined, role: 'user', groups: [], via: 'jwt', key: undefined };
    expect(await who()).toEqual(ann);
    expect(await who({ exp: inSeconds(-20), nbf: inSeconds(20) })).toEqual(ann);
    expect(await who({ aud: ['urn:other', AUDIENCE] })).toEqual(ann);
    const named = { name: 'Ann', preferred_username: 'a', email: 'ann@example.test', role: ['admin'] };
    expect(await who(named)).toEqual({ ...ann, name: 'Ann', email: 'ann@example.test' });
    expect(await who({ ...named, name: '', email_verified: false })).toEqual({ ...ann, name: 'a' });
    const wrong = [
      { exp: inSeconds(-60) },
      { exp: undefined },
      { exp: '2999-01-01' },
      { nbf: inSeconds(60) },
      { aud: undefined },
      { aud: ['urn:other'] },
      { aud: `${AUDIENCE}/` },
      { iss: undefined },
      { iss: [ISSUER] },
      { sub: undefined },
      { sub: '' },
      { sub: 7 },
    ];
    const call = (claims: object) => post(gateway.url, '/v1/tools/list_plans', {}, bearer(token(claims)));
    await Promise.all(wrong.map(async (claims) => expect(told(await call(claims))).toEqual(UNAUTHENTICATED)));
  });

  it.each<[string, RequestListener]>([
    ['fails', (_, response) => response.writeHead(500).end(JSON.stringify({ keys: [signing.jwk] }))],
    [
      'sends elsewhere',
      (request, response) => (request.url === '/keys' ? response.writeHead(302, { location: '/other' }).end() : serve(request, response)),
    ],
    ['sends no JSON', (_, response) => response.end('<html>')],
    ['sends no key set', (_, response) => response.end('null')],
    ['stays silent', () => undefined],
  ])('[S1] is answered for with 503 while its server %s, and not with 401', async (_, answer) => {
    const { gateway } = await start(answer);
    const response = await callStatus(gateway.url);
    expect(told(response)).toEqual(unreachable(response));
  });

  it('[S1] is not listened to beyond a sane size', async () => {
    let sentBytes = 0;
    const { gateway } = await start((_, response) => {
      response.write('{"keys":[],"x":"');
      const sending = setInterval(() => response.write('x'.repeat(65_536), () => (sentBytes += 65_536)), 1);
      response.on('close', () => clearInterval(sending));
    });
    const response = await callStatus(gateway.url);
    expect(told(response)).toEqual(unreachable(response));
    expect(sentBytes).toBeLessThan(16 * 1024 * 1024);
  });

  it('[S1] is asked again, and then its tokens are good', async () => {
    let isUp = false;
    const { gateway } = await start((request, response) => (isUp ? serve(request, response) : response.writeHead(503).end()));
    expect((await callStatus(gateway.url)).status).toBe(503);
    isUp = true;
    await later(COOLDOWN_MS);
    await until('the planner is there, too', async () => (await callStatus(gateway.url)).status === 200);
  });

  it.each<[string, (url: string) => object, string]>([
    [
      'names another issuer',
      (url) => ({ issuer: `${url}/`, jwks_uri: `${url}/keys` }),
      'the discovery document names another issuer than OIDC_ISSUER, which must be the same to the letter',
    ],
    ['names no keys', (url) => ({ issuer: url }), 'the discovery document names no jwks_uri of the same protocol'],
    [
      'names a file',
      (url) => ({ issuer: url, jwks_uri: 'file:///etc/passwd' }),
      'the discovery document names no jwks_uri of the same protocol',
    ],
  ])('[S1] whose discovery document %s is told in the log', async (_, documentOf, reason) => {
    const keys = closing(
      await startKeyServer((request, response) =>
        request.url === '/.well-known/openid-configuration'
          ? response.end(JSON.stringify(documentOf(`http://${request.headers.host}`)))
          : serve(request, response),
      ),
    );
    const gateway = await startGateway({ env: { OIDC_ISSUER: keys.url, JWT_AUDIENCE: AUDIENCE } });
    closing({ close: () => gateway.stop() });
    const told = await until('the failure is logged', () => gateway.stdout.find((line) => line.includes('keys of the issuer')));
    expect(JSON.parse(told)).toMatchObject({ level: 'warn', msg: 'the keys of the issuer could not be fetched', issuer: keys.url, reason });
    expect((await callStatus(gateway.url)).status).toBe(503);
  });
});

describe('[S1][S5] a set of keys that holds some of no use', () => {
  const closing = closesAfterEach();
  const BAD: readonly [string, string, object][] = [
    ['a modulus that is a number', 'RS256', { kty: 'RSA', n: 5, e: 'AQAB' }],
    ['a modulus that is no base64', 'RS256', { kty: 'RSA', n: '!!', e: 'AQAB' }],
    ['no modulus', 'RS256', { kty: 'RSA', e: 'AQAB' }],
    ['a modulus that is short', 'RS256', { kty: 'RSA', n: 'AQAB', e: 'AQAB' }],
    ['an exponent that is a list', 'PS256', { kty: 'RSA', n: 'AQAB', e: [1] }],
    ['a point that is on no curve', 'ES256', { kty: 'EC', crv: 'P-256', x: 'AA', y: 'AA' }],
    ['coordinates that are null', 'ES256', { kty: 'EC', crv: 'P-256', x: null, y: null }],
    ['a key of Ed25519 that is short', 'EdDSA', { kty: 'OKP', crv: 'Ed25519', x: 'AA' }],
    ['a public key that is a number', 'Ed25519', { kty: 'OKP', crv: 'Ed25519', x: 7 }],
  ];

  const KNOWN_TO_BE_BAD: typeof BAD = [
    ['a curve that nobody knows', 'ES256', { kty: 'EC', crv: 'P-257', x: 'AA', y: 'AA' }],
    ['uses that are no list', 'RS256', { kty: 'RSA', n: 'AQAB', e: 'AQAB', key_ops: 5 }],
    ['a chain that is a number', 'RS256', { kty: 'RSA', n: 5, e: 5, x5c: 5, ext: 'x', use: 'sig' }],
  ];

  const expectRefused = async (alg: string, bad: object) => {
    const good = newSigningKey();
    const issuer = closing(
      await startKeyServer((request, response) => {
        const keys = { keys: [good.jwk, { ...bad, kid: 'bad' }] };
        response.end(JSON.stringify(request.url === '/jwks' ? keys : { issuer: issuer.url, jwks_uri: `${issuer.url}/jwks` }));
      }),
    );
    const server = closing(await RawMcpServer.start());
    const logged: string[] = [];
    const logger = createLogger('info', { write: (line: string) => void logged.push(line) });
    const environment = { OIDC_ISSUER: issuer.url, JWT_AUDIENCE: AUDIENCE };
    const gateway = closing(await startGatewayHere(environment, [httpUpstream(server.url)], {}, { logger }));
    await untilPublished(gateway, 'work');
    const call = (token: string) => post(gateway.url, '/v1/tools/work', {}, bearer(token));
    // The metrics are those of the process.
    const { auth_signature: before = 0 } = await countedEvents(gateway.url);
    expect(told(await call(unsigned({}, { alg, kid: 'bad' }).replace(/\.$/, '.AAAA')))).toEqual(UNAUTHENTICATED);
    expect(await countedEvents(gateway.url)).toMatchObject({ auth_signature: before + 1 });
    const token = rs256({ iss: issuer.url, aud: AUDIENCE, sub: 'ann', exp: inSeconds(60) }, good.privateKey, { kid: good.kid });
    expect(told(await call(token))).toEqual(jsonAnswer('"done"'));
    const lines = logged.map((line) => JSON.parse(line) as { level: string; msg: string; reason?: string });
    expect(lines.filter(({ msg }) => msg === 'security_event').map(({ reason }) => reason)).toEqual(['auth_signature']);
    expect(lines.filter(({ level }) => level === 'error')).toEqual([]);
  };

  it.each(BAD)('with %s: a token that names it is 401, told and counted, and a good one is let in', (_, alg, bad) =>
    expectRefused(alg, bad),
  );
  it.each(KNOWN_TO_BE_BAD)('with %s: a token that names it is 401, told and counted, and a good one is let in', (_, alg, bad) =>
    expectRefused(alg, bad),
  );
});
