import { closesAfterEach } from './support/ends.js';
import { get } from './support/exchange.js';
import { textResult } from './support/raw-mcp-server.js';
import { ServedSockets } from './support/clients/served-sockets.js';
import type { Frame, SocketClient } from './support/clients/socket-client.js';
import { until } from './support/until.js';

const closing = closesAfterEach();
const serve = async (...given: Parameters<typeof ServedSockets.start>) => closing(await ServedSockets.start(...given));
const ENDED = 'mcpo_tool_calls_total{server="default",tool="work",outcome="result"}';
const NOT_FOUND = {
  status: 404,
  error: {
    type: 'not_found',
    message: 'There is no session with this resume_token: it may have been too long ago. Go on with the one that this socket has.',
    correlation_id: 'r',
  },
};

/** Everything behind the greeting that a socket had before it resumed. */
const resumed = ({ received }: SocketClient): readonly Frame[] => received.slice(1);

describe('[E9][AC4] a session whose socket is lost', () => {
  it('is gone on with: what was said meanwhile comes in order, once, and calls have gone on', async () => {
    const served = await serve();
    served.does = served.hold;
    const client = await served.open();
    for (const id of ['a', 'b', 'c']) client.call(id, 'work', { id });
    await served.isHeld(3);
    const known = client.known;
    client.drop();
    await client.closed;
    const [first, second, third] = served.held;
    first?.result(textResult('one'));
    second?.result(textResult('two'));
    await until('both have ended', async () => (await served.metric('mcpo_websockets_open')) === 0);
    const back = await served.open();
    back.say('resume', known, 'r');
    await back.next('connection_established', 'r');
    const { data } = client.received[0] as Frame;
    const seq = known.last_seq;
    const tail = resumed(back);
    expect(tail.map((frame) => [frame.seq, frame.type]).slice(-1)).toEqual([[seq + tail.length, 'connection_established']]);
    expect(tail.map((frame) => frame.seq)).toEqual(tail.map((_, index) => seq + 1 + index));
    expect(tail.at(-1)?.data).toEqual({ ...data, resumed: { missed_frames: 0, lost_calls: [] } });
    third?.result(textResult('three'));
    const texts = async (id: string) => (await back.end(id)).data.result;
    expect([await texts('a'), await texts('b'), await texts('c')].sort()).toEqual(['one', 'three', 'two']);
    expect(back.received.filter(({ type }) => type === 'tool_result')).toHaveLength(3);
    expect([served.received, served.server.received('notifications/cancelled').length]).toEqual([3, 0]);
    expect(await served.metric('mcpo_websocket_resumes_total{outcome="resumed"}')).toBeGreaterThan(0);
  });

  it('tells again what its client has not acknowledged, from any frame on', async () => {
    const served = await serve();
    const client = await served.open();
    client.call('a', 'work');
    await client.end('a');
    client.drop();
    for (const last_seq of [0, 1, 2]) {
      const back = await served.open();
      back.say('resume', { resume_token: client.token, last_seq }, 'r');
      await back.next('connection_established', 'r');
      const frames = client.received.slice(last_seq);
      expect(resumed(back).slice(0, frames.length)).toEqual(frames);
      back.drop();
    }
  });

  it('takes the place of one that was not yet known to be lost', async () => {
    const served = await serve();
    served.does = served.hold;
    const client = await served.open();
    client.call('a', 'work');
    await served.isHeld(1);
    const back = await served.open();
    back.say('resume', client.known, 'r');
    await back.next('connection_established', 'r');
    expect(await client.closed).toEqual({ code: 1008, reason: 'the session goes on with another socket' });
    served.held[0]?.result();
    expect(await back.end('a')).toMatchObject({ type: 'tool_result' });
    expect(served.server.received('notifications/cancelled')).toEqual([]);
  });

  it('hears what it subscribed to, also what was said meanwhile', async () => {
    const served = await serve();
    const client = await served.open();
    client.say('subscribe', { topics: ['tools_changed'] }, 's');
    await client.next('tools_changed', 's');
    const known = client.known;
    client.drop();
    await client.closed;
    served.server.tools = [{ name: 'new', inputSchema: { type: 'object' } }];
    for (const stream of served.server.openStreams) stream.write('data: {"jsonrpc":"2.0","method":"notifications/tools/list_changed"}\n\n');
    await until('it is listed', async () => (await get(served.gateway.url, '/openapi.json')).text.includes('/new'));
    const back = await served.open();
    back.say('resume', known, 'r');
    expect(await back.next('tools_changed', undefined, known.last_seq)).toMatchObject({ data: { revision: expect.any(Number) } });
  });

  it('does not make a call again that is asked for again', async () => {
    const served = await serve();
    served.does = served.hold;
    const client = await served.open();
    client.call('a', 'work');
    await served.isHeld(1);
    const known = client.known;
    client.drop();
    const back = await served.open();
    back.say('resume', known, 'r');
    back.call('a', 'work');
    await back.next('tool_started', 'a', known.last_seq);
    served.held[0]?.result();
    expect(await back.end('a')).toMatchObject({ type: 'tool_result' });
    expect(served.received).toBe(1);
  });

  it('ends after a while, and its calls with it', async () => {
    const served = await serve({}, { resumeMs: 200 });
    served.does = served.hold;
    const client = await served.open();
    client.call('a', 'work');
    await served.isHeld(1);
    const known = client.known;
    client.drop();
    await until('the server is told', () => served.server.received('notifications/cancelled').length === 1);
    const back = await served.open();
    back.say('resume', known, 'r');
    expect((await back.next('error', 'r')).data).toEqual(NOT_FOUND);
    back.call('b', 'play');
    await served.isHeld(2);
    served.held[1]?.result();
    expect(await back.end('b')).toMatchObject({ type: 'tool_result' });
  });

  it('ends at once when its client said goodbye', async () => {
    const served = await serve();
    const client = await served.open();
    client.call('a', 'work');
    await client.end('a');
    await client.close(1000);
    const back = await served.open();
    back.say('resume', client.known, 'r');
    expect((await back.next('error', 'r')).data).toEqual(NOT_FOUND);
  });

  it('tells which results are lost where more was said than is kept', async () => {
    const served = await serve({}, { keptFrames: 4 });
    served.does = served.hold;
    const client = await served.open();
    for (const id of ['a', 'b', 'c', 'd', 'e']) client.call(id, 'work', { id });
    await served.isHeld(5);
    await until('all are started', () => client.received.length === 6);
    const known = client.known;
    client.drop();
    await client.closed;
    const byId = new Map(served.held.map((exchange) => [exchange.message.params?.arguments?.id, exchange]));
    for (const id of ['a', 'b', 'c', 'd', 'e']) {
      const before = (await served.metric(ENDED)) ?? 0;
      byId.get(id)?.result();
      await until('it has ended', async () => (await served.metric(ENDED)) === before + 1);
    }
    const back = await served.open();
    back.say('resume', known, 'r');
    const { data } = await back.next('connection_established', 'r');
    expect(data.resumed).toEqual({ missed_frames: 1, lost_calls: ['a'] });
    expect(resumed(back).map(({ type, correlation_id }) => `${type} ${correlation_id}`)).toEqual([
      'tool_result b',
      'tool_result c',
      'tool_result d',
      'tool_result e',
      'connection_established r',
    ]);
    back.call('a', 'work', { id: 'a' });
    expect(await back.end('a')).toMatchObject({ type: 'tool_error', data: { error: { details: { reason: 'answer_not_kept' } } } });
    expect(served.received).toBe(5);
  });

  it.each([
    ['no more than its share', 1, { keptBytes: 6_000 }],
    ['not more than all sessions together may', 3, { keptBytesInAll: 12_000 }],
  ])('keeps %s', async (_, count, bound) => {
    const served = await serve({}, bound);
    served.does = (exchange) => exchange.result(textResult('x'.repeat(1_000)));
    const clients = await Promise.all(Array.from({ length: count }, () => served.open()));
    for (const client of clients) {
      for (const id of ['a', 'b', 'c']) {
        client.call(id, 'work');
        await client.end(id);
      }
      client.drop();
    }
    let lost = 0;
    for (const { token } of clients) {
      const back = await served.open();
      back.say('resume', { resume_token: token, last_seq: 0 }, 'r');
      const { data } = await back.next('connection_established', 'r');
      lost += (data.resumed as { lost_calls: string[] }).lost_calls.length;
    }
    // A result is about 2,500 bytes: of 3 on one session one too many, of 9 on three at least five.
    expect(lost).toBeGreaterThanOrEqual(count === 1 ? 1 : 5);
    expect(lost).toBeLessThan(3 * count);
  });
});

describe('[S1][E9] a resume token', () => {
  const KEYS = { API_KEYS: 'ann:key-of-ann,bob:key-of-bob' };
  const as = (who: string) => ({ headers: { authorization: `Bearer key-of-${who}` } });

  it('is its principal’s: for everybody else there is no such session, as for a token that nobody has', async () => {
    const served = await serve(KEYS);
    const client = await served.open(as('ann'));
    client.call('a', 'work');
    await client.end('a');
    const known = client.known;
    client.drop();
    const bob = await served.open(as('bob'));
    for (const token of [known.resume_token, 'x'.repeat(43), known.resume_token.slice(0, -1), '']) {
      const after = bob.lastSeq;
      bob.say('resume', { ...known, resume_token: token }, 'r');
      expect((await bob.next('error', 'r', after)).data).toEqual(NOT_FOUND);
    }
    expect(bob.texts.join()).not.toContain('tool_result');
    const ann = await served.open(as('ann'));
    ann.say('resume', { ...known, last_seq: 0 }, 'r');
    expect(await ann.end('a')).toMatchObject({ type: 'tool_result' });
  });

  it('is taken before anything else is asked for, and with a frame that there was', async () => {
    const served = await serve();
    const client = await served.open();
    client.drop();
    const back = await served.open();
    back.say('resume', { ...client.known, last_seq: 2 }, 'r');
    expect((await back.next('error', 'r')).data).toMatchObject({
      status: 400,
      error: { message: 'last_seq: the last frame of this session was 1.' },
    });
    back.call('a', 'work');
    await back.end('a');
    back.say('resume', client.known, 's');
    expect((await back.next('error', 's')).data).toMatchObject({
      status: 409,
      error: { type: 'conflict', details: { reason: 'session_in_use' } },
    });
    back.say('resume', { resume_token: back.token, last_seq: -1 }, 't');
    expect((await back.next('error', 't')).data).toMatchObject({
      status: 400,
      error: { message: 'Invalid params: data.last_seq: must be at least 0' },
    });
  });
});

describe('[E9][S3] sessions without a socket', () => {
  it('are as many as sockets may be; who has most gives up the first', async () => {
    const served = await serve({ MAX_SOCKETS: '3', API_KEYS: 'ann:key-of-ann,bob:key-of-bob' });
    const as = (who: string) => ({ headers: { authorization: `Bearer key-of-${who}` } });
    const lose = async (who: string) => {
      const client = await served.open(as(who));
      client.drop();
      await until('it is closed here, too', async () => (await served.metric('mcpo_websockets_open')) === 0);
      return { who, token: client.token };
    };
    const lost = [await lose('ann')];
    for (let times = 0; times < 4; times += 1) lost.push(await lose('bob'));
    const isKept = async ({ who, token }: { who: string; token: string }) => {
      const back = await served.open(as(who));
      back.say('resume', { resume_token: token, last_seq: 1 }, 'r');
      const frame = await until('the answer', () => back.received.find(({ correlation_id }) => correlation_id === 'r'));
      await back.close();
      return frame.type === 'connection_established';
    };
    expect([await isKept(lost[0]!), await isKept(lost[1]!), await isKept(lost[4]!)]).toEqual([true, false, true]);
  });
});
