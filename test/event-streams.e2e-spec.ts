import { setTimeout as sleep } from 'node:timers/promises';
import type { Settings } from '../src/config/settings.js';
import type { HttpUpstreamSettings } from '../src/config/upstream-settings.js';
import { FastExpressAdapter } from '../src/http/framework/fast-express.adapter.js';
import { closesAfterEach } from './support/ends.js';
import { EventCall } from './support/clients/event-call.js';
import { errorAnswer, ID, post } from './support/exchange.js';
import { type GatewayHere, httpUpstream, startGatewayHere } from './support/gateway.js';
import { Nginx } from './support/network/nginx.js';
import { type Exchange, RawMcpServer, textResult, toolOf } from './support/raw-mcp-server.js';
import { untilPublished } from './support/tool-requests.js';
import { until } from './support/until.js';
import { EVERYTHING_BUT_INTERVALS } from './support/fake-intervals.ts';

const closing = closesAfterEach();
let does: (exchange: Exchange) => unknown;
let server: RawMcpServer;
let gateway: GatewayHere;

async function serve(
  environment: Readonly<Record<string, string>> = {},
  more: Partial<HttpUpstreamSettings> = {},
  settings: Partial<Settings> = {},
  adapter = new FastExpressAdapter(),
): Promise<void> {
  does = (exchange) => exchange.result();
  const tools = [toolOf('work'), { name: 'strict', inputSchema: { type: 'object', required: ['title'] } }];
  server = closing(await RawMcpServer.start({ tools, on: { 'tools/call': (exchange) => does(exchange) } }));
  gateway = closing(await startGatewayHere(environment, [httpUpstream(server.url, more)], settings, { adapter }));
  await untilPublished(gateway, 'work');
}

const callOf = (name = 'work', args: object | string = {}, headers: Readonly<Record<string, string>> = {}) =>
  new EventCall(gateway.url, `/v1/tools/${name}`, args, headers);

/** A progress notification with these members beside the token. */
function progressOf({ message }: Exchange, params: object): unknown {
  const { progressToken } = message.params?._meta ?? {};
  return { jsonrpc: '2.0', method: 'notifications/progress', params: { progressToken, ...params } };
}

const STREAM = { 'content-type': 'text/event-stream', 'cache-control': 'no-cache', 'x-accel-buffering': 'no', 'x-correlation-id': ID };
const done = (result: unknown = 'done') => ({ result: { status: 200, result } });
const refuses = (text: string) => ({ ...(textResult(text) as object), isError: true });

describe('[AC4][EP3] a call that asks for events', () => {
  it("gets its progress as it comes, then its result, without the token that is the gateway's own", async () => {
    await serve();
    let goOn!: () => void;
    does = (exchange) => {
      exchange.stream(progressOf(exchange, { progress: 1, total: 3, message: 'One of\nthree' }));
      goOn = () => {
        exchange.event(progressOf(exchange, { progress: 2.5 }));
        exchange.event(exchange.answer());
      };
    };
    const call = callOf();
    await until('the first is there', () => call.events.length === 1);
    const first = { progress: { progress: 1, total: 3, message: 'One of\nthree' } };
    expect({ status: call.status, told: call.told }).toEqual({ status: 200, told: [first] });
    goOn();
    await call.ended;
    expect(call.told).toEqual([first, { progress: { progress: 2.5 } }, done()]);
    expect(call.headers).toMatchObject({ ...STREAM, ratelimit: expect.stringMatching(/^"client";r=/) });
    expect(call.headers['content-length']).toBeUndefined();
  });

  it('is told what the server logs of it, but no floods', async () => {
    await serve();
    const log = (data: number) => ({ jsonrpc: '2.0', method: 'notifications/message', params: { level: 'info', logger: 'own', data } });
    does = (exchange) => exchange.stream(...Array.from({ length: 60 }, (_, index) => log(index)), exchange.answer());
    const call = await callOf().ended;
    const logs = Array.from({ length: 50 }, (_, index) => ({ log: { level: 'info', logger: 'own', data: index } }));
    expect(call.told).toEqual([...logs, done()]);
  });

  it('gets its result as the only event where nothing came before', async () => {
    await serve();
    const call = await callOf().ended;
    expect(call.body).toBe('event: result\ndata: {"status":200,"result":"done"}\n\n');
    expect({ status: call.status, headers: call.headers }).toMatchObject({
      status: 200,
      headers: { ...STREAM, ratelimit: expect.stringMatching(/^"client";r=/), 'content-length': `${call.body.length}` },
    });
  });

  it.each([
    [
      'JSON as its server wrote it',
      {},
      textResult('{"id": 12345678901234567890,\r\n "rate": 1.0}'),
      '{"id": 12345678901234567890,\n "rate": 1.0}',
    ],
    ['a text', {}, textResult('line\nline'), '"line\\nline"'],
    [
      'the whole result',
      { accept: 'text/event-stream, application/vnd.mcp+json' },
      textResult('x'),
      '{"content":[{"type":"text","text":"x"}]}',
    ],
    ['a text for who likes text', { accept: 'text/event-stream, text/plain' }, textResult('a "b"'), '"a \\"b\\""'],
    [
      'bytes for who likes images',
      { accept: 'text/event-stream, image/png' },
      { content: [{ type: 'image', data: 'iVBORw0KGgo=', mimeType: 'image/png' }] },
      '"data:image/png;base64,iVBORw0KGgo="',
    ],
    ['an image', {}, { content: [{ type: 'image', data: 'iVBORw0KGgo=', mimeType: 'image/png' }] }, '"data:image/png;base64,iVBORw0KGgo="'],
  ])('has %s in it', async (_, headers, result, body) => {
    await serve();
    does = (exchange) => exchange.result(result);
    const call = await callOf('work', {}, headers).ended;
    expect(call.events.map(({ name, text }) => [name, text])).toEqual([['result', `{"status":200,"result":${body}}`]]);
  });

  it('[AC3] is told a failure before the first event by its status, and one after it by an event with the same', async () => {
    await serve();
    does = (exchange) => exchange.result(refuses('No room.'));
    const fields = { type: 'tool_error', message: 'No room.' };
    const bare = { accept: 'text/event-stream' };
    expect(await post(gateway.url, '/v1/tools/work', {}, bare)).toMatchObject(errorAnswer(422, fields));
    does = (exchange) => exchange.stream(progressOf(exchange, { progress: 1 }), exchange.answer(refuses('No room.')));
    const call = await callOf().ended;
    expect(call.status).toBe(200);
    expect(call.told).toEqual([{ progress: { progress: 1 } }, { error: { status: 422, error: { ...fields, correlation_id: ID } } }]);
  });

  it('[AC3] is told that its server is silent, lost, or failing by the same error as over JSON', async () => {
    await serve({}, { requestTimeoutMs: 300 });
    const begin = (exchange: Exchange) => exchange.stream(progressOf(exchange, { progress: 1 }));
    const ends: [string, (exchange: Exchange) => void][] = [
      ['upstream_timeout', () => undefined],
      ['outcome_unknown', ({ response }) => response.end()],
      [
        'upstream_error',
        (exchange) => exchange.event({ jsonrpc: '2.0', id: exchange.message.id, error: { code: -32_603, message: 'Broken' } }),
      ],
    ];
    for (const [type, end] of ends) {
      does = (exchange) => {
        begin(exchange);
        end(exchange);
      };
      const json = await post(gateway.url, '/v1/tools/work', {});
      const { error } = JSON.parse(json.text) as { error: { type: string } };
      expect(error.type).toBe(type);
      expect((await callOf().ended).told).toEqual([{ progress: { progress: 1 } }, { error: { status: json.status, error } }]);
    }
  });

  it('[S6] is told progress without the credentials that its server repeats, and without what hides', async () => {
    await serve({}, { headers: { 'x-api-key': 'CANARY-of-the-entry' }, forwardHeaders: ['x-teams-auth-token'] });
    does = (exchange) => {
      const message = `With ${String(exchange.headers['x-api-key'])} for ${String(exchange.headers['x-teams-auth-token'])}\u202e.`;
      exchange.stream(
        progressOf(exchange, { progress: 1, message }),
        progressOf(exchange, { progress: 2, message: 'x'.repeat(5_000) }),
        exchange.answer(),
      );
    };
    const call = await callOf('work', {}, { 'x-teams-auth-token': 'CANARY-of-the-caller' }).ended;
    expect(call.told[0]).toEqual({ progress: { progress: 1, message: 'With [hidden] for [hidden].' } });
    const { message } = (call.events[1]?.data ?? {}) as { message: string };
    expect(message.length).toBeLessThanOrEqual(1_000);
  });

  it('[S1][S4] is judged before the stream begins, as any other', async () => {
    await serve({ API_KEYS: 'me:key-of-somebody' });
    const key = { authorization: 'Bearer key-of-somebody' };
    const statusOf = async (name: string, body: string, headers: Record<string, string>) =>
      (await callOf(name, body, headers).ended).status;
    expect(await statusOf('work', '{}', {})).toBe(401);
    expect(await statusOf('work', '{', key)).toBe(400);
    expect(await statusOf('strict', '{}', key)).toBe(400);
    expect(await statusOf('none', '{}', key)).toBe(404);
    expect(await statusOf('work', '{}', { ...key, 'content-type': 'text/xml' })).toBe(415);
    expect(server.received('tools/call')).toHaveLength(0);
    expect(await statusOf('work', '{}', key)).toBe(200);
  });

  it('[E4] spends a place and a limit as any other', async () => {
    await serve({ RATE_LIMIT_CLIENT: '1', MAX_CONNECTIONS: '1', RESERVED_CONNECTIONS: '0' });
    does = (exchange) => exchange.stream(progressOf(exchange, { progress: 1 }));
    const first = callOf();
    await until('it is under way', () => first.events.length === 1);
    expect((await callOf().ended).status).toBe(503);
    server.received('tools/call')[0]?.event(server.received('tools/call')[0]?.answer());
    expect((await first.ended).told).toEqual([{ progress: { progress: 1 } }, done()]);
    expect((await callOf().ended).status).toBe(429);
  });

  it('[E2] that leaves is cancelled at its server at once, before and after the first event', async () => {
    await serve();
    for (const [at, begins] of [false, true].entries()) {
      does = (exchange) => begins && exchange.stream(progressOf(exchange, { progress: 1 }));
      const call = callOf();
      await until('its server has it', () => server.received('tools/call').length === at + 1 && (!begins || call.events.length === 1));
      call.leave();
      await until('the server is told', () => server.received('notifications/cancelled').length === at + 1);
      const told = server.received('notifications/cancelled')[at]?.message.params?.requestId;
      expect(told).toBe(server.received('tools/call')[at]?.message.id);
    }
  });

  it('is kept alive every 15 s, which begins it where nothing else has', async () => {
    await serve();
    let held: Exchange | undefined;
    does = (exchange) => (held = exchange);
    // That clock alone is a mock.
    jest.useFakeTimers({ doNotFake: EVERYTHING_BUT_INTERVALS });
    try {
      const call = callOf();
      await until('its server has it', () => held !== undefined);
      jest.advanceTimersByTime(14_999);
      expect([call.status, call.body]).toEqual([undefined, '']);
      jest.advanceTimersByTime(1);
      await until('it begins', () => call.comments === 1);
      jest.advanceTimersByTime(30_000);
      await until('it goes on', () => call.comments === 3);
      held?.result(refuses('No.'));
      await call.ended;
      expect(call.body).toBe(
        `: \n\n: \n\n: \n\nevent: error\ndata: {"status":422,"error":{"type":"tool_error","message":"No.","correlation_id":"${ID}"}}\n\n`,
      );
      expect([call.status, call.headers]).toMatchObject([200, STREAM]);
    } finally {
      jest.useRealTimers();
    }
  });

  it('[P4] is told of a flood of progress a few times a second, and its last before the result', async () => {
    await serve();
    const COUNT = 20_000;
    does = (exchange) => {
      exchange.stream();
      const message = 'x'.repeat(100);
      for (let progress = 1; progress <= COUNT; progress++) exchange.event(progressOf(exchange, { progress, message }));
      exchange.event(exchange.answer());
    };
    const start = performance.now();
    const call = await callOf().ended;
    const [last, result] = call.told.slice(-2);
    expect([last, result]).toEqual([{ progress: { progress: COUNT, message: 'x'.repeat(100) } }, done()]);
    // The burst, ten a second, the last and the result.
    expect(call.told.length).toBeLessThanOrEqual(50 + Math.ceil((performance.now() - start) / 100) + 2);
  });

  it('is told the progress of a call that somebody else has asked for with the same key', async () => {
    await serve();
    let held: Exchange | undefined;
    does = (exchange) => (held = exchange);
    const key = { 'idempotency-key': 'key-1' };
    const json = post(gateway.url, '/v1/tools/work', {}, key);
    await until('its server has it', () => held !== undefined);
    const call = callOf('work', {}, key);
    held?.stream();
    const progress = setInterval(() => held?.event(progressOf(held, { progress: 1 })), 20);
    await until('progress is told', () => call.events.length > 0);
    clearInterval(progress);
    held?.event(held.answer());
    expect((await json).text).toBe('"done"');
    const { told } = await call.ended;
    expect([told[0], told.at(-1)]).toEqual([{ progress: { progress: 1 } }, done()]);
  });

  it('has the headers that JSON has where its result comes at once', async () => {
    await serve();
    const json = await post(gateway.url, '/v1/tools/work', {}, { 'idempotency-key': 'key-1' });
    const call = await callOf('work', {}, { 'idempotency-key': 'key-1' }).ended;
    expect([json.status, call.told]).toEqual([200, [done()]]);
    expect(call.headers['idempotent-replayed']).toBe('true');
  });

  it('[EP3] is one at every route of calls, also without the shortcuts past the framework', async () => {
    await serve({}, {}, {}, new FastExpressAdapter({ bornWithPrototypes: false, directRoutes: false, lanes: false }));
    does = (exchange) => exchange.stream(progressOf(exchange, { progress: 1 }), exchange.answer());
    const events = [{ progress: { progress: 1 } }, done()];
    expect((await callOf().ended).told).toEqual(events);
    expect((await new EventCall(gateway.url, '/work').ended).told).toEqual(events);
    expect((await new EventCall(gateway.url, '/default/work').ended).told).toEqual(events);
    expect((await new EventCall(gateway.url, '/v1/tools', { name: 'work', arguments: {} }).ended).told).toEqual(events);
  });

  it('is none for who does not like it better than JSON', async () => {
    await serve();
    does = (exchange) => exchange.stream(progressOf(exchange, { progress: 1 }), exchange.answer());
    for (const accept of ['*/*', 'application/json, text/event-stream', 'text/event-stream;q=0.5, */*']) {
      const { status, headers, text } = await post(gateway.url, '/v1/tools/work', {}, { accept });
      expect([status, headers['content-type'], text]).toEqual([200, 'application/json', '"done"']);
    }
  });
});

describe('[AC4][T3] import_tasks of the planner', () => {
  const tasks = ['one', 'two', 'three'].map((title) => ({ title }));
  const progressAt = (progress: number) => ({
    progress: { progress, total: 3, message: `Created "${tasks[progress - 1]?.title}".` },
  });
  const titles = async () => {
    const { tasks: all } = JSON.parse((await post(gateway.url, '/v1/tools/list_tasks', {})).text) as { tasks: { title: string }[] };
    return all.map(({ title }) => title);
  };

  beforeEach(async () => {
    gateway = closing(await startGatewayHere());
    await untilPublished(gateway, 'import_tasks');
  });

  it('is told task by task', async () => {
    const call = await new EventCall(gateway.url, '/v1/tools/import_tasks', { tasks, delay_ms: 0 }).ended;
    const created = tasks.map((task) => expect.objectContaining(task) as unknown);
    expect(call.told).toEqual([progressAt(1), progressAt(2), progressAt(3), done({ imported: 3, tasks: created })]);
  });

  it('[E2] stops when its client goes away: the tasks made so far stay, and no others come', async () => {
    const many = Array.from({ length: 40 }, (_, at) => ({ title: `task ${at}` }));
    const call = new EventCall(gateway.url, '/v1/tools/import_tasks', { tasks: many, delay_ms: 250 });
    await until('the first is told', () => call.events.length > 0);
    call.leave();
    // As the planner itself says; alone it would take 10 s.
    await until('no task more comes', async () => {
      const made = await titles();
      await sleep(1_000);
      return made.length === (await titles()).length;
    });
    expect((await titles()).length).toBeLessThan(many.length);
  });
});

describe('[AC4] nginx in front with its defaults', () => {
  it('passes each event on as it comes', async () => {
    await serve();
    const nginx = closing(await Nginx.start([gateway], '/health/live'));
    let exchange!: Exchange;
    does = (held) => {
      exchange = held;
      held.stream(progressOf(held, { progress: 1 }));
    };
    const call = new EventCall(nginx.url, '/v1/tools/work');
    await until('the first is there', () => call.events.length === 1);
    exchange.event(progressOf(exchange, { progress: 2 }));
    await until('the second is there', () => call.events.length === 2);
    exchange.event(exchange.answer());
    expect((await call.ended).told).toEqual([{ progress: { progress: 1 } }, { progress: { progress: 2 } }, done()]);
  });
});
