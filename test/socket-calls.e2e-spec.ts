import { closesAfterEach } from './support/ends.js';
import { ServedSockets } from './support/clients/served-sockets.js';
import type { Frame } from './support/clients/socket-client.js';
import { until } from './support/until.js';

const closing = closesAfterEach();
const serve = async (...given: Parameters<typeof ServedSockets.start>) => closing(await ServedSockets.start(...given));
const named = (count: number) => Array.from({ length: count }, (_, index) => `call-${index}`);

describe('[AC4][EP7] calls of one socket', () => {
  it('run 8 at a time, in order; the others wait, and their limits are spent when they run', async () => {
    const served = await serve({ RATE_LIMIT_CLIENT: '100' });
    served.does = served.hold;
    const client = await served.open();
    const ids = named(20);
    for (const id of ids) client.call(id, 'work', { id });
    await served.isHeld(8);
    client.say('ping', undefined, 'after');
    await client.next('pong', 'after');
    expect([served.held.length, client.received.filter(({ type }) => type === 'tool_started').length]).toEqual([8, 8]);
    for (let answered = 0; answered < 20; answered += 1) {
      await served.isHeld(answered + 1);
      served.held[answered]?.result();
    }
    const ends = await Promise.all(ids.map((id) => client.end(id)));
    expect(ends.map(({ type }) => type)).toEqual(ids.map(() => 'tool_result'));
    expect(served.held.map(({ message }) => String(message.params?.arguments?.id)).sort()).toEqual([...ids].sort());
    const started = client.received.filter(({ type }) => type === 'tool_started').map(({ correlation_id }) => correlation_id);
    expect(started).toEqual(ids);
    expect((ends.at(-1)?.data.limits as { remaining: number }).remaining).toBe(80);
  });

  it('wait where all places are taken, more of them than the line for places holds, and none is refused', async () => {
    const served = await serve({ MAX_CONNECTIONS: '2', RESERVED_CONNECTIONS: '0' }, { callsAtOnce: 600 });
    const clients = await Promise.all(named(2).map(() => served.open()));
    served.does = served.hold;
    for (const client of clients) {
      for (const id of named(600)) client.call(id, 'work');
      client.say('ping', undefined, 'all');
    }
    for (const client of clients) await client.next('pong', 'all');
    served.does = (exchange) => exchange.result();
    for (const exchange of served.held) exchange.result();
    const isEnd = ({ type }: Frame) => /^tool_(result|error)$/.test(type);
    await until('all are answered', () => clients.every(({ received }) => received.filter(isEnd).length === 600), 120_000);
    expect(new Set(clients.flatMap(({ received }) => received.filter(isEnd).map(({ type }) => type)))).toEqual(new Set(['tool_result']));
    expect(served.received).toBe(1_200);
  });

  it('[P1] beyond what may wait are refused with the time to try again, and may be asked for again', async () => {
    const served = await serve({}, { callsAtOnce: 1, queuedCalls: 2 });
    served.does = served.hold;
    const client = await served.open();
    for (const id of named(4)) client.call(id, 'work');
    const reason = 'No more calls can wait on this socket (2, or 4194304 bytes), or on all of them together; the tool did not run.';
    const refused = await client.end('call-3');
    expect(refused).toEqual({
      type: 'tool_error',
      correlation_id: 'call-3',
      seq: expect.any(Number),
      data: {
        status: 503,
        error: {
          type: 'overloaded',
          message: `Service temporarily unavailable: no${reason.slice(2)}`,
          details: { reason, limit: 2 },
          correlation_id: 'call-3',
          retry_after: 1,
        },
      },
    });
    served.does = (exchange) => exchange.result();
    served.held[0]?.result();
    await client.end('call-2');
    client.call('call-3', 'work');
    expect(await client.next('tool_result', 'call-3')).toMatchObject({ data: { result: 'done' } });
    expect(served.received).toBe(4);
  });

  it.each([
    ['of one socket', { queuedBytes: 1_000 }],
    ['of all sockets', { queuedBytesInAll: 1_000 }],
  ])('[P1] whose arguments are more bytes than may wait %s are refused', async (_, bound) => {
    const served = await serve({}, { callsAtOnce: 1, ...bound });
    served.does = served.hold;
    const [client, other] = [await served.open(), await served.open()];
    const waiting = 'queuedBytes' in bound ? client : other;
    waiting.call('first', 'work');
    await served.isHeld(1);
    waiting.call('waits', 'work', { x: 'x'.repeat(800) });
    if (waiting === other) client.call('own', 'work');
    client.call('refused', 'work', { x: 'x'.repeat(800) });
    expect(await client.end('refused')).toMatchObject({ data: { status: 503, error: { type: 'overloaded', retry_after: 1 } } });
    client.call('small', 'work');
    for (let answered = 0; answered < (waiting === other ? 4 : 3); answered += 1) {
      await served.isHeld(answered + 1);
      served.held[answered]?.result();
    }
    expect(await client.end('small')).toMatchObject({ type: 'tool_result' });
  });

  it('may be cancelled: one that runs at its server, one that waits before it runs', async () => {
    const served = await serve({}, { callsAtOnce: 1 });
    served.does = served.hold;
    const client = await served.open();
    for (const id of ['running', 'waiting', 'other']) client.call(id, 'work');
    await served.isHeld(1);
    client.say('cancel', undefined, 'waiting');
    expect(await client.end('waiting')).toMatchObject({
      type: 'tool_error',
      data: {
        status: 499,
        error: {
          type: 'cancelled',
          message: 'The call was cancelled before it ran.',
          details: { outcome: 'not_run' },
          correlation_id: 'waiting',
        },
      },
    });
    client.say('cancel', {}, 'running');
    expect(await client.end('running')).toMatchObject({
      type: 'tool_error',
      data: { status: 502, error: { type: 'outcome_unknown', message: 'The caller left before "work" answered.' } },
    });
    await until('the server is told', () => served.server.received('notifications/cancelled').length === 1);
    expect(served.server.received('notifications/cancelled')[0]?.message.params?.requestId).toBe(served.held[0]?.message.id);
    await served.isHeld(2);
    served.held[1]?.result();
    expect(await client.end('other')).toMatchObject({ type: 'tool_result' });
    expect(served.received).toBe(2);
    client.say('cancel', undefined, 'other');
    client.say('cancel', undefined, 'nobody');
    expect(await client.next('error')).toMatchObject({
      correlation_id: 'nobody',
      data: { status: 404, error: { type: 'not_found', message: 'There is no call with this correlation_id in this session.' } },
    });
    client.say('cancel');
    expect(await client.next('error', undefined, client.lastSeq)).toMatchObject({
      data: { status: 400, error: { message: 'Invalid params: correlation_id is required' } },
    });
  });

  it('[E2] end after timeout_ms, whether they run or wait', async () => {
    const served = await serve({}, { callsAtOnce: 1 });
    served.does = served.hold;
    const client = await served.open();
    client.call('runs', 'work', {}, { timeout_ms: 300 });
    client.call('waits', 'work', {}, { timeout_ms: 50 });
    expect(await client.end('waits')).toMatchObject({
      data: {
        status: 504,
        error: {
          type: 'upstream_timeout',
          message: 'The call did not run: the time that it was given (timeout_ms) was over before it was its turn.',
          details: { outcome: 'not_run' },
        },
      },
    });
    expect(await client.end('runs')).toMatchObject({
      data: {
        status: 504,
        error: {
          type: 'upstream_timeout',
          message: 'The call was given up: the time that it was given (timeout_ms) is over. It may have run.',
          details: { limit: 'timeout_ms', outcome: 'unknown' },
        },
      },
    });
    expect(served.received).toBe(1);
  });

  it('that have an id which another had before are answered as that was, and made once', async () => {
    const served = await serve();
    const client = await served.open();
    served.does = served.hold;
    client.sayText('{"type":"tool_call","correlation_id":"a","data":{"name":"work","arguments":{"x":1,"y":2}}}');
    await served.isHeld(1);
    client.sayText('{"type":"tool_call","correlation_id":"a","data":{"arguments":{"y":2, "x":1},"name":"work"}}');
    await until('it is started for both', () => client.received.filter(({ type }) => type === 'tool_started').length === 2);
    served.held[0]?.result();
    await client.end('a');
    const after = client.lastSeq;
    for (let times = 0; times < 2; times += 1) client.call('a', 'work', { x: 1, y: 2 });
    client.say('ping', undefined, 'p');
    await client.next('pong', 'p');
    const again = client.received.filter(({ seq, type }) => seq > after && type !== 'pong');
    const [started, ended] = client.received.filter(({ correlation_id, seq }) => correlation_id === 'a' && seq <= after).slice(-2);
    const frames = [started, ended, started, ended].map((frame, index) => ({ ...frame, seq: after + 1 + index }));
    expect(again).toEqual(frames);
    client.call('a', 'work', { x: 2 });
    expect(await client.next('error')).toMatchObject({
      correlation_id: 'a',
      data: { status: 409, error: { type: 'conflict', details: { reason: 'correlation_id_reused' } } },
    });
    expect(served.received).toBe(1);
    // Ids belong to a session.
    const other = await served.open();
    other.call('a', 'work', { x: 2 });
    await served.isHeld(2);
    served.held[1]?.result();
    expect(await other.end('a')).toMatchObject({ type: 'tool_result' });
  });

  it('whose answer is not kept any more are not made again either', async () => {
    const served = await serve({}, { keptFrames: 2 });
    const client = await served.open();
    client.call('a', 'work');
    await client.end('a');
    for (const id of named(3)) client.say('ping', undefined, id);
    await client.next('pong', 'call-2');
    client.call('a', 'work');
    expect(await client.next('tool_error', 'a')).toMatchObject({
      data: { status: 502, error: { type: 'outcome_unknown', details: { reason: 'answer_not_kept' } } },
    });
    expect(served.received).toBe(1);
  });

  it('with an idempotency_key are made once over all sockets', async () => {
    const served = await serve();
    const clients = [await served.open(), await served.open()];
    const ends = [];
    for (const client of clients) {
      client.call('a', 'work', { x: 1 }, { idempotency_key: 'key-1' });
      ends.push(await client.end('a'));
    }
    expect(ends.map(({ data }) => [data.result, data.is_replayed])).toEqual([
      ['done', undefined],
      ['done', true],
    ]);
    expect(served.received).toBe(1);
  });

  it('have their progress told, no more often than a person can read, and the last of it', async () => {
    const served = await serve();
    served.does = (exchange) => {
      exchange.stream(...Array.from({ length: 500 }, (_, index) => exchange.progress(index + 1)));
      exchange.event(exchange.answer());
    };
    const client = await served.open();
    client.call('a', 'work');
    await client.end('a');
    const told = client.received.filter(({ type }) => type === 'tool_progress');
    expect(told[0]).toEqual({ type: 'tool_progress', correlation_id: 'a', seq: 3, data: { progress: 1 } });
    expect(told.at(-1)?.data).toEqual({ progress: 500 });
    expect(told.length).toBeLessThan(100);
    expect(client.received.at(-1)?.type).toBe('tool_result');
  });

  it('are cancelled when the client says goodbye', async () => {
    const served = await serve();
    served.does = served.hold;
    const client = await served.open();
    client.call('a', 'work');
    await served.isHeld(1);
    await client.close();
    await until('the server is told', () => served.server.received('notifications/cancelled').length === 1);
  });
});

describe('[AC5][EP7] what a socket is told of tools and servers', () => {
  it('is a list, in pages', async () => {
    const served = await serve();
    served.server.tools = Array.from({ length: 150 }, (_, index) => ({
      name: `tool_${index}`,
      description: `Number ${index}.`,
      inputSchema: { type: 'object' },
    }));
    for (const stream of served.server.openStreams) stream.write('data: {"jsonrpc":"2.0","method":"notifications/tools/list_changed"}\n\n');
    const client = await served.open();
    const page = await until('the new list', async () => {
      const after = client.lastSeq;
      client.say('list_tools', {}, 'l');
      const { data } = await client.next('tools_changed', 'l', after);
      return (data.tools as unknown[]).length === 100 && data;
    });
    expect(page).toEqual({
      revision: expect.any(Number),
      tools: Array.from({ length: 100 }, (_, index) => ({
        name: `tool_${index}`,
        description: `Number ${index}.`,
        inputSchema: { type: 'object' },
      })),
      next_cursor: '100',
    });
    client.say('list_tools', { cursor: '100' }, 'm');
    const rest = await client.next('tools_changed', 'm');
    expect([(rest.data.tools as unknown[]).length, 'next_cursor' in rest.data]).toEqual([50, false]);
  });

  it('is told to those who subscribed, when it changes', async () => {
    const served = await serve();
    const [client, other] = [await served.open(), await served.open()];
    client.say('subscribe', { topics: ['tools_changed', 'server_state'] }, 's');
    const { data } = await client.next('tools_changed', 's');
    expect(await client.next('server_state', 's')).toMatchObject({ data: { name: 'default', state: 'up', tools: 2 } });
    const after = client.lastSeq;
    served.server.tools = [{ name: 'new', inputSchema: { type: 'object' } }];
    for (const stream of served.server.openStreams) stream.write('data: {"jsonrpc":"2.0","method":"notifications/tools/list_changed"}\n\n');
    const isNew = ({ type, seq, data: { revision } }: Frame) => type === 'tools_changed' && seq > after && revision === newRevision;
    const newRevision = (data.revision as number) + 1;
    const changed = await until('the change is told', () => client.received.find(isNew));
    expect(changed).toEqual({ type: 'tools_changed', seq: changed.seq, data: { revision: newRevision } });
    await served.server.stop();
    expect(await client.next('server_state', undefined, changed.seq)).toMatchObject({ data: { name: 'default', state: 'degraded' } });
    client.say('subscribe', { topics: ['everything'] }, 't');
    expect(await client.next('error', 't')).toMatchObject({ data: { status: 400 } });
    expect(other.received).toHaveLength(1);
  });

  it('[S1] is as much as the caller may know', async () => {
    const roles = new Map([['anonymous', { servers: { allow: undefined, deny: ['default'] }, tools: { allow: undefined, deny: [] } }]]);
    const served = await serve({}, {}, { roles });
    const client = await served.open();
    client.say('subscribe', { topics: ['tools_changed', 'server_state'] }, 's');
    client.say('list_tools', {}, 'l');
    expect((await client.next('tools_changed', 'l')).data.tools).toEqual([]);
    expect(client.received.filter(({ type }) => type === 'server_state')).toEqual([]);
  });
});
