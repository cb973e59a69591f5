import { type Redis } from '../src/redis/redis.service.js';
import type { RedisState } from '../src/redis/redis-status.js';
import { closesAfterEach } from './support/ends.ts';
import { get, ID } from './support/exchange.ts';
import { freePort } from './support/network/free-port.ts';
import { type GatewayHere, startGatewayHere } from './support/gateway.ts';
import { redisOf } from './support/redis/redis-of.ts';
import { RedisServer } from './support/redis/redis-server.ts';
import { until } from './support/until.ts';

const closing = closesAfterEach();
const TIME = expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/) as string;
const AGE = expect.any(Number) as number;
const HEADERS = { 'x-correlation-id': ID, 'content-type': 'application/json; charset=utf-8', 'cache-control': 'no-store' };

async function start(url: string) {
  const gateway = closing(await startGatewayHere({ REDIS_URL: url }, []));
  return { gateway, redis: redisOf(gateway) };
}

const becomes = (redis: Redis, state: RedisState) => until(`Redis is ${state}`, () => redis.status().state === state);

async function healthOf({ url }: GatewayHere) {
  const { status, headers, text } = await get(url, '/health/redis');
  return { status, headers, body: JSON.parse(text) as unknown };
}

function answer(status: string, part: Readonly<Record<string, unknown>>) {
  const redis = { redis: part };
  const isWell = part['status'] === 'up';
  return { status: 200, headers: HEADERS, body: { status, info: isWell ? redis : {}, error: isWell ? {} : redis, details: redis } };
}

const OUTCOMES = ['answered', 'failed', 'refused', 'skipped'] as const;

/** The samples of Redis, as `/metrics` has them. */
async function samples({ url }: GatewayHere): Promise<Record<(typeof OUTCOMES)[number] | 'up' | 'open', number>> {
  const { text } = await get(url, '/metrics');
  const value = (name: string) =>
    Number(
      text
        .split('\n')
        .find((line) => line.startsWith(`${name} `))
        ?.slice(name.length + 1),
    );
  const commands = Object.fromEntries(OUTCOMES.map((outcome) => [outcome, value(`mcpo_redis_commands_total{outcome="${outcome}"}`)]));
  return { ...(commands as Record<(typeof OUTCOMES)[number], number>), up: value('mcpo_redis_up'), open: value('mcpo_redis_breaker_open') };
}

/** What the commands made of the counters, with the gauges as they are then. */
async function change(gateway: GatewayHere, commands: () => Promise<unknown>) {
  const before = await samples(gateway);
  await commands();
  const after = await samples(gateway);
  return { ...after, ...Object.fromEntries(OUTCOMES.map((outcome) => [outcome, after[outcome] - before[outcome]])) };
}

const NONE = { answered: 0, failed: 0, refused: 0, skipped: 0, up: 1, open: 0 };
const times = (count: number, command: () => Promise<unknown>) => Promise.all(Array.from({ length: count }, command));

describe('/health/redis', () => {
  it('[EP4][E7] is ok, down with the reason while it is killed, and ok again', async () => {
    const server = closing(await RedisServer.start());
    const { gateway, redis } = await start(server.url);
    expect(await healthOf(gateway)).toEqual(answer('ok', { since: TIME, age_seconds: AGE, status: 'up' }));
    await server.kill();
    await becomes(redis, 'down');
    await until('it is refused', () => redis.status().reason === 'ECONNREFUSED');
    expect(await healthOf(gateway)).toEqual(answer('down', { since: TIME, reason: 'ECONNREFUSED', age_seconds: AGE, status: 'down' }));
    await server.restart();
    await becomes(redis, 'up');
    expect(await healthOf(gateway)).toEqual(answer('ok', { since: TIME, age_seconds: AGE, status: 'up' }));
  });

  it('[EP4][E7] is degraded while Redis takes no writes', async () => {
    const server = closing(await RedisServer.start());
    const { gateway, redis } = await start(server.url);
    await server.run('CONFIG', 'SET', 'maxmemory', '1');
    await redis.write({ redisMs: 0 }, (client) => client.set('a', 'b'));
    expect(await healthOf(gateway)).toEqual(answer('degraded', { since: TIME, reason: 'OOM', age_seconds: AGE, status: 'degraded' }));
  });

  it('[EP4][E7] is down, not unknown, where Redis is there and has never said a word', async () => {
    const port = await freePort();
    const server = closing(await RedisServer.startOn(port));
    server.signal('SIGSTOP');
    const { gateway, redis } = await start(server.url);
    expect(redis.status().state).toBe('connecting');
    expect(await healthOf(gateway)).toEqual(answer('unknown', { since: TIME, age_seconds: null, status: 'unknown' }));
    await becomes(redis, 'down');
    expect(await healthOf(gateway)).toEqual(answer('down', { since: TIME, reason: 'no answer in time', age_seconds: AGE, status: 'down' }));
    server.signal('SIGCONT');
    await becomes(redis, 'up');
  });

  it('[EP4][S6] tells no password', async () => {
    const server = closing(await RedisServer.start('--requirepass', 'right'));
    const { gateway, redis } = await start(server.url.replace('right', 'canary-of-redis'));
    await becomes(redis, 'down');
    const seen = await healthOf(gateway);
    expect(seen).toEqual(answer('down', { since: TIME, reason: 'WRONGPASS', age_seconds: AGE, status: 'down' }));
  });
});

describe('the metrics of Redis', () => {
  const read = (redis: Redis) => redis.read({ redisMs: 0 }, (client) => client.get('a'));

  it('[EP6][E7] count each command once, by how it ended, and say whether Redis is up', async () => {
    const server = closing(await RedisServer.start());
    const { gateway, redis } = await start(server.url);
    await server.run('SET', 'text', 'no list');
    expect(await change(gateway, () => Promise.resolve())).toEqual(NONE);
    expect(await change(gateway, () => times(7, () => read(redis)))).toEqual({ ...NONE, answered: 7 });
    const writes = () => times(3, () => redis.write({ redisMs: 0 }, (client) => client.set('a', 'b')));
    expect(await change(gateway, writes)).toEqual({ ...NONE, answered: 3 });
    const refused = () => times(6, () => redis.read({ redisMs: 0 }, (client) => client.lLen('text')));
    expect(await change(gateway, refused)).toEqual({ ...NONE, refused: 6 });
    const late = () => times(2, () => redis.read({ redisMs: 50 }, (client) => client.get('a')));
    expect(await change(gateway, late)).toEqual({ ...NONE, skipped: 2 });
  });

  it('[EP6][E7] killed: commands are skipped, and are answered when it is back', async () => {
    const server = closing(await RedisServer.start());
    const { gateway, redis } = await start(server.url);
    await server.kill();
    await becomes(redis, 'down');
    expect(await change(gateway, () => times(7, () => read(redis)))).toEqual({ ...NONE, skipped: 7, up: 0 });
    await server.restart();
    await becomes(redis, 'up');
    expect(await change(gateway, () => times(7, () => read(redis)))).toEqual({ ...NONE, answered: 7 });
  });

  it('[EP6][E7] stopped: five commands fail and open the breaker, those after it are skipped until Redis answers', async () => {
    const server = closing(await RedisServer.start());
    const { gateway, redis } = await start(server.url);
    server.signal('SIGSTOP');
    expect(await change(gateway, () => times(5, () => read(redis)))).toEqual({ ...NONE, failed: 5, up: 0, open: 1 });
    expect(await change(gateway, () => times(7, () => read(redis)))).toEqual({ ...NONE, skipped: 7, up: 0, open: 1 });
    server.signal('SIGCONT');
    await becomes(redis, 'up');
    expect(await change(gateway, () => times(7, () => read(redis)))).toEqual({ ...NONE, answered: 7 });
  });

  it('[EP6][E7] full: reads are answered, writes fail once and are skipped, and the breaker stays closed', async () => {
    const server = closing(await RedisServer.start());
    const { gateway, redis } = await start(server.url);
    await server.run('CONFIG', 'SET', 'maxmemory', '1');
    const write = () => redis.write({ redisMs: 0 }, (client) => client.set('a', 'b'));
    expect(await change(gateway, write)).toEqual({ ...NONE, failed: 1, up: 0 });
    expect(await change(gateway, write)).toEqual({ ...NONE, skipped: 1, up: 0 });
    expect(await change(gateway, () => read(redis))).toEqual({ ...NONE, answered: 1, up: 0 });
  });

  it('[EP6] without Redis are there and stay at zero', async () => {
    const gateway = closing(await startGatewayHere({}, []));
    const redis = redisOf(gateway);
    expect(await change(gateway, () => times(3, () => read(redis)))).toEqual({ ...NONE, up: 0 });
  });
});
