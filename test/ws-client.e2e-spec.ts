import { ClientClosedError, type ClientOptions, type ConnectionState, McpoClient, ToolCallError } from '../libs/ws-client/src/index.js';
import { closesAfterEach } from './support/ends.ts';
import { get } from './support/exchange.ts';
import { type GatewayHere, httpUpstream, startGatewayHere } from './support/gateway.ts';
import { allListed } from './support/listed.ts';
import { type Exchange as Call, RawMcpServer, textResult, toolOf } from './support/raw-mcp-server.ts';
import { TcpProxy } from './support/network/tcp-proxy.ts';
import { until } from './support/until.ts';

const closing = closesAfterEach();
const KEY = 'key-of-the-client';

/** A gateway in front of a server whose calls a test answers, behind a network that can be cut. */
async function served(environment: Readonly<Record<string, string>> = {}) {
  const held: Call[] = [];
  const server = closing(await RawMcpServer.start({ tools: [toolOf('work')], on: { 'tools/call': (call) => void held.push(call) } }));
  const gateway = closing(await startGatewayHere(environment, [httpUpstream(server.url)]));
  await until('the tool is there', async () => (await get(gateway.url, '/openapi.json')).text.includes('/work"'));
  const proxy = closing(await TcpProxy.start(gateway.url));
  return { server, gateway, held, proxy, url: `${proxy.url.replace('http', 'ws')}/v1/ws` };
}

function clientOf(url: string, options: ClientOptions = {}) {
  const states: ConnectionState[] = [];
  const client = new McpoClient(url, { ...options, onState: (state) => states.push(state) });
  closing({ close: () => Promise.resolve(client.close()) });
  return { client, states };
}

describe('the client of the WebSocket', () => {
  it('[AC4] calls tools, many at a time, each with its progress and its result', async () => {
    const { url, held } = await served();
    const { client, states } = clientOf(url);
    const progress: unknown[] = [];
    const first = client.call('work', { n: 1 }, { onProgress: (told) => progress.push(told) });
    const second = client.call('work', { n: 2 });
    await until('both', () => held.length === 2);
    const byNumber = (n: number) => held.find(({ message }) => message.params?.arguments?.['n'] === n) as Call;
    byNumber(2).result(textResult('two'));
    expect(await second).toEqual({
      result: 'two',
      content: [{ type: 'text', text: 'two' }],
      durationMs: expect.any(Number),
      correlationId: expect.any(String),
    });
    byNumber(1).stream(byNumber(1).progress(1));
    await until('the progress', () => progress.length > 0);
    byNumber(1).event(byNumber(1).answer(textResult('{"one":1}')));
    expect((await first).result).toEqual({ one: 1 });
    expect(progress).toEqual([{ progress: 1 }]);
    expect(states).toEqual(['connecting', 'open']);
  });

  it('[AC4] asks what tools ask, once, tells what they log, and answers again after the connection was away', async () => {
    const { url, held, server, proxy } = await served();
    const { client } = clientOf(url);
    const question = { message: 'Which day?', requestedSchema: { type: 'object', properties: { day: { type: 'string' } } } };
    const answers: unknown[] = [];
    server.on['response'] = (reply) => {
      reply.send(202);
      answers.push((JSON.parse(reply.text) as { result: unknown }).result);
    };
    const asks = (call: Call, id: string) => call.event({ jsonrpc: '2.0', id, method: 'elicitation/create', params: question });
    const logs: unknown[] = [];
    const asked: unknown[] = [];
    let answer: (day: string) => void = () => undefined;
    const called = client.call(
      'work',
      {},
      {
        onLog: (told) => logs.push(told),
        onElicitation: (told) => {
          asked.push(told);
          return new Promise((resolve) => (answer = (day) => resolve({ action: 'accept', content: { day } })));
        },
      },
    );
    const call = await until('the call', () => held[0]);
    call.stream({ jsonrpc: '2.0', method: 'notifications/message', params: { level: 'info', data: 'at work' } });
    asks(call, 'q-1');
    await until('it is asked', () => asked.length === 1);
    proxy.cut();
    answer('Monday');
    await until('the answer', () => answers.length === 1);
    asks(call, 'q-2');
    await until('it is asked again', () => asked.length === 2);
    answer('Tuesday');
    await until('the second answer', () => answers.length === 2);
    call.event(call.answer(textResult('"done"')));
    expect((await called).result).toBe('done');
    expect(answers).toEqual([
      { action: 'accept', content: { day: 'Monday' } },
      { action: 'accept', content: { day: 'Tuesday' } },
    ]);
    expect(asked).toEqual([
      { mode: 'form', ...question, name: 'work' },
      { mode: 'form', ...question, name: 'work' },
    ]);
    expect(logs).toEqual([{ level: 'info', data: 'at work' }]);
    const declined = client.call('work');
    const second = await until('the second call', () => held[1]);
    second.stream();
    asks(second, 'q-3');
    await until('its answer', () => answers.length === 3);
    expect(answers[2]).toEqual({ action: 'decline' });
    second.event(second.answer(textResult('"done"')));
    expect((await declined).result).toBe('done');
  });

  it('[AC3] rejects with what HTTP would have said', async () => {
    const { url, held } = await served();
    const { client } = clientOf(url);
    const missing = await client.call('worc').catch((error: unknown) => error);
    expect(missing).toBeInstanceOf(ToolCallError);
    expect(missing).toMatchObject({ status: 404, type: 'tool_not_found', details: { tool: 'worc', closest: ['work'] } });
    const no = client.call('work').catch((error: unknown) => error);
    await until('the call', () => held.length > 0);
    held[0]?.result({ ...(textResult('not today') as object), isError: true });
    expect(await no).toMatchObject({ status: 422, type: 'tool_error', message: 'not today' });
  });

  it('[S1] shows a key, whatever is in it, and says nothing without one', async () => {
    const { url } = await served({ API_KEYS: `client:${KEY}` });
    expect(await clientOf(url, { key: KEY }).client.listTools()).toHaveLength(1);
    const { states } = clientOf(url);
    await until('it tries again', () => states.filter((state) => state === 'connecting').length > 1);
    expect(states).not.toContain('open');
  });

  it('[AC4] lists the tools', async () => {
    const { url } = await served();
    expect((await clientOf(url).client.listTools()).map(({ name }) => name)).toEqual(['work']);
  });

  it('[AC5] is told of changes that it subscribes to, also after it came back', async () => {
    const { url, server, proxy } = await served();
    const events: string[] = [];
    const { client, states } = clientOf(url, { onEvent: ({ type }) => events.push(type) });
    await until('it is open', () => states.includes('open'));
    client.subscribe(['tools_changed']);
    await until('how it is now', () => events.length > 0);
    proxy.cut();
    await until('it is back', () => states.filter((state) => state === 'open').length === 2);
    const before = events.length;
    server.tools = [...server.tools, toolOf('more')];
    server.notify('notifications/tools/list_changed');
    await until('the change', () => events.length > before);
  });

  it('[AC4] cancels by a signal, at the server, too', async () => {
    const { url, held, server } = await served();
    const { client } = clientOf(url);
    const leaving = new AbortController();
    const call = client.call('work', {}, { signal: leaving.signal });
    await until('the call', () => held.length > 0);
    leaving.abort(new Error('changed my mind'));
    await expect(call).rejects.toThrow('changed my mind');
    await until('it is cancelled', () => server.exchanges.some(({ message }) => message.method === 'notifications/cancelled'));
    await expect(client.call('work', {}, { signal: leaving.signal })).rejects.toThrow('changed my mind');
    expect(held).toHaveLength(1);
  });

  it('[E9] tries again by itself while nobody is there, with pauses that grow, and then calls', async () => {
    const { url, held, proxy } = await served();
    proxy.refuse(true);
    const times: number[] = [];
    const random = jest.spyOn(Math, 'random').mockReturnValue(0.9);
    const client = new McpoClient(url, { onState: (state) => state === 'connecting' && times.push(performance.now()) });
    closing({ close: () => Promise.resolve(client.close()) });
    const call = client.call('work');
    await until('it has tried three times', () => times.length === 3);
    random.mockRestore();
    proxy.refuse(false);
    const [first = 0, second = 0, third = 0] = times;
    // Timers fire up to a millisecond early.
    expect(second - first).toBeGreaterThanOrEqual(899);
    expect(third - second).toBeGreaterThanOrEqual(1_799);
    await until('the call', () => held.length === 1);
    held[0]?.result(textResult('done'));
    expect((await call).result).toBe('done');
  });

  it('[E9] comes back by itself, and gets what it missed; calls are made once', async () => {
    const { url, held, proxy } = await served();
    const { client, states } = clientOf(url);
    const calls = Array.from({ length: 8 }, (_, n) => client.call('work', { n }));
    await until('all calls', () => held.length === 8);
    proxy.refuse(true);
    proxy.cut();
    await until('it waits', () => states.includes('waiting'));
    for (const call of held) call.result(textResult(String(call.message.params?.arguments?.['n'])));
    proxy.refuse(false);
    const results = await Promise.all(calls);
    expect(results.map(({ result }) => result)).toEqual(calls.map((_, n) => n));
    expect(held).toHaveLength(8);
  });

  it('[E9] what is asked while it is away is sent when it is back', async () => {
    const { url, held, proxy } = await served();
    const { client, states } = clientOf(url);
    await until('it is open', () => states.includes('open'));
    proxy.refuse(true);
    proxy.cut();
    await until('it waits', () => states.includes('waiting'));
    const call = client.call('work');
    proxy.refuse(false);
    await until('the call', () => held.length > 0);
    held[0]?.result(textResult('done'));
    expect((await call).result).toBe('done');
  });

  it('[E9] where its session is gone, calls that may have run are unknown, and those with a key are made once', async () => {
    const { url, held, gateway, server, proxy } = await served();
    const { client, states } = clientOf(url);
    const keyed = client.call('work', { n: 1 }, { idempotencyKey: 'k' });
    const bare = client.call('work', { n: 2 }).catch((error: unknown) => error);
    await until('both', () => held.length === 2);
    proxy.refuse(true);
    proxy.cut();
    await gateway.close();
    const next: GatewayHere = closing(await startGatewayHere({}, [httpUpstream(server.url)]));
    await allListed(next.url);
    proxy.target = next.url;
    proxy.refuse(false);
    await until('it is back', () => states.filter((state) => state === 'open').length === 2);
    expect(await bare).toMatchObject({ type: 'outcome_unknown', status: 502 });
    // This gateway shares nothing with the one before.
    await until('the call with a key', () => held.length === 3);
    held[2]?.result(textResult('done'));
    expect((await keyed).result).toBe('done');
  });

  it('[AC4] takes 1,000 calls that wait, and no more; closed, it rejects all', async () => {
    const { url } = await served();
    const { client } = clientOf(url);
    const calls = Array.from({ length: 1_001 }, () => client.call('work').catch((error: unknown) => error));
    expect(await calls[1_000]).toMatchObject({ status: 503, type: 'overloaded' });
    client.close();
    const ended = await Promise.all(calls.slice(0, 1_000));
    expect(ended.every((error) => error instanceof ClientClosedError)).toBe(true);
    await expect(client.call('work')).rejects.toBeInstanceOf(ClientClosedError);
  });
});
