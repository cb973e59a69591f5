import { RedisEvents } from '../src/redis/redis-events.service.js';
import { Redis } from '../src/redis/redis.service.js';
import { closesAfterEach } from './support/ends.ts';
import { startGatewayHere } from './support/gateway.ts';
import { RedisServer } from './support/redis/redis-server.ts';
import { until } from './support/until.ts';

const closing = closesAfterEach();

async function replica(url: string) {
  const { app } = closing(await startGatewayHere({ REDIS_URL: url }, []));
  const [redis, events] = [app.get(Redis, { strict: false }), app.get(RedisEvents, { strict: false })];
  const heard: unknown[] = [];
  events.on('list', (what) => heard.push(['list', what])).on('written', (what) => heard.push(['written', what]));
  let gaps = 0;
  events.on('gap', () => (gaps += 1));
  const tell = (kind: 'list' | 'written', what: string) => redis.write({ redisMs: 0 }, (client) => events.publish(client, kind, what));
  return { heard, tell, gaps: () => gaps };
}

describe('what replicas tell one another', () => {
  it('[REDIS] is heard by all others, and by who says it not', async () => {
    const server = closing(await RedisServer.start());
    const [one, other] = [await replica(server.url), await replica(server.url)];
    await one.tell('written', 'a "server"');
    await other.tell('list', 'b');
    await until('both have heard', () => one.heard.length + other.heard.length === 2);
    expect([one.heard, other.heard]).toEqual([[['list', 'b']], [['written', 'a "server"']]]);
  });

  it.each(['garbage', '{}', '[1]', '["x","list"]', '["x","gap","y"]', '["x","constructor","y"]'])('[E7] %s is nothing', async (message) => {
    const server = closing(await RedisServer.start());
    const [one, other] = [await replica(server.url), await replica(server.url)];
    await server.run('PUBLISH', 'mcpo:events', message);
    await other.tell('list', 'after');
    await until('it has heard', () => one.heard.length > 0);
    expect(one.heard).toEqual([['list', 'after']]);
  });

  it('[E7] goes on after Redis was away, with a gap that is told', async () => {
    const server = closing(await RedisServer.start());
    const [one, other] = [await replica(server.url), await replica(server.url)];
    const before = other.gaps();
    await server.kill();
    await server.restart();
    await until('the gap', () => other.gaps() > before);
    await until('it is heard again', async () => {
      await one.tell('list', 'again');
      return other.heard.length > 0;
    });
  });

  it('[E7] goes on when only the connection that hears has been lost', async () => {
    const server = closing(await RedisServer.start());
    const [one, other] = [await replica(server.url), await replica(server.url)];
    const before = other.gaps();
    await server.run('CLIENT', 'KILL', 'TYPE', 'pubsub');
    await until('the gap', () => other.gaps() > before);
    await until('it is heard again', async () => {
      await one.tell('list', 'again');
      return other.heard.length > 0;
    });
  });
});
