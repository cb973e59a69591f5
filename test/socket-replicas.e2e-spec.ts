import { type ConnectionState, McpoClient } from '../libs/ws-client/src/index.js';
import { closesAfterEach } from './support/ends.js';
import { type Exchange, textResult } from './support/raw-mcp-server.js';
import type { RedisServer } from './support/redis/redis-server.js';
import { comeBack, SocketReplicas } from './support/clients/socket-replicas.js';
import { type Frame, SocketClient } from './support/clients/socket-client.js';
import { TcpProxy } from './support/network/tcp-proxy.js';
import { until } from './support/until.js';

const closing = closesAfterEach();
const replicas = new SocketReplicas();
const SECRET = 'canary-of-results';
const idOf = ({ message }: Exchange) => String(message.params?.arguments?.id);

/** What is behind a key, in the clear: Redis compresses what it dumps. */
async function readAll(redis: RedisServer, key: string): Promise<unknown> {
  const type = await redis.run('TYPE', key);
  if (type === 'stream') return redis.run('XRANGE', key, '-', '+');
  return type === 'string' ? redis.run('GET', key) : redis.run('LRANGE', key, '0', '-1');
}

describe('[E9][AC4] a session whose client comes back to another replica', () => {
  it('is gone on with where it is: calls in flight end once, others begin, and goodbye is goodbye', async () => {
    const { served, first, second, open } = await replicas.start();
    served.does = served.hold;
    const client = await open(first);
    for (const id of ['a', 'b']) client.call(id, 'work', { id });
    await served.isHeld(2);
    const known = client.known;
    client.drop();
    served.held.find((exchange) => idOf(exchange) === 'a')?.result(textResult('one'));
    const back = await open(second);
    await comeBack(client, back, known);
    served.held.find((exchange) => idOf(exchange) === 'b')?.result(textResult('two'));
    expect((await back.end('b')).data).toMatchObject({ result: 'two' });
    expect((await back.end('a')).data).toMatchObject({ result: 'one' });
    expect(back.received.filter(({ type }) => type === 'tool_result')).toHaveLength(2);
    for (const id of ['a', 'c', 'd']) back.call(id, 'work', { id });
    await served.isHeld(4);
    served.held.find((exchange) => idOf(exchange) === 'c')?.result(textResult('three'));
    expect((await back.end('c')).data).toMatchObject({ result: 'three' });
    expect(served.received).toBe(4);
    back.sayText('{"type":x');
    expect(await back.next('error')).toMatchObject({ data: { error: { type: 'malformed_json' } } });
    await back.close();
    await until('the server is told', () => served.server.received('notifications/cancelled').length === 1);
    const late = await open(second);
    late.say('resume', back.known, 's');
    expect((await late.next('error', 's')).data).toMatchObject({ status: 404 });
  });

  it('is gone on with at the other replica when its own has ended: what was said is there, and what nobody knows is told', async () => {
    const { served, first, second, open } = await replicas.start();
    served.does = (exchange) => (idOf(exchange) === 'open' ? served.hold(exchange) : exchange.result(textResult('done before')));
    const client = await open(first);
    client.call('before', 'work', { id: 'before' });
    await client.end('before');
    client.call('open', 'work', { id: 'open' });
    await served.isHeld(1);
    const known = { resume_token: client.token, last_seq: 1 };
    client.drop();
    await first.close();
    const back = await open(second);
    await comeBack(client, back, known);
    expect((await back.end('before')).data).toMatchObject({ result: 'done before' });
    expect((await back.end('open')).data).toMatchObject({ status: 502, error: { type: 'outcome_unknown' } });
    const taken = served.received;
    for (const id of ['before', 'open']) back.call(id, 'work', { id });
    back.call('after', 'work', { id: 'after' });
    expect((await back.end('after')).data).toMatchObject({ result: 'done before' });
    expect(served.received).toBe(taken + 1);
  });

  it('is there also where nothing that it asked for has come', async () => {
    const { served, first, second, open } = await replicas.start();
    const client = await open(first);
    client.drop();
    await until('it is closed here, too', async () => (await served.metric('mcpo_websockets_open', first.url)) === 0);
    const back = await open(second);
    await comeBack(client, back);
    back.call('a', 'work');
    expect(await back.end('a')).toMatchObject({ type: 'tool_result' });
  });

  it('[S1] is its principal’s there, too', async () => {
    const { served, first, second, open } = await replicas.start();
    const client = await open(first);
    client.call('a', 'work');
    await client.end('a');
    client.drop();
    const bob = await open(second, 'bob');
    for (const token of [client.token, 'x'.repeat(43)]) {
      const after = bob.lastSeq;
      bob.say('resume', { resume_token: token, last_seq: 0 }, 'r');
      expect((await bob.next('error', 'r', after)).data).toMatchObject({ status: 404, error: { type: 'not_found' } });
    }
    await first.close();
    const late = await open(second, 'bob');
    late.say('resume', { resume_token: client.token, last_seq: 0 }, 's');
    expect((await late.next('error', 's')).data).toMatchObject({ status: 404, error: { type: 'not_found' } });
    const ann = await open(second);
    await comeBack(client, ann);
    expect(served.received).toBe(1);
  });

  it('[S6] leaves nothing in Redis that can be read, and nothing at all when it has ended', async () => {
    const { redis, served, first, second, open } = await replicas.start();
    served.does = (exchange) => exchange.result(textResult(SECRET));
    const client = await open(first);
    client.call('a', 'work', { secret: SECRET });
    await client.end('a');
    const known = client.known;
    client.drop();
    const back = await open(second);
    await comeBack(client, back, known);
    const keys = (await redis.run('KEYS', 'mcpo:*')) as string[];
    expect(keys.filter((key) => key.startsWith('mcpo:sockets:'))).toHaveLength(3);
    const dump = [];
    for (const key of keys) dump.push(key, JSON.stringify(await readAll(redis, key)));
    for (const secret of [SECRET, client.token, 'key-of-ann', 'tool_result']) expect(dump.join('\n')).not.toContain(secret);
    await back.close();
    await until('it is forgotten', async () => ((await redis.run('KEYS', 'mcpo:sockets:*')) as string[]).length === 0);
  });

  it('[E7] cannot be asked for there while Redis is away, which is told; here it can', async () => {
    const { redis, first, second, open } = await replicas.start();
    const client = await open(first);
    client.call('a', 'work');
    await client.end('a');
    client.drop();
    await redis.stop();
    const back = await open(second);
    back.say('resume', client.known, 'r');
    expect((await back.next('error', 'r')).data).toMatchObject({ status: 503, error: { type: 'overloaded', retry_after: 1 } });
    back.call('b', 'work');
    expect(await back.end('b')).toMatchObject({ type: 'tool_result' });
    await comeBack(client, await open(first));
  });

  it('is asked for again by its client where it cannot be had just now', async () => {
    const { redis, served, first, second } = await replicas.start();
    served.does = served.hold;
    const proxy = closing(await TcpProxy.start(first.url));
    const states: ConnectionState[] = [];
    const client = new McpoClient(`${proxy.url.replace('http', 'ws')}/v1/ws`, {
      key: 'key-of-ann',
      onState: (state) => states.push(state),
    });
    closing({ close: () => Promise.resolve(client.close()) });
    const calls = [client.call('work', { id: 'a' }), client.call('work', { id: 'b' })];
    await served.isHeld(2);
    redis.signal('SIGSTOP');
    proxy.target = second.url;
    proxy.cut();
    const name = 'mcpo_websocket_frames_total{direction="in",type="resume"}';
    await until('it has asked twice', async () => ((await served.metric(name, second.url)) ?? 0) >= 2);
    expect(states.filter((state) => state === 'open')).toHaveLength(1);
    redis.signal('SIGCONT');
    await until('it is back', () => states.filter((state) => state === 'open').length === 2);
    for (const exchange of served.held) exchange.result(textResult(idOf(exchange)));
    expect((await Promise.all(calls)).map(({ result }) => result)).toEqual(['a', 'b']);
    expect(served.received).toBe(2);
  });

  it('[P4] is there at once when its replica stops: told to come back when others know, its client goes on at the other', async () => {
    const held: Exchange[] = [];
    const { redis, server, first, second } = await replicas.startProcesses({
      'tools/call': (exchange) => (idOf(exchange) === 'slow' ? void held.push(exchange) : exchange.result()),
    });
    const slow = await SocketClient.open(first.url);
    slow.call('slow', 'work', { id: 'slow' });
    const client = await SocketClient.open(first.url);
    client.call('a', 'work');
    await client.end('a');
    await until('the server has the slow call', () => held.length === 1);
    const back = await SocketClient.open(second.url);
    await redis.run('CLIENT', 'PAUSE', '1000', 'WRITE');
    const exited = first.stop();
    expect((await client.closed).code).toBe(1001);
    await comeBack(client, back, { resume_token: client.token, last_seq: 1 });
    expect(await back.end('a')).toMatchObject({ type: 'tool_result' });
    back.call('a', 'work');
    back.call('b', 'work');
    expect(await back.end('b')).toMatchObject({ type: 'tool_result' });
    held[0]?.result();
    expect(await slow.end('slow')).toMatchObject({ type: 'tool_result' });
    expect(server.received('tools/call')).toHaveLength(3);
    expect(await exited).toBe(0);
    expect(await redis.run('KEYS', 'mcpo:replicas:*')).toHaveLength(1);
    await back.close();
  });

  it('[P4] is there when its replica was killed, as soon as that is known; until then its client is told to try again', async () => {
    const held: Exchange[] = [];
    const { first, second } = await replicas.startProcesses({ 'tools/call': (exchange: Exchange) => void held.push(exchange) });
    const client = await SocketClient.open(first.url);
    client.call('a', 'work');
    await until('the server has the call', () => held.length === 1);
    const known = client.known;
    await first.stop('SIGKILL');
    const back = await SocketClient.open(second.url);
    const answers: Frame[] = [];
    while (answers.at(-1)?.type !== 'connection_established') {
      const id = `try-${answers.length}`;
      back.say('resume', known, id);
      answers.push(await until('an answer', () => back.received.find(({ correlation_id }) => correlation_id === id)));
    }
    expect(answers[0]?.data).toMatchObject({ status: 503, error: { type: 'overloaded', retry_after: 1 } });
    expect((await back.end('a')).data).toMatchObject({
      status: 502,
      error: { type: 'outcome_unknown', details: { reason: 'replica_ended' } },
    });
    back.call('a', 'work');
    await until('it is told again', () => back.received.filter(({ type }) => type === 'tool_error').length === 2);
    expect(held).toHaveLength(1);
    await back.close();
  });
});
