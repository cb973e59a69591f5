import type { HttpUpstreamSettings } from '../src/config/upstream-settings.js';
import { CallSlots } from '../src/throttler/call-slots.js';
import { closesAfterEach } from './support/ends.ts';
import { errorAnswer, ID, post, request, told } from './support/exchange.ts';
import { type GatewayHere, httpUpstream, startGatewayHere } from './support/gateway.ts';
import { judgedByRedis } from './support/redis/judged-by-redis.ts';
import { allListed } from './support/listed.ts';
import { type RunningProcess, startGateway } from './support/processes.ts';
import { type Exchange as Call, RawMcpServer, textResult, toolOf } from './support/raw-mcp-server.ts';
import { redisIsMissed, redisIsUp } from './support/redis/redis-of.ts';
import { TcpProxy } from './support/network/tcp-proxy.ts';
import { RedisServer } from './support/redis/redis-server.ts';
import { until } from './support/until.ts';

const closing = closesAfterEach();
const STATE_KEY = 'canary-of-state-'.repeat(3);
const SECRET = 'canary-of-outcomes';
const PATH = '/v1/tools/create';

type Gateway = Pick<GatewayHere, 'url'>;

/** A server that counts the calls that reach it, each answered as a test says, by the count itself unless it does. */
async function counting(answer?: (call: Call, count: number) => void) {
  const calls: Call[] = [];
  const server = await RawMcpServer.start({
    tools: [toolOf('create'), toolOf('other')],
    on: {
      'tools/call': (call) => {
        calls.push(call);
        if (answer) answer(call, calls.length);
        else call.result(textResult(`${SECRET} ${calls.length}`));
      },
    },
  });
  closing(server);
  return { server, calls };
}

async function gatewayOf(server: RawMcpServer, environment: Record<string, string> = {}, more: Partial<HttpUpstreamSettings> = {}) {
  const gateway = closing(await startGatewayHere(environment, [httpUpstream(server.url, more)]));
  await allListed(gateway.url);
  if (environment.REDIS_URL !== undefined) await redisIsUp(gateway);
  return gateway;
}

const create = ({ url }: Gateway, key: string, args: unknown = { title: 'a' }, headers = {}) =>
  post(url, PATH, args, { 'idempotency-key': key, ...headers });

const HEADERS = { 'x-correlation-id': ID, 'content-type': 'application/json' };
const REPLAYED = { 'idempotent-replayed': 'true' };
const LOCAL = { 'idempotency-scope': 'replica' };
const outcome = (count: number, headers = {}) => ({
  status: 200,
  headers: { ...HEADERS, ...headers },
  text: JSON.stringify(`${SECRET} ${count}`),
});
const conflict = (headers = {}) =>
  errorAnswer(
    409,
    {
      type: 'conflict',
      message:
        'A call of this tool with the same Idempotency-Key had other arguments. Send a new key with each new call, and the same only to repeat one; this call was not made.',
      details: { reason: 'idempotency_key_reused' },
    },
    headers,
  );
const unknown = (reason: string, headers = {}) =>
  errorAnswer(
    502,
    {
      type: 'outcome_unknown',
      message: `${reason} It may have run, and was not made again.`,
      details: { reason: 'idempotency_key', outcome: 'unknown' },
    },
    headers,
  );
const inFlight = ({ app }: GatewayHere) => app.get(CallSlots, { strict: false }).inFlight;

describe('calls with an Idempotency-Key', () => {
  it('[S4] are made once: the same key is answered with the first outcome, whatever the spelling of the arguments', async () => {
    const { server, calls } = await counting();
    const gateway = await gatewayOf(server);
    expect(told(await create(gateway, 'k', '{"title":"a","n":1}'))).toEqual(outcome(1));
    expect(told(await create(gateway, 'k', '{ "n": 1, "title": "a" }'))).toEqual(outcome(1, REPLAYED));
    expect(told(await create(gateway, 'other', '{"title":"a","n":1}'))).toEqual(outcome(2));
    expect(calls).toHaveLength(2);
  });

  it('[E5] with other arguments are a conflict, and with what is no key malformed', async () => {
    const { server, calls } = await counting();
    const gateway = await gatewayOf(server);
    await create(gateway, 'k', { n: 1 });
    expect(told(await create(gateway, 'k', { n: 2 }))).toEqual(conflict());
    for (const key of ['', 'a b', 'x'.repeat(256), 'ä']) {
      expect(told(await create(gateway, Buffer.from(key).toString('latin1')))).toEqual(
        errorAnswer(400, {
          type: 'validation_error',
          message: 'Invalid params: Idempotency-Key: must be 1 to 255 visible ASCII characters, a new one for each new call',
          details: {
            field: 'Idempotency-Key',
            issue: 'must be 1 to 255 visible ASCII characters, a new one for each new call',
            problems: [{ field: 'Idempotency-Key', issue: 'must be 1 to 255 visible ASCII characters, a new one for each new call' }],
          },
        }),
      );
    }
    expect(calls).toHaveLength(1);
  });

  it('[S7] are apart by tool, client and what is forwarded of the caller', async () => {
    const { server, calls } = await counting();
    const environment = { API_KEYS: 'a:key-of-caller-a,b:key-of-caller-b' };
    const gateway = await gatewayOf(server, environment, { forwardHeaders: ['x-teams-auth-token'] });
    const as = (who: string, token: string) => ({ authorization: `Bearer key-of-caller-${who}`, 'x-teams-auth-token': token });
    await create(gateway, 'k', {}, as('a', 'one'));
    await create(gateway, 'k', {}, as('a', 'two'));
    await create(gateway, 'k', {}, as('b', 'one'));
    await post(gateway.url, '/v1/tools/other', {}, { 'idempotency-key': 'k', ...as('a', 'one') });
    expect(calls).toHaveLength(4);
    expect(told(await create(gateway, 'k', {}, as('a', 'two')))).toEqual(outcome(2, REPLAYED));
  });

  it.each([
    ['its no', (call: Call) => call.result({ ...(textResult('no') as object), isError: true }), 422],
    ['a failure after it was sent', (call: Call) => call.send(500), 502],
  ])('[E6] keep what came of them: %s', async (_, answer, status) => {
    const { server, calls } = await counting(answer);
    const gateway = await gatewayOf(server);
    const [first, second] = [await create(gateway, 'k'), await create(gateway, 'k')];
    expect([first.status, second.status, second.text]).toEqual([status, status, first.text]);
    expect(second.headers).toEqual({ ...first.headers, ...REPLAYED });
    expect(calls).toHaveLength(1);
  });

  it.each([
    ['400', (call: Call) => call.error(-32_602, 'Invalid params', { field: 'title', issue: 'required' })],
    ['403', (call: Call) => call.send(403)],
    ['429', (call: Call) => call.send(429, '', { 'retry-after': '3600' })],
    ['503', (call: Call) => call.send(503, '', { 'retry-after': '3600' })],
  ])('[E1] forget what surely did not run: %s', async (status, refuse) => {
    const { server } = await counting((call, count) => (count === 1 ? refuse(call) : call.result(textResult('done'))));
    const gateway = await gatewayOf(server);
    expect((await create(gateway, 'k')).status).toBe(Number(status));
    expect(told(await create(gateway, 'k'))).toEqual({ status: 200, headers: HEADERS, text: '"done"' });
  });

  it('[AC4] wait for the one that is on its way, and go on when their callers leave', async () => {
    const { server, calls } = await counting(() => undefined);
    const gateway = await gatewayOf(server);
    const leaving = new AbortController();
    const headers = { 'content-type': 'application/json', 'idempotency-key': 'k' };
    const first = request(gateway.url, PATH, { method: 'POST', headers, body: '{"title":"a"}', signal: leaving.signal });
    await until('the call', () => calls.length > 0);
    const second = create(gateway, 'k');
    await until('both', () => inFlight(gateway) === 2);
    expect(told(await create(gateway, 'k', { title: 'b' }))).toEqual(conflict());
    leaving.abort();
    await expect(first).rejects.toThrow();
    calls[0]?.result(textResult('done'));
    expect(told(await second)).toEqual({ status: 200, headers: { ...HEADERS, ...REPLAYED }, text: '"done"' });
    expect(server.exchanges.filter(({ message }) => message.method === 'notifications/cancelled')).toEqual([]);
  });

  it('[AC4] whose caller left are answered when they come back', async () => {
    const { server, calls } = await counting(() => undefined);
    const gateway = await gatewayOf(server);
    const leaving = new AbortController();
    const headers = { 'content-type': 'application/json', 'idempotency-key': 'k' };
    const first = request(gateway.url, PATH, { method: 'POST', headers, body: '{"title":"a"}', signal: leaving.signal });
    await until('the call', () => calls.length > 0);
    leaving.abort();
    await expect(first).rejects.toThrow();
    await until('nobody waits', () => inFlight(gateway) === 0);
    calls[0]?.result(textResult('done'));
    expect((await create(gateway, 'k')).text).toBe('"done"');
    expect(calls).toHaveLength(1);
  });

  it('[S3] do not go on without end: of one client a tenth of MAX_CONNECTIONS at the most', async () => {
    const { server, calls } = await counting(() => undefined);
    const gateway = await gatewayOf(server, { MAX_CONNECTIONS: '20' });
    for (const key of ['a', 'b', 'c']) {
      const leaving = new AbortController();
      const headers = { 'content-type': 'application/json', 'idempotency-key': key };
      const made = request(gateway.url, PATH, { method: 'POST', headers, body: '{}', signal: leaving.signal });
      const before = calls.length;
      await until('the call', () => calls.length > before);
      leaving.abort();
      await expect(made).rejects.toThrow();
    }
    await until('the third is cancelled', () => server.exchanges.some(({ message }) => message.method === 'notifications/cancelled'));
    expect(server.exchanges.filter(({ message }) => message.method === 'notifications/cancelled')).toHaveLength(1);
    for (const call of calls) call.result();
  });
});

describe('calls with an Idempotency-Key to replicas with one Redis', () => {
  const shared = (redis: RedisServer) => ({ REDIS_URL: redis.url, STATE_ENCRYPTION_KEY: STATE_KEY });
  const keysOf = (redis: RedisServer) => redis.run('KEYS', 'mcpo:idempotency:*') as Promise<string[]>;

  it('[REDIS] are made once by all of them; what is kept is under a digest, encrypted, for 24 h', async () => {
    const redis = closing(await RedisServer.start());
    const { server, calls } = await counting();
    const [one, other] = [await gatewayOf(server, shared(redis)), await gatewayOf(server, shared(redis))];
    const answers = await judgedByRedis([one, other], async (attempt) => {
      await redis.run('FLUSHALL');
      calls.length = 0;
      const key = `canary-key-${attempt}`;
      return [await create(one, key), await create(other, key), await create(other, key, { title: 'b' })];
    });
    expect(answers.map(told)).toEqual([outcome(1), outcome(1, REPLAYED), conflict()]);
    expect(calls).toHaveLength(1);
    const [key] = (await keysOf(redis)) as [string];
    expect(key).toMatch(/^mcpo:idempotency:[\w-]{43}$/);
    const value = (await redis.run('GET', key)) as string;
    expect(value).toMatch(/^v1\.[\w+/]+={0,2}$/);
    expect(Buffer.from(value.slice(3), 'base64').toString('latin1')).not.toContain(SECRET);
    const ttl = Number(await redis.run('PTTL', key));
    expect([ttl > 86_300_000, ttl <= 86_400_000]).toEqual([true, true]);
  });

  it('[REDIS] 40 at once through both are made once', async () => {
    const redis = closing(await RedisServer.start());
    const { server, calls } = await counting((call) => void setTimeout(() => call.result(textResult('done')), 200));
    const both = [await gatewayOf(server, shared(redis)), await gatewayOf(server, shared(redis))];
    const answers = await judgedByRedis(both, (attempt) => {
      calls.length = 0;
      return Promise.all(Array.from({ length: 40 }, (_, index) => create(both[index % 2] as GatewayHere, `k${attempt}`)));
    });
    expect(new Set(answers.map(({ status, text }) => `${status} ${text}`))).toEqual(new Set(['200 "done"']));
    expect(answers.filter(({ headers }) => headers['idempotent-replayed'] === undefined)).toHaveLength(1);
    expect(calls).toHaveLength(1);
  });

  it('[E1] one that surely did not run at the one is made by the other that waited for it', async () => {
    const redis = closing(await RedisServer.start());
    const { server, calls } = await counting(() => undefined);
    const [one, other] = [await gatewayOf(server, shared(redis)), await gatewayOf(server, shared(redis))];
    const first = create(one, 'k');
    await until('the call', () => calls.length > 0);
    const second = create(other, 'k');
    await until('both', () => inFlight(other) === 1);
    calls[0]?.send(429, '', { 'retry-after': '3600' });
    expect((await first).status).toBe(429);
    await until('the other call', () => calls.length > 1);
    calls[1]?.result(textResult('done'));
    expect(told(await second)).toEqual({ status: 200, headers: HEADERS, text: '"done"' });
  });

  it('[E1] after a crash over one its outcome is unknown, and it is never made again', async () => {
    const redis = closing(await RedisServer.start());
    const { server, calls } = await counting(() => undefined);
    const env = { ...shared(redis), MCP_SERVER_URL: server.url };
    const dying = await startGateway({ env });
    await allListed(dying.url);
    await redisIsUp(dying);
    const { key, lost } = await judgedByRedis([dying], async (attempt) => {
      const key = `k${attempt}`;
      const lost = create(dying, key).catch(() => 'lost');
      await until('the call', () => calls.length === attempt);
      return { key, lost };
    });
    const made = calls.length;
    await dying.stop('SIGKILL');
    expect(await lost).toBe('lost');
    const other = closing<RunningProcess>(await startGateway({ env }));
    await allListed(other.url);
    await redisIsUp(other);
    const reason = 'The replica of the gateway that made this call has ended before its outcome was kept.';
    // A look that Redis answers too late tells nothing.
    const answers = await judgedByRedis([other], async () => [await create(other, key), await create(other, key)]);
    expect(answers.map(told)).toEqual([unknown(reason, REPLAYED), unknown(reason, REPLAYED)]);
    expect(calls).toHaveLength(made);
  });

  it('[E7] that could not be claimed in time are as soon as they can be, while they are made', async () => {
    const redis = closing(await RedisServer.start());
    const { server, calls } = await counting(() => undefined);
    const [one, other] = [await gatewayOf(server, shared(redis)), await gatewayOf(server, shared(redis))];
    redis.signal('SIGSTOP');
    const open = create(one, 'k');
    await until('the call', () => calls.length === 1);
    redis.signal('SIGCONT');
    await until('it is known', async () => (await keysOf(redis)).length === 1);
    const waiting = create(other, 'k');
    await until('the other waits', () => inFlight(other) === 1);
    calls[0]?.result(textResult('done'));
    expect(told(await open)).toMatchObject({ status: 200, text: '"done"' });
    expect(told(await waiting)).toEqual({ status: 200, headers: { ...HEADERS, ...REPLAYED }, text: '"done"' });
    expect(calls).toHaveLength(1);
  });

  it('[E7] while Redis is away this replica decides, and says so; at its return the others know', async () => {
    const redis = closing(await RedisServer.start());
    const { server, calls } = await counting();
    const one = await gatewayOf(server, shared(redis));
    redis.signal('SIGSTOP');
    expect(told(await create(one, 'k'))).toEqual(outcome(1, LOCAL));
    await until('Redis is known to be away', async () => (await create(one, 'k')).headers['idempotency-scope'] === 'replica');
    expect(told(await create(one, 'k'))).toEqual(outcome(1, { ...REPLAYED, ...LOCAL }));
    redis.signal('SIGCONT');
    await until(
      'the outcome is there',
      async () => ((await redis.run('GET', (await keysOf(redis))[0] ?? '')) as string | null)?.length ?? 0,
    );
    const other = await gatewayOf(server, shared(redis));
    await until('the other knows', async () => (await create(other, 'k')).headers['idempotent-replayed'] === 'true');
    expect(told(await create(other, 'k'))).toEqual(outcome(1, REPLAYED));
    expect(calls).toHaveLength(1);
  });

  it('[E7] are told anew to a Redis that has lost them: those that have ended, and those that are being made', async () => {
    const redis = closing(await RedisServer.start());
    const way = closing(await TcpProxy.start(redis.url));
    const { server, calls } = await counting((call) => {
      if (call.message.params?.arguments?.title !== 'open') call.result(textResult('done'));
    });
    const one = await gatewayOf(server, { ...shared(redis), REDIS_URL: way.redisUrl });
    const other = await gatewayOf(server, shared(redis));
    const done = { status: 200, headers: HEADERS, text: '"done"' };
    expect(told(await create(one, 'ended'))).toEqual(done);
    const open = create(one, 'open', { title: 'open' });
    await until('the call', () => calls.length === 2);
    const waiting = create(other, 'open', { title: 'open' });
    await until('the other waits', () => inFlight(other) === 1);
    way.refuse(true);
    way.cut();
    await redis.kill();
    await redisIsMissed(one, other);
    await redis.restart();
    await redisIsUp(other);
    expect(told(await create(other, 'new'))).toEqual({ ...done, headers: { ...HEADERS, ...LOCAL } });
    await until(
      'it has been looked for twice',
      async () => Number(/^cmdstat_exists:calls=(\d+)/m.exec(String(await redis.run('INFO', 'commandstats')))?.[1]) > 2,
    );
    way.refuse(false);
    await until('all are known', async () => (await keysOf(redis)).length === 3);
    const replayed = (text: string) => ({ status: 200, headers: { ...HEADERS, ...REPLAYED }, text });
    expect(told(await create(other, 'ended'))).toEqual(replayed('"done"'));
    calls[1]?.result(textResult('late'));
    expect(told(await open)).toEqual({ ...done, text: '"late"' });
    expect(told(await waiting)).toEqual(replayed('"late"'));
    expect(calls).toHaveLength(3);
  });

  it('[E7] while Redis only reads, what it holds is an outcome still', async () => {
    const redis = closing(await RedisServer.start());
    const { server, calls } = await counting();
    const [one, other] = [await gatewayOf(server, shared(redis)), await gatewayOf(server, shared(redis))];
    await judgedByRedis([one], (attempt) => create(one, `k${attempt}`));
    const made = calls.length;
    await redis.run('CONFIG', 'SET', 'maxmemory', '1');
    // As many times as it takes for the other to find Redis so.
    await until('it is found', async () => (await create(other, `k${made}`)).headers['idempotent-replayed'] === 'true');
    const before = calls.length;
    expect(told(await create(other, 'new'))).toEqual(outcome(before + 1, LOCAL));
  });

  it('[REDIS] without STATE_ENCRYPTION_KEY each replica decides, and says so', async () => {
    const redis = closing(await RedisServer.start());
    const { server } = await counting();
    const one = await gatewayOf(server, { REDIS_URL: redis.url });
    expect(told(await create(one, 'k'))).toEqual(outcome(1, LOCAL));
    expect(told(await create(one, 'k'))).toEqual(outcome(1, { ...REPLAYED, ...LOCAL }));
    expect(await keysOf(redis)).toEqual([]);
  });

  it("[E7] garbage in place of what is kept is nobody's outcome (threat 35)", async () => {
    const redis = closing(await RedisServer.start());
    const { server, calls } = await counting();
    const [one, other] = [await gatewayOf(server, shared(redis)), await gatewayOf(server, shared(redis))];
    await create(one, 'k');
    await redis.run('SET', (await keysOf(redis))[0] ?? '', 'garbage');
    expect(told(await create(other, 'k'))).toEqual(outcome(2, LOCAL));
    expect(told(await create(one, 'k'))).toEqual(outcome(1, REPLAYED));
    expect(calls).toHaveLength(2);
  });
});
