import { createHmac } from 'node:crypto';
import type net from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { closesAfterEach } from './support/ends.js';
import { textResult } from './support/raw-mcp-server.js';
import { ServedSockets } from './support/clients/served-sockets.js';
import { type SocketClient } from './support/clients/socket-client.js';
import { until } from './support/until.js';

const closing = closesAfterEach();
const serve = async (...given: Parameters<typeof ServedSockets.start>) => closing(await ServedSockets.start(...given));
const MIB = 1024 * 1024;

/** What a client sends as one frame of the protocol (RFC 6455 5.2), masked with zeros. */
function frameOf(opcode: number, payload: Buffer, isLast = true, announced = payload.length): Buffer {
  const head = Buffer.alloc(14);
  head[0] = (isLast ? 0x80 : 0) | opcode;
  head[1] = 0x80 | 127;
  head.writeBigUInt64BE(BigInt(announced), 2);
  return Buffer.concat([head, payload]);
}

/** The connection below a socket. */
const below = (client: SocketClient) => (client.socket as unknown as { _socket: net.Socket })._socket;

const isServed = async (served: ServedSockets) => {
  const client = await served.open();
  client.call('probe', 'work');
  expect(await client.end('probe')).toMatchObject({ type: 'tool_result' });
};

describe('[P5][S4][E5] a hostile client of a socket', () => {
  it('that sends a frame of 2 MiB, or one in parts that are more together, is closed with 1009', async () => {
    const served = await serve();
    const whole = await served.open();
    below(whole).write(frameOf(1, Buffer.alloc(2 * MIB, 'x')));
    const inParts = await served.open();
    for (let part = 0; part < 20; part += 1) below(inParts).write(frameOf(part === 0 ? 1 : 0, Buffer.alloc(MIB / 16, 'x'), false));
    for (const client of [whole, inParts]) expect(await client.closed).toEqual({ code: 1009, reason: 'a frame may hold 1048576 bytes' });
    await isServed(served);
  });

  it('[S5] that sends frames that are too large, too deep, or hold keys of prototypes is told of as over HTTP', async () => {
    const served = await serve();
    const events = async (reason: string) => (await served.metric(`mcpo_security_events_total{reason="${reason}"}`)) ?? 0;
    const reasons = ['oversize_body', 'deep_body', 'prototype_keys'];
    const before = await Promise.all(reasons.map(events));
    const client = await served.open();
    client.sayText('{"type":"tool_call","correlation_id":"a","data":{"name":"work","arguments":{"__proto__":{"polluted":true}}}}');
    await client.end('a');
    expect(({} as { polluted?: unknown }).polluted).toBeUndefined();
    client.sayText(`{"type":"ping","data":${'['.repeat(70)}${']'.repeat(70)}}`);
    await client.next('error');
    client.sayText('x'.repeat(2 * MIB));
    await client.closed;
    await until('each is told once', async () => {
      const after = await Promise.all(reasons.map(events));
      return after.every((count, index) => count === (before[index] as number) + 1);
    });
  });

  it('that sends a call in parts, with pings between them, is served', async () => {
    const served = await serve();
    const client = await served.open();
    const text = Buffer.from('{"type":"tool_call","correlation_id":"a","data":{"name":"work","arguments":{"title":"ä"}}}');
    for (let at = 0; at < text.length; at += 1) {
      below(client).write(frameOf(at === 0 ? 1 : 0, text.subarray(at, at + 1), at === text.length - 1));
      if (at % 10 === 0) client.socket.ping();
    }
    expect(await client.end('a')).toMatchObject({ type: 'tool_result' });
    expect(served.server.received('tools/call')[0]?.message.params?.arguments).toEqual({ title: 'ä' });
  });

  it('that sends more parts than a frame may come in is closed', async () => {
    const served = await serve();
    const client = await served.open();
    for (let part = 0; part < 2_000; part += 1) below(client).write(frameOf(part === 0 ? 1 : 0, Buffer.from('x'), false));
    expect((await client.closed).code).toBe(1008);
    await isServed(served);
  });

  it('that begins frames and ends none is closed after a while; one that only pings is not', async () => {
    const served = await serve({}, { frameMs: 500, heartbeatMs: 2_000 });
    const [slow, quiet] = [await served.open(), await served.open()];
    below(slow).write(frameOf(1, Buffer.from('{"type":'), true, 1_000));
    const ticking = setInterval(() => (below(slow).write('x'), quiet.socket.ping()), 50);
    expect(await slow.closed).toEqual({ code: 1008, reason: 'a frame took too long to come whole' });
    clearInterval(ticking);
    await sleep(600);
    quiet.call('a', 'work');
    expect(await quiet.end('a')).toMatchObject({ type: 'tool_result' });
  });

  it('with frames that have not come whole on many sockets takes no more memory than all may: the oldest are closed', async () => {
    const served = await serve({}, { partialBytesInAll: 3 * MIB });
    const clients = [];
    for (let count = 0; count < 6; count += 1) {
      const client = await served.open();
      below(client).write(frameOf(1, Buffer.alloc(800_000, 'x'), true, 900_000));
      clients.push(client);
      await sleep(20);
    }
    expect(await clients[0]?.closed).toEqual({ code: 1008, reason: 'too many frames are coming at once' });
    await isServed(served);
    expect(clients.filter(({ isClosed }) => !isClosed).length).toBeGreaterThan(0);
  });

  it('that floods the socket with what is no frame is told so a while, and then closed', async () => {
    const served = await serve();
    const client = await served.open();
    for (let count = 0; count < 5_000; count += 1) client.sayText(count % 2 === 0 ? '{"type":"nothing"}' : 'x');
    expect(await client.closed).toEqual({ code: 1008, reason: 'too many frames that cannot be done' });
    expect(client.received.filter(({ type }) => type === 'error')).toHaveLength(100);
    await isServed(served);
  });

  it('that guesses resume tokens is closed', async () => {
    const served = await serve();
    const client = await served.open();
    for (let count = 0; count < 200; count += 1)
      client.say('resume', { resume_token: createHmac('sha256', 'x').update(`${count}`).digest('base64url'), last_seq: 0 });
    expect((await client.closed).code).toBe(1008);
  });

  it('that asks for lists and subscriptions without end is served in turn with others', async () => {
    const served = await serve();
    const client = await served.open();
    for (let count = 0; count < 2_000; count += 1) {
      client.say('subscribe', { topics: ['tools_changed', 'server_state'] });
      client.say('list_tools');
    }
    await isServed(served);
    client.say('ping', undefined, 'last');
    await client.next('pong', 'last');
  });

  it('that pings without end and reads nothing is cut, and takes no place from others', async () => {
    const served = await serve({ WRITE_TIMEOUT: '1' });
    const client = await served.open();
    below(client).pause();
    const payload = Buffer.alloc(120, 'x');
    const flooding = setInterval(() => {
      for (let count = 0; count < 2_000 && below(client).writableLength < MIB; count += 1) client.socket.ping(payload, true);
    }, 5);
    await until('it is cut', async () => (await served.metric('mcpo_websockets_open')) === 0);
    clearInterval(flooding);
    await isServed(served);
  });

  it('that reads no answers is cut, and its session goes on: it may come back for them', async () => {
    const served = await serve({ WRITE_TIMEOUT: '1' });
    served.does = (exchange) => exchange.result(textResult('x'.repeat(2 * MIB)));
    const client = await served.open();
    below(client).pause();
    for (let count = 0; count < 8; count += 1) client.call(`call-${count}`, 'work');
    await until('it is cut', async () => (await served.metric('mcpo_websockets_open')) === 0);
    const back = await served.open();
    back.say('resume', { resume_token: client.token, last_seq: 1 }, 'r');
    const { data } = await back.next('connection_established', 'r');
    expect((data.resumed as { lost_calls: string[] }).lost_calls).toHaveLength(8);
  });

  it('[E9] that is not there any more, and whom nobody told so, is noticed', async () => {
    const served = await serve({}, { heartbeatMs: 200 });
    const [gone, there] = [await served.open(), await served.open()];
    (gone.socket as unknown as { pong: () => void }).pong = () => undefined;
    await until('it is closed', async () => (await served.metric('mcpo_websockets_open')) === 1);
    expect((await gone.closed).code).toBe(1006);
    await sleep(600);
    there.call('a', 'work');
    expect(await there.end('a')).toMatchObject({ type: 'tool_result' });
    const back = await served.open();
    back.say('resume', { resume_token: gone.token, last_seq: 1 }, 'r');
    await back.next('connection_established', 'r');
  });

  it('[S1] whose token has expired meanwhile is closed', async () => {
    const secret = 'secret-of-open-webui-sessions-long-enough';
    const served = await serve({ OPENWEBUI_SECRET_KEY: secret }, { heartbeatMs: 200 });
    const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
    const signed = `${part({ alg: 'HS256', typ: 'JWT' })}.${part({ id: 'ann', exp: Math.floor(Date.now() / 1000) - 28 })}`;
    const token = `${signed}.${createHmac('sha256', secret).update(signed).digest('base64url')}`;
    const client = await served.open({ headers: { authorization: `Bearer ${token}` } });
    expect(await client.closed).toEqual({ code: 1008, reason: 'the credentials are not valid any more' });
  });
});
