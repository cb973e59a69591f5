import { createHmac } from 'node:crypto';
import { closesAfterEach } from './support/ends.js';
import { type Exchange, errorAnswer, request, told } from './support/exchange.js';
import { type GatewayHere, startGatewayHere } from './support/gateway.js';

const closing = closesAfterEach();
const TOOL = '/v1/tools/list_plans';
const SECRET = 'a-secret-of-open-webui';

/** What a refusal waits when many distinct keys were tried before it: longer than this. One that waits for nothing takes far less. */
const HELD_MS = 1_500;

let gateway: GatewayHere;
beforeEach(async () => {
  gateway = closing(await startGatewayHere({ API_KEYS: 'the-one-good-key', TRUST_PROXY: '1', OPENWEBUI_SECRET_KEY: SECRET }));
});

interface Timed extends Exchange {
  readonly tookMs: number;
}

async function ask(authorization: string | undefined, path = '/openapi.json', from = '192.0.2.1', method = 'GET'): Promise<Timed> {
  const startedAt = performance.now();
  const headers = { ...(authorization !== undefined && { authorization }), 'x-forwarded-for': from };
  const exchange = await request(gateway.url, path, { method, headers });
  return { ...exchange, tookMs: performance.now() - startedAt };
}

const bearer = (key: string) => `Bearer ${key}`;
const MESSAGE = 'Authentication failed: send a valid API key or token as "Authorization: Bearer ...".';
const REFUSED = errorAnswer(401, { type: 'authentication_error', message: MESSAGE }, { 'www-authenticate': 'Bearer' });

/** So many distinct wrong keys from a network that the next new one is held for two seconds. */
const guesses = (from = '192.0.2.1') =>
  Promise.all(Array.from({ length: 12 }, (_, key) => ask(bearer(`guess-${from}-${key}`), undefined, from)));

/** Those whose answers were there before that of a new wrong key, which is held and was sent first. */
async function atOnce(...requests: readonly Parameters<typeof ask>[]): Promise<Timed[]> {
  const held = ask(bearer(`fresh-${Math.random()}`));
  const done: Timed[] = [];
  for (const one of requests) void ask(...one).then((timed) => done.push(timed));
  expect((await held).tookMs).toBeGreaterThan(HELD_MS);
  return [...done];
}

function sessionOf(claims: object, secret = SECRET): string {
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
  const signed = `${part({ alg: 'HS256', typ: 'JWT' })}.${part(claims)}`;
  return `${signed}.${createHmac('sha256', secret).update(signed).digest('base64url')}`;
}

const EXPIRED = 1_700_000_000;

describe('[S5][E3] one wrong key again and again', () => {
  it('is answered at once each time, on documents and calls, and slows nobody of its address', async () => {
    await ask(bearer('mistyped-key'));
    await guesses();
    const documents = ['/openapi.json', '/v1/openapi.json', '/v1/tools'].map((path) => [bearer('mistyped-key'), path] as const);
    const all = await atOnce(...documents.map((one) => [...one] as [string, string]), [bearer('mistyped-key'), TOOL, undefined, 'POST']);
    expect(all.map(told)).toEqual(Array(4).fill(REFUSED));
  });

  it('counts once, however often it comes', async () => {
    for (let time = 0; time < 30; time += 1) expect(told(await ask(bearer('mistyped-key')))).toEqual(REFUSED);
    expect((await ask(bearer('another-wrong-key'))).tookMs).toBeLessThan(HELD_MS);
  });

  it('is answered at once from another address, too', async () => {
    await ask(bearer('mistyped-key'), undefined, '198.51.100.7');
    await guesses();
    expect(await atOnce([bearer('mistyped-key')])).toHaveLength(1);
  });
});

describe('[S5] many distinct wrong keys', () => {
  it('wait, on documents as on calls', async () => {
    await guesses();
    const [document, call] = await Promise.all([ask(bearer('new-1')), ask(bearer('new-2'), TOOL, undefined, 'POST')]);
    expect([document, call].map((exchange) => [told(exchange as Timed), (exchange as Timed).tookMs > HELD_MS])).toEqual([
      [REFUSED, true],
      [REFUSED, true],
    ]);
  });

  it('wait for those of one IPv6 network together, and for no other network', async () => {
    for (let host = 1; host <= 12; host += 1) void ask(bearer(`guess-${host}`), undefined, `2001:db8::${host}`);
    await new Promise((resolve) => setTimeout(resolve, 300));
    const [neighbour, stranger] = await Promise.all([
      ask(bearer('new-1'), undefined, '2001:db8::ffff'),
      ask(bearer('new-2'), undefined, '2001:db8:0:1::1'),
    ]);
    expect([(neighbour as Timed).tookMs > HELD_MS, (stranger as Timed).tookMs < HELD_MS]).toEqual([true, true]);
  });

  it('wait though the same key comes twice at the same time: the second tells no sooner', async () => {
    await guesses();
    const twins = await Promise.all([ask(bearer('twin')), ask(bearer('twin')), ask(bearer('twin'), undefined, '198.51.100.9')]);
    expect(twins.map(({ tookMs }) => tookMs > HELD_MS)).toEqual([true, true, true]);
  });

  it('do not hold up a valid key, nor who shows none where none is needed', async () => {
    await guesses();
    const all = await atOnce([bearer('the-one-good-key')], [undefined]);
    expect(all.map(({ status }) => status)).toEqual([200, 200]);
  });
});

describe('[S5] what is no guess', () => {
  it.each([
    ['no Authorization', () => undefined],
    ['one of another form', (time: number) => `Basic dXNlcjpwYXNz${time}`],
    ['an expired session with a good signature', (time: number) => bearer(sessionOf({ id: `user-${time}`, exp: EXPIRED + time }))],
  ])('does not count: %s', async (_, authorization) => {
    for (let time = 0; time < 15; time += 1) expect((await ask(authorization(time), TOOL, undefined, 'POST')).status).toBe(401);
    expect((await ask(bearer('first-wrong-key'))).tookMs).toBeLessThan(HELD_MS);
  });

  it('but sessions that others signed are', async () => {
    await Promise.all(Array.from({ length: 12 }, (_, time) => ask(bearer(sessionOf({ id: `user-${time}` }, 'another-secret-of-16')))));
    expect((await ask(bearer(sessionOf({ id: 'user' }, 'another-secret-of-16')))).tookMs).toBeGreaterThan(HELD_MS);
  });
});
