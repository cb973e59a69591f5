import { RedisBackend } from '../src/grants/redis-backend.js';
import { RedisKeys } from '../src/redis/redis-keys.service.js';
import { closesAfterEach } from './support/ends.js';
import { startGatewayHere } from './support/gateway.js';
import { redisIsUp, redisOf } from './support/redis/redis-of.js';
import { RedisServer } from './support/redis/redis-server.js';
import { until } from './support/until.js';

const closing = closesAfterEach();
const NAME = 'kept:name';
const KEY = `mcpo:grants:${NAME}`;

/** What two replicas have of grants in one Redis. */
async function start() {
  const server = closing(await RedisServer.start());
  const replica = async () => {
    const gateway = closing(await startGatewayHere({ REDIS_URL: server.url }, []));
    await redisIsUp(gateway);
    const redis = redisOf(gateway);
    return { redis, gateway, backend: new RedisBackend(redis, gateway.app.get(RedisKeys, { strict: false })) };
  };
  const both = [await replica(), await replica()] as const;
  const refused = (command: string) => server.run('ACL', 'SETUSER', 'default', `-${command}`);
  const accepted = (command: string) => server.run('ACL', 'SETUSER', 'default', `+${command}`);
  return { server, both, one: both[0].backend, other: both[1].backend, refused, accepted };
}

describe('[S7] grants that Redis could not take', () => {
  it('are written as soon as it takes them again; until then they hold here', async () => {
    const { one, other, refused, accepted } = await start();
    await one.set(NAME, 'old', undefined);
    expect([await other.get(NAME), await other.all()]).toEqual(['old', [[NAME, 'old']]]);
    await refused('set');
    await one.set(NAME, 'new', undefined);
    expect([await one.get(NAME), await one.all()]).toEqual(['new', [[NAME, 'new']]]);
    expect(await other.get(NAME)).toBe('old');
    await accepted('set');
    await until('the other has it', async () => (await other.get(NAME)) === 'new');
  });

  it('are forgotten as soon as it can be; until then they are here', async () => {
    const { server, one, other, refused, accepted } = await start();
    await one.set(NAME, 'old', undefined);
    await refused('del');
    await one.delete(NAME);
    expect([await one.get(NAME), await one.all()]).toEqual([undefined, []]);
    expect(await other.get(NAME)).toBe('old');
    await accepted('del');
    await until('Redis has forgotten it', async () => (await server.run('EXISTS', KEY)) === 0);
    expect(await other.get(NAME)).toBeUndefined();
  });

  it('are forgotten when it is back, also those that it still had', async () => {
    const { server, both, one, other } = await start();
    await one.set(NAME, 'old', undefined);
    server.signal('SIGSTOP');
    await until(
      'it is missed',
      () =>
        both.every(({ redis }) => !redis.isUsable) ||
        one
          .get(NAME)
          .then(() => other.get(NAME))
          .then(() => false),
    );
    await one.delete(NAME);
    expect([await one.get(NAME), await one.all()]).toEqual([undefined, []]);
    server.signal('SIGCONT');
    for (const { gateway } of both) await redisIsUp(gateway);
    await until('Redis has forgotten it', async () => (await server.run('EXISTS', KEY)) === 0);
    expect([await one.get(NAME), await other.get(NAME)]).toEqual([undefined, undefined]);
  });

  it('and were begun are taken once', async () => {
    const { server, one, other, refused, accepted } = await start();
    await one.set(NAME, 'begun', 60_000);
    await refused('getdel');
    await refused('del');
    expect([await one.take(NAME), await one.take(NAME)]).toEqual(['begun', undefined]);
    await accepted('del');
    await until('Redis has forgotten it', async () => (await server.run('EXISTS', KEY)) === 0);
    await accepted('getdel');
    expect(await other.take(NAME)).toBeUndefined();
  });

  it('are the last of several', async () => {
    const { server, one, refused, accepted } = await start();
    await refused('set');
    await refused('del');
    await one.set(NAME, 'first', undefined);
    await one.delete(NAME);
    await one.set(NAME, 'last', undefined);
    await accepted('set');
    await accepted('del');
    await until('Redis has it', async () => (await server.run('GET', KEY)) === 'last');
    expect(await one.get(NAME)).toBe('last');
  });
});
