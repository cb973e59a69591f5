import { SocketReplicas, comeBack } from './support/clients/socket-replicas.js';
import type { SocketClient } from './support/clients/socket-client.js';
import type { GatewayHere } from './support/gateway.js';
import { textResult } from './support/raw-mcp-server.js';
import { redisIsMissed, redisIsUp, redisOf } from './support/redis/redis-of.js';
import type { RedisServer } from './support/redis/redis-server.js';
import { until } from './support/until.js';
import { BOUNDS } from '../src/faces/ws/bounds.js';

const replicas = new SocketReplicas();

/** Waits until Redis holds so many entries of the stream of what a session said, or of its calls. */
function holds(redis: RedisServer, stream: 'said' | 'calls', count: number): Promise<true> {
  return until(`${count} in ${stream}`, async () => {
    const [key] = (await redis.run('KEYS', `mcpo:sockets:*:${stream}`)) as string[];
    return key !== undefined && (await redis.run('XLEN', key)) === count;
  });
}

/** Where Redis has who has the session. */
async function recordIn(redis: RedisServer): Promise<string> {
  const keys = (await redis.run('KEYS', 'mcpo:sockets:*')) as string[];
  return keys.find((key) => !/:(?:said|calls)$/.test(key)) as string;
}

async function restart(redis: RedisServer, gateways: readonly GatewayHere[]): Promise<void> {
  await redis.kill();
  await redisIsMissed(...gateways);
  await redis.restart();
  for (const gateway of gateways) await redisIsUp(gateway);
}

async function callOn(client: SocketClient, id: string): Promise<void> {
  client.call(id, 'work', { id });
  await client.end(id);
}

describe('[E7][E9] a session of which Redis has not everything', () => {
  it('is told of anew when a Redis that lost all of it is back', async () => {
    const { redis, served, first, second, both, open } = await replicas.start();
    served.does = (exchange) =>
      exchange.message.params?.arguments?.id === 'open' ? served.hold(exchange) : exchange.result(textResult('once'));
    const client = await open(first);
    await callOn(client, 'a');
    await callOn(client, 'b');
    client.call('open', 'work', { id: 'open' });
    await served.isHeld(1);
    const known = { resume_token: client.token, last_seq: 1 };
    await restart(redis, both);
    await holds(redis, 'said', client.received.length);
    await callOn(client, 'late');
    client.drop();
    await first.close();
    const back = await open(second);
    await comeBack(client, back, known);
    for (const id of ['a', 'b', 'late']) expect((await back.end(id)).data).toMatchObject({ result: 'once' });
    expect((await back.end('open')).data).toMatchObject({ status: 502, error: { type: 'outcome_unknown' } });
    const taken = served.received;
    for (const id of ['a', 'b', 'open', 'late']) back.call(id, 'work', { id });
    back.call('next', 'work', { id: 'next' });
    expect((await back.end('next')).data).toMatchObject({ result: 'once' });
    expect(served.received).toBe(taken + 1);
  });

  it('is told of as soon as there is a Redis, also where it was begun without one', async () => {
    const { redis, served, first, second, both, open } = await replicas.start();
    await redis.kill();
    await redisIsMissed(...both);
    const client = await open(first);
    await callOn(client, 'a');
    await redis.restart();
    await holds(redis, 'said', client.received.length);
    client.drop();
    await first.close();
    const back = await open(second);
    await comeBack(client, back);
    await callOn(back, 'a');
    expect(served.received).toBe(1);
  });

  it('is told of anew where Redis refused some of it and goes on', async () => {
    const { redis, served, first, second, open } = await replicas.start();
    const client = await open(first);
    await redis.run('ACL', 'SETUSER', 'default', '-xadd');
    await callOn(client, 'a');
    await redis.run('ACL', 'SETUSER', 'default', '+xadd');
    await holds(redis, 'said', client.received.length);
    await holds(redis, 'calls', 1);
    await callOn(client, 'b');
    client.drop();
    await first.close();
    const back = await open(second);
    await comeBack(client, back, { resume_token: client.token, last_seq: 1 });
    for (const id of ['a', 'b']) await callOn(back, id);
    expect(served.received).toBe(2);
  });

  it('has its calls remembered, however many there are', async () => {
    const { redis, served, first, second, both, open } = await replicas.start();
    const client = await open(first);
    const ids = Array.from({ length: 300 }, (_, index) => `call-${index}`);
    for (const id of ids) client.call(id, 'work', { id });
    await Promise.all(ids.map((id) => client.end(id)));
    await restart(redis, both);
    // Each was taken and has ended: 500 of that are an entry.
    await holds(redis, 'calls', 2);
    expect(ids.length).toBeLessThan(BOUNDS.rememberedCalls);
    client.drop();
    await first.close();
    const back = await open(second);
    await comeBack(client, back);
    for (const id of ids) back.call(id, 'work', { id });
    back.call('next', 'work', { id: 'next' });
    await back.end('next');
    expect(served.received).toBe(ids.length + 1);
  });

  it('may be known again soon: until then its client is told to ask again, and of one that is not by a 404', async () => {
    const { redis, first, second, both, open } = await replicas.start();
    const unknown = { resume_token: 'x'.repeat(43), last_seq: 0 };
    const early = await open(second);
    early.say('resume', unknown, 'early');
    expect((await early.next('error', 'early')).data).toMatchObject({ status: 404, error: { type: 'not_found' } });
    const client = await open(first);
    await callOn(client, 'a');
    await restart(redis, both);
    const other = await open(second);
    other.say('resume', unknown, 'r');
    expect((await other.next('error', 'r')).data).toMatchObject({ status: 503, error: { type: 'overloaded', retry_after: 1 } });
    client.drop();
    const back = await open(second);
    await comeBack(client, back);
    await callOn(back, 'a');
  });

  it('is gone on with by the replica that has it, also where Redis says that one has it which is gone', async () => {
    const { redis, served, first, second, open } = await replicas.start();
    const client = await open(first);
    await callOn(client, 'a');
    const record = await recordIn(redis);
    const ofFirst = (await redis.run('GET', record)) as string;
    client.drop();
    await first.close();
    const back = await open(second);
    await comeBack(client, back);
    await redis.run('SET', record, ofFirst);
    redisOf(second).emit('up');
    await until('it is written anew', async () => (await redis.run('GET', record)) !== ofFirst);
    await callOn(back, 'b');
    expect(served.received).toBe(2);
  });

  it('is not taken over from a replica that could not say yet that it lives', async () => {
    const { way, redis, served, first, second, open } = await replicas.startByWay();
    served.does = served.hold;
    const client = await open(first);
    client.call('a', 'work', { id: 'a' });
    await served.isHeld(1);
    const record = await recordIn(redis);
    const ofFirst = (await redis.run('GET', record)) as string;
    way.refuse(true);
    way.cut();
    await restart(redis, [second]);
    await redis.run('SET', record, ofFirst);
    client.drop();
    const early = await open(second);
    early.say('resume', client.known, 'early');
    expect((await early.next('error', 'early')).data).toMatchObject({ status: 503, error: { type: 'overloaded', retry_after: 1 } });
    way.refuse(false);
    const back = await open(second);
    await comeBack(client, back);
    served.held[0]?.result(textResult('late'));
    expect((await back.end('a')).data).toMatchObject({ result: 'late' });
    expect(served.received).toBe(1);
  });

  it('is given up by a replica that was thought to be gone, once it hears that another has it', async () => {
    const { way, redis, served, first, second, open } = await replicas.startByWay();
    const client = await open(first);
    await callOn(client, 'a');
    way.refuse(true);
    way.cut();
    await redisIsMissed(first);
    await redis.run('DEL', `mcpo:replicas:${redisOf(first).replicaId}`);
    const back = await open(second);
    await comeBack(client, back);
    await callOn(back, 'b');
    way.refuse(false);
    expect(await client.closed).toEqual({ code: 1008, reason: 'the session goes on with another socket' });
    await callOn(back, 'c');
    back.drop();
    const again = await open(first);
    await comeBack(back, again);
    for (const id of ['a', 'b', 'c', 'd']) await callOn(again, id);
    expect(served.received).toBe(4);
  });
});
