import type { HttpUpstreamSettings } from '../src/config/upstream-settings.js';
import { closesAfterEach } from './support/ends.js';
import { ALL_FACES, type AllFaces, REFUSING_FACES, startAllFaces, type Told } from './support/faces/faces.js';
import { httpUpstream } from './support/gateway.js';
import { type Exchange, RawMcpServer, textResult, toolOf } from './support/raw-mcp-server.js';
import { until } from './support/until.js';

const DONE = { type: 'result', value: textResult('done') };
const REFUSED = (limit: number) => ({
  type: 'overloaded',
  message: `Service temporarily unavailable: the gateway serves no more than ${limit} calls at once (MAX_CONNECTIONS); the tool did not run.`,
  details: { reason: `The gateway serves no more than ${limit} calls at once (MAX_CONNECTIONS); the tool did not run.`, limit },
  retryAfter: 1,
});
/** Beyond those that tests count. */
const ANY = { limit: 1_000_000_000, remaining: expect.any(Number) };

type Environment = Readonly<Record<string, string>>;

const closing = closesAfterEach();
/** What the server does with a call; it answers `done` unless told. */
let does: (exchange: Exchange) => unknown;
/** The calls that it has and does not answer. */
let held: Exchange[];
let server: RawMcpServer;
let served: AllFaces;

const hold = (exchange: Exchange) => held.push(exchange);

async function serve(environment: Environment, more: Partial<HttpUpstreamSettings> = {}): Promise<void> {
  held = [];
  does = (exchange) => exchange.result();
  server = closing(
    await RawMcpServer.start({ tools: [toolOf('work'), toolOf('play')], on: { 'tools/call': (exchange) => does(exchange) } }),
  );
  served = closing(await startAllFaces(environment, [httpUpstream(server.url, more)]));
}

const received = () => server.received('tools/call').length;

describe.each(ALL_FACES)('[P3][E4][S3] limits on calls over %s', (face) => {
  const call = (tool = 'work', key?: string): Promise<Told> =>
    served.as(face).call(tool, {}, key === undefined ? {} : { headers: { authorization: `Bearer key-of-${key}` } });
  const refusal = (scope: string, limit: number, message: string) => ({
    type: 'rate_limit_error',
    message: expect.stringMatching(new RegExp(`^${message}: try again in \\d+ s\\.$`)),
    details: { scope, limit, window_seconds: 60 },
    retryAfter: expect.any(Number),
    limits: { scope, limit, remaining: 0 },
  });

  it('hold for each client, and tell what is left; a tool that is not there counts', async () => {
    await serve({ RATE_LIMIT_CLIENT: '2', API_KEYS: 'a:key-of-caller-a,b:key-of-caller-b' });
    expect(await call('work', 'caller-a')).toEqual({ ...DONE, limits: { scope: 'client', limit: 2, remaining: 1 } });
    expect(await call('nothing', 'caller-a')).toMatchObject({
      type: 'tool_not_found',
      limits: { scope: 'client', limit: 2, remaining: 0 },
    });
    const refused = refusal('client', 2, 'You may make 2 calls in 60 s, and have made them');
    for (const tool of ['work', 'nothing']) expect(await call(tool, 'caller-a')).toEqual(refused);
    expect(await call('work', 'caller-b')).toEqual({ ...DONE, limits: { scope: 'client', limit: 2, remaining: 1 } });
    expect(received()).toBe(2);
  });

  it('may be those of a role', async () => {
    await serve({ RATE_LIMIT_CLIENT: '1', RATE_LIMIT_ROLES: 'anonymous:2' });
    for (const remaining of [1, 0]) expect(await call()).toEqual({ ...DONE, limits: { scope: 'role', limit: 2, remaining } });
    expect(await call()).toEqual(refusal('role', 2, 'Your role may make 2 calls in 60 s, and you have made them'));
    expect(received()).toBe(2);
  });

  it('hold for all together', async () => {
    await serve({ RATE_LIMIT_SYSTEM: '2', API_KEYS: 'a:key-of-caller-a,b:key-of-caller-b' });
    for (const key of ['caller-a', 'caller-b']) expect(await call('work', key)).toEqual({ ...DONE, limits: { scope: 'client', ...ANY } });
    const message = 'The gateway takes 2 calls in 60 s from all clients together, and has taken them';
    expect(await call('work', 'caller-a')).toEqual(refusal('system', 2, message));
    expect(received()).toBe(2);
  });

  it('hold for one tool, beside the others', async () => {
    await serve({ RATE_LIMIT_CLIENT: '9' }, { toolLimits: [{ pattern: 'w*', limit: 1 }] });
    expect(await call()).toEqual({ ...DONE, limits: { scope: 'client', limit: 9, remaining: 8 } });
    expect(await call()).toEqual(refusal('tool', 1, 'You may call "work" 1 times in 60 s, and have done so'));
    expect(await call('play')).toEqual({ ...DONE, limits: { scope: 'client', limit: 9, remaining: 6 } });
    expect(received()).toBe(2);
  });

  it('are those of the same caller over every face', async () => {
    await serve({ RATE_LIMIT_CLIENT: '4' });
    const left = async (by: typeof face) => (await served.as(by).call('work')).limits?.remaining;
    expect([await left(face), await left(face === 'http' ? 'ws' : 'http'), await left(face)]).toEqual([3, 2, 1]);
  });
});

describe.each(ALL_FACES)('[P1] places of calls over %s', (face) => {
  const call = (tool = 'work', args = {}): Promise<Told> => served.as(face).call(tool, args);
  /** A call that has its place until the server answers. */
  const holdOne = async () => {
    does = hold;
    const caller = served.as(face);
    const answer = caller.call('work');
    await until('the server has the call', () => held.length > 0);
    does = (exchange) => exchange.result();
    return { caller, answer };
  };

  it('are as many as MAX_CONNECTIONS for all faces together; who finds none has spent nothing', async () => {
    await serve({ MAX_CONNECTIONS: '1', RATE_LIMIT_CLIENT: '2' });
    const { answer } = await holdOne();
    for (const by of [...REFUSING_FACES, ...REFUSING_FACES]) expect(await served.as(by).call('work')).toEqual(REFUSED(1));
    held[0]?.result();
    expect(await answer).toEqual({ ...DONE, limits: { scope: 'client', limit: 2, remaining: 1 } });
    expect(await call()).toEqual({ ...DONE, limits: { scope: 'client', limit: 2, remaining: 0 } });
    expect(received()).toBe(2);
  });

  it.each<[string, string, (exchange: Exchange) => unknown]>([
    ['result', 'work', (exchange) => exchange.result()],
    ['tool_error', 'work', (exchange) => exchange.result({ ...(textResult('No.') as object), isError: true })],
    ['tool_not_found', 'nothing', () => undefined],
    ['validation_error', 'work', (exchange) => exchange.error(-32_602, 'no', { field: 'a' })],
    ['permission_error', 'work', (exchange) => exchange.send(403)],
    ['rate_limit_error', 'work', (exchange) => exchange.send(429, '', { 'retry-after': '31' })],
    ['upstream_unavailable', 'work', (exchange) => exchange.send(503, '', { 'retry-after': '31' })],
    ['upstream_error', 'work', (exchange) => exchange.send(500)],
    ['upstream_timeout', 'work', () => undefined],
    ['outcome_unknown', 'work', (exchange) => exchange.request.socket.resetAndDestroy()],
  ])('are free again after %s', async (type, tool, answer) => {
    await serve({ MAX_CONNECTIONS: '1' }, type === 'upstream_timeout' ? { requestTimeoutMs: 2_000 } : {});
    does = answer;
    for (let times = 0; times < 2; times += 1) expect(await call(tool)).toMatchObject({ type });
    does = (exchange) => exchange.result();
    expect(await call()).toMatchObject(DONE);
  });

  it('are free again after a refusal: by a limit, by that of a tool', async () => {
    await serve({ MAX_CONNECTIONS: '1', RATE_LIMIT_CLIENT: '3' }, { toolLimits: [{ pattern: 'work', limit: 1 }] });
    const scopes = [];
    for (const tool of ['work', 'work', 'play', 'play', 'play']) scopes.push((await call(tool)).limits);
    expect(scopes.map((limits) => limits?.scope)).toEqual(['client', 'tool', 'client', 'client', 'client']);
    expect(scopes.map((limits) => limits?.remaining)).toEqual([2, 0, 0, 0, 0]);
  });

  it('are free again when the caller has left', async () => {
    await serve({ MAX_CONNECTIONS: '1' });
    const { caller, answer } = await holdOne();
    expect(await served.as(face === 'ws' ? 'http' : face).call('work')).toEqual(REFUSED(1));
    caller.leave();
    expect(await answer).toEqual({ type: 'left' });
    await until('there is room', async () => (await call()).type === 'result');
  });
});

describe('[P1] places of calls that wait for one', () => {
  const WAITING = { whenFull: 'wait' } as const;

  /** Some calls of one caller; the first has the only place, the others come after it in this order. */
  const begin = async (...ids: string[]) => {
    does = hold;
    const caller = served.lines();
    const ends: [string, Told][] = [];
    const calls = ids.map(async (id) => void ends.push([id, await caller.call('work', {}, { id, ...WAITING })]));
    await until('the server has the first call', () => held.length === 1);
    return { ends, all: Promise.all(calls), caller };
  };

  it('are given in order; limits are spent by those who get one', async () => {
    await serve({ MAX_CONNECTIONS: '1', RATE_LIMIT_CLIENT: '9' });
    const { ends, all } = await begin('first', 'second', 'third');
    expect(await served.as('http').call('work')).toEqual(REFUSED(1));
    for (let answered = 0; answered < 3; answered += 1) {
      await until('the server has the call', () => held.length > answered);
      expect([held.length, ends.length]).toEqual([answered + 1, answered]);
      held[answered]?.result();
      await until('it is answered', () => ends.length > answered);
    }
    await all;
    const answers = [8, 7, 6].map((remaining) => ({ ...DONE, limits: { scope: 'client', limit: 9, remaining } }));
    expect(ends).toEqual(['first', 'second', 'third'].map((id, index) => [id, answers[index]]));
  });

  it('count like all others when they have been waited for', async () => {
    await serve({ MAX_CONNECTIONS: '1' });
    const { all } = await begin('first', 'second');
    held[0]?.result();
    await until('the server has the second', () => held.length === 2);
    for (const face of REFUSING_FACES) expect(await served.as(face).call('work')).toEqual(REFUSED(1));
    held[1]?.result();
    await all;
  });

  it('pass over those who leave', async () => {
    await serve({ MAX_CONNECTIONS: '1', RATE_LIMIT_CLIENT: '9' });
    const { all, caller } = await begin('first');
    const [leaving, staying] = [served.lines(), served.lines()];
    const left = leaving.call('work', {}, { id: 'left', ...WAITING });
    const cancelled = caller.call('work', {}, { id: 'cancelled', ...WAITING });
    // What is asked after it on the same socket is answered after it was taken.
    expect(await caller.call('work', {}, { id: 'probe' })).toEqual(REFUSED(1));
    expect(await leaving.call('work', {}, { id: 'probe of another' })).toEqual(REFUSED(1));
    const stayed = staying.call('work', {}, { id: 'stayed', ...WAITING });
    expect(await staying.call('work', {}, { id: 'probe of a third' })).toEqual(REFUSED(1));
    leaving.leave();
    caller.cancel('cancelled');
    expect(await left).toEqual({ type: 'left' });
    expect(await cancelled).toEqual(REFUSED(1));
    expect(await served.recordOf('left')).toMatchObject({ is_delivered: false });
    held[0]?.result();
    await until('the server has the call of who stayed', () => held.length === 2);
    held[1]?.result();
    expect(await stayed).toEqual({ ...DONE, limits: { scope: 'client', limit: 9, remaining: 7 } });
    await all;
    expect(received()).toBe(2);
  });

  it('are refused by limits when it is their turn, and then given to the next', async () => {
    await serve({
      MAX_CONNECTIONS: '1',
      RESERVED_CONNECTIONS: '0',
      RATE_LIMIT_CLIENT: '1',
      API_KEYS: 'a:key-of-caller-a,b:key-of-caller-b',
    });
    does = hold;
    const caller = served.lines();
    const call = (id: string, key: string) =>
      caller.call('work', {}, { id, ...WAITING, headers: { authorization: `Bearer key-of-caller-${key}` } });
    const calls = [call('first', 'a'), call('refused', 'a'), call('of another', 'b')];
    for (const answered of [0, 1]) {
      await until('the server has the call', () => held.length > answered);
      held[answered]?.result();
    }
    expect((await Promise.all(calls)).map(({ type }) => type)).toEqual(['result', 'rate_limit_error', 'result']);
    expect(received()).toBe(2);
  });
});
