import { randomBytes } from 'node:crypto';
import path from 'node:path';
import { Writable } from 'node:stream';
import { createLogger } from '../src/logging/json-logger.js';
import { type Redis } from '../src/redis/redis.service.js';
import type { RedisState } from '../src/redis/redis-status.js';
import { closesAfterEach } from './support/ends.ts';
import { freePort } from './support/network/free-port.ts';
import { startGatewayHere } from './support/gateway.ts';
import { startGateway } from './support/processes.ts';
import { redisOf } from './support/redis/redis-of.ts';
import { RedisServer } from './support/redis/redis-server.ts';
import { until } from './support/until.ts';

const closing = closesAfterEach();
const [CERT, KEY] = ['server.crt', 'server.key'].map((name) => path.resolve('test/data/tls', name)) as [string, string];
const PASSWORD = 'canary-of-redis';

/** A gateway's way to Redis, and the lines that it has logged of it. */
async function linkTo(url: string, environment: Readonly<Record<string, string>> = {}) {
  const lines: Record<string, unknown>[] = [];
  const to = new Writable({
    write: (line: Buffer, _, done) => {
      lines.push(JSON.parse(line.toString()) as Record<string, unknown>);
      done();
    },
  });
  const gateway = closing(
    await startGatewayHere({ REDIS_URL: url, LOG_LEVEL: 'info', ...environment }, [], {}, { logger: createLogger('info', to) }),
  );
  const redis = redisOf(gateway);
  return {
    redis,
    gateway,
    told: () => lines.filter(({ context }) => context === 'redis').map(({ level, msg, reason }) => ({ level, msg, reason })),
  };
}

const becomes = (redis: Redis, state: RedisState) => until(`Redis is ${state}`, () => redis.status().state === state);

const UP = { level: 'info', msg: 'Redis is up', reason: undefined };
const down = (reason: string) => ({
  level: 'warn',
  msg: 'Redis is down: this replica limits and remembers by itself',
  reason: expect.stringContaining(reason) as string,
});
const readOnly = (reason: string) => ({ level: 'warn', msg: 'Redis takes no writes: this replica limits and remembers by itself', reason });

describe('the way to Redis', () => {
  it('[REDIS] is there at the start, says so once, and says that this replica lives', async () => {
    const server = closing(await RedisServer.start());
    const { redis, told } = await linkTo(server.url, { REDIS_PREFIX: 'team:' });
    expect(redis.status()).toEqual({ state: 'up', since: expect.any(Date), reason: undefined, checkedAt: expect.any(Date) });
    // Undefined where Redis has not answered within 50 ms.
    await until('this replica lives', () => redis.lives(redis.replicaId, { redisMs: 0 }));
    await until('another does not', async () => (await redis.lives('another', { redisMs: 0 })) === false);
    expect(await server.run('KEYS', '*')).toEqual([`team:mcpo:replicas:${redis.replicaId}`]);
    await until('the line', () => told().length > 0);
    expect(told()).toEqual([UP]);
  });

  it('[E7] the gateway starts without it, and finds it when it comes', async () => {
    const port = await freePort();
    const { redis, told } = await linkTo(`redis://127.0.0.1:${port}`);
    expect(redis.status()).toMatchObject({ state: 'down', reason: 'ECONNREFUSED' });
    closing(await RedisServer.startOn(port));
    await becomes(redis, 'up');
    await until('the lines', () => told().length > 1);
    expect(told()).toEqual([down('ECONNREFUSED'), UP]);
  });

  it('[E7] killed and started again it is down and up, each told once', async () => {
    const server = closing(await RedisServer.start());
    const { redis, told } = await linkTo(server.url);
    await server.kill();
    await becomes(redis, 'down');
    expect(await redis.write({ redisMs: 0 }, (client) => client.set('a', 'b'))).toBeUndefined();
    await server.restart();
    await becomes(redis, 'up');
    expect(await redis.write({ redisMs: 0 }, (client) => client.set('a', 'b'))).toBe('OK');
    await until('the lines', () => told().length > 2);
    expect(told()).toEqual([UP, down(''), UP]);
  });

  it.each([
    [
      'stopped',
      (server: RedisServer) => Promise.resolve(server.signal('SIGSTOP')),
      (server: RedisServer) => Promise.resolve(server.signal('SIGCONT')),
    ],
    [
      'paused',
      (server: RedisServer) => server.run('CLIENT', 'PAUSE', '2000', 'ALL'),
      // Until its end nothing is done, not even its end.
      () => Promise.resolve(),
    ],
  ])('[E7] %s, each of five commands waits 50 ms, and no other waits until it answers again', async (_, pause, go) => {
    const server = closing(await RedisServer.start());
    await server.client();
    const { redis, told } = await linkTo(server.url);
    await pause(server);
    const waits: number[] = [];
    await until('nobody waits', async () => {
      const waiting = { redisMs: 0 };
      expect(await redis.read(waiting, (client) => client.get('a'))).toBeUndefined();
      waits.push(waiting.redisMs);
      return !redis.isUsable;
    });
    expect(waits.filter((ms) => ms >= 49).length).toBe(Math.min(waits.length, 5));
    const waiting = { redisMs: 0 };
    expect(await redis.read(waiting, (client) => client.get('a'))).toBeUndefined();
    expect(waiting.redisMs).toBe(0);
    await go(server);
    await becomes(redis, 'up');
    await until('the lines', () => told().length > 2);
    expect(told()).toEqual([UP, down('no answer in time'), UP]);
  });

  it('[E7] all commands of one request have 50 ms together', async () => {
    const server = closing(await RedisServer.start());
    const { redis } = await linkTo(server.url);
    const waiting = { redisMs: 49.9 };
    await redis.read(waiting, (client) => client.get('a'));
    waiting.redisMs = 50;
    let isAsked = false;
    const asked = await redis.read(waiting, (client) => {
      isAsked = true;
      return client.get('a');
    });
    expect([asked, isAsked]).toEqual([undefined, false]);
  });

  it.each([
    [
      'READONLY',
      (server: RedisServer) => server.run('REPLICAOF', '127.0.0.1', '1'),
      (server: RedisServer) => server.run('REPLICAOF', 'NO', 'ONE'),
    ],
    [
      'OOM',
      (server: RedisServer) => server.run('CONFIG', 'SET', 'maxmemory', '1'),
      (server: RedisServer) => server.run('CONFIG', 'SET', 'maxmemory', '0'),
    ],
  ])('[E7] while it takes no writes (%s) it is read, and written again as soon as it does', async (reason, spoil, mend) => {
    const server = closing(await RedisServer.start('--replica-serve-stale-data', 'yes'));
    const { redis, told } = await linkTo(server.url);
    await server.run('SET', 'a', 'b');
    await spoil(server);
    expect(await redis.write({ redisMs: 0 }, (client) => client.set('a', 'c'))).toBeUndefined();
    expect(redis.status()).toMatchObject({ state: 'degraded', reason });
    expect(await redis.read({ redisMs: 0 }, (client) => client.get('a'))).toBe('b');
    await mend(server);
    await becomes(redis, 'up');
    await until('the lines', () => told().length > 2);
    expect(told()).toEqual([UP, readOnly(reason), UP]);
  });

  it('[E7][S6] with a wrong password it is down, and nothing tells the password', async () => {
    const server = closing(await RedisServer.start('--requirepass', 'right'));
    const { redis, told } = await linkTo(server.url.replace('right', PASSWORD));
    await becomes(redis, 'down');
    expect(redis.status()).toMatchObject({ reason: 'WRONGPASS' });
    await server.run('CONFIG', 'SET', 'requirepass', PASSWORD);
    await becomes(redis, 'up');
    await until('the lines', () => told().length > 1);
    expect(told()).toEqual([down('WRONGPASS'), UP]);
    expect(JSON.stringify(told())).not.toContain(PASSWORD);
  });

  it('[E7] while it reads what it holds from its disk it is down', async () => {
    const server = closing(await RedisServer.start());
    for (let key = 0; key < 100; key += 1) await server.run('SET', `${key}`, randomBytes(4_000).toString('base64'));
    await server.run('SAVE');
    const { redis, told } = await linkTo(server.url);
    await server.kill();
    await becomes(redis, 'down');
    // 20 ms for each key.
    await server.restart('--key-load-delay', '20000', '--loading-process-events-interval-bytes', '1024');
    await until('it is loading', () => redis.status().reason === 'LOADING');
    await becomes(redis, 'up');
    await until('the lines', () => told().length > 2);
    expect(told()).toEqual([UP, down(''), UP]);
  });

  it('[S6] over TLS, as a user of its own, with a certificate that is trusted', async () => {
    const port = await freePort();
    const tls = [
      '--tls-port',
      `${port}`,
      '--tls-cert-file',
      CERT,
      '--tls-key-file',
      KEY,
      '--tls-ca-cert-file',
      CERT,
      '--tls-auth-clients',
      'no',
    ];
    closing(await RedisServer.start(...tls, '--user', 'gateway', 'on', `>${PASSWORD}`, '~*', '&*', '+@all'));
    const env = { REDIS_URL: `rediss://gateway:${PASSWORD}@127.0.0.1:${port}`, STATE_ENCRYPTION_KEY: 'canary-of-state-'.repeat(3) };
    const trusting = closing(await startGateway({ env: { ...env, NODE_EXTRA_CA_CERTS: CERT } }));
    await until('it is up', () => trusting.stdout.some((line) => line.includes('"msg":"Redis is up"')));
    const wary = closing(await startGateway({ env }));
    const line = await until('it is down', () => wary.stdout.find((one) => one.includes('"msg":"Redis is down')));
    expect(JSON.parse(line)).toMatchObject({ level: 'warn', reason: 'DEPTH_ZERO_SELF_SIGNED_CERT' });
    expect([...trusting.stdout, ...wary.stdout, ...trusting.stderr, ...wary.stderr].join('\n')).not.toContain(PASSWORD);
  });

  it('[ENV] an empty password connects without AUTH', async () => {
    const server = closing(await RedisServer.start());
    const { redis } = await linkTo(server.url.replace('redis://', 'redis://:@'));
    expect(redis.status().state).toBe('up');
  });

  it('[E7] a command that Redis refuses says nothing of Redis', async () => {
    const server = closing(await RedisServer.start());
    const { redis } = await linkTo(server.url);
    await server.run('SET', 'a', 'no list');
    for (let times = 0; times < 6; times += 1) expect(await redis.read({ redisMs: 0 }, (client) => client.lLen('a'))).toBeUndefined();
    expect(redis.isUsable).toBe(true);
  });
});
