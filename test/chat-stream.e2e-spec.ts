import http from 'node:http';
import { jest } from '@jest/globals';
import OpenAI from 'openai';
import { chunksOf, complete, openAiError, readStream, reasonsOf, statusesOf, stream, USER, wordsOf } from './support/chat/chat.ts';
import { type ChatGateway, startChat } from './support/chat/chat-gateway.ts';
import { closesAfterEach } from './support/ends.ts';
import type { ModelExchange } from './support/chat/scripted-model.ts';
import { until } from './support/until.ts';
import { EVERYTHING_BUT_INTERVALS } from './support/fake-intervals.ts';

const closing = closesAfterEach();
const OPEN_WEBUI = { 'x-openwebui-chat-id': 'c1' };
const OWN_TOOL = { type: 'function', function: { name: 'own', parameters: { type: 'object' } } };

const done = (exchange: ModelExchange) => exchange.say('Done.');
const askWork = (exchange: ModelExchange) => exchange.ask([{ id: 'a', name: 'work' }]);

/** A stream that is read as it comes. */
function open({ url }: ChatGateway, body: object = {}, headers = {}) {
  const seen = { text: '', isEnded: false };
  const sent = http.request(`${url}/v1/chat/completions`, { method: 'POST', headers: { 'content-type': 'application/json', ...headers } });
  sent
    .on('error', () => undefined)
    .on('response', (response) => {
      response.on('data', (chunk: Buffer) => (seen.text += chunk.toString())).on('error', () => undefined);
      response.on('end', () => (seen.isEnded = true));
    });
  sent.end(JSON.stringify({ model: 'small', messages: USER, stream: true, ...body }));
  return { seen, leave: () => sent.destroy() };
}

describe('[EP1] a streamed completion', () => {
  it('is one message of one id and one finish reason over all rounds, then [DONE]', async () => {
    const chat = await startChat(closing);
    chat.model.play((exchange) => exchange.ask([{ name: 'work' }], 'First.'), done);
    const read = await stream(chat.url);
    expect({ status: read.status, type: read.headers['content-type'], cache: read.headers['cache-control'], isDone: read.isDone }).toEqual({
      status: 200,
      type: 'text/event-stream; charset=utf-8',
      cache: 'no-cache',
      isDone: true,
    });
    const end = { id: 'chatcmpl-1', object: 'chat.completion.chunk', created: 1_760_520_601, model: 'small' };
    const frame = { ...end, system_fingerprint: 'fp_1' };
    const chunk = (delta: object) => ({ ...frame, choices: [{ index: 0, delta, logprobs: null, finish_reason: null }] });
    expect(read.events).toEqual([
      chunk({ role: 'assistant', content: 'First.' }),
      chunk({ content: '\n\nDone.' }),
      { ...end, choices: [{ index: 0, delta: {}, finish_reason: 'stop' }] },
    ]);
  });

  it('ends with the usage of all rounds where its caller asks for it, in a chunk without choices', async () => {
    const chat = await startChat(closing);
    chat.model.play(askWork, done);
    const read = await stream(chat.url, { stream_options: { include_usage: true } });
    const chunks = chunksOf(read);
    expect(chunks.at(-1)).toMatchObject({ choices: [], usage: { prompt_tokens: 20, completion_tokens: 4, total_tokens: 24 } });
    expect(chunks.slice(0, -1).map(({ usage }) => usage)).toEqual(chunks.slice(1).map(() => null));
    expect(chunksOf(await stream(chat.url)).every((chunk) => !('usage' in chunk))).toBe(true);
  });

  it('passes reasoning, refusals and logprobs on', async () => {
    const chat = await startChat(closing);
    const logprobs = { content: [{ token: 'Hi', logprob: -0.1, bytes: null, top_logprobs: [] }] };
    chat.model.script = (exchange) => {
      exchange.chunk({ role: 'assistant', reasoning_content: 'Well, ' });
      exchange.chunk({ reasoning: 'then' });
      exchange.event({ id: 'x', choices: [{ index: 0, delta: { content: 'Hi' }, logprobs, finish_reason: null }] });
      exchange.end('stop');
    };
    const deltas = chunksOf(await stream(chat.url)).map(({ choices }) => choices[0]);
    expect(deltas).toMatchObject([
      { delta: { role: 'assistant', reasoning_content: 'Well, ' } },
      { delta: { reasoning: 'then' } },
      { delta: { content: 'Hi' }, logprobs },
      { finish_reason: 'stop' },
    ]);
  });

  it("never passes a model's own events on, in a stream or whole: they could run code in the page of Open WebUI", async () => {
    const chat = await startChat(closing);
    const event = { type: 'execute', data: { code: 'alert(1)' } };
    chat.model.script = (exchange) => {
      if (!exchange.asked.stream) return exchange.whole({ role: 'assistant', content: 'Hi' }, 'stop', { event });
      exchange.event({ event });
      exchange.chunk({ content: 'Hi' }, null, { event });
      exchange.end('stop');
    };
    const read = await stream(chat.url, {}, OPEN_WEBUI);
    expect([wordsOf(read), statusesOf(read), JSON.stringify(read.events).includes('execute')]).toEqual(['Hi', [], false]);
    expect((await complete(chat.url)).text).not.toContain('execute');
  });

  it('tells Open WebUI what runs, and when it has run, and shows no calls; others get a comment', async () => {
    const chat = await startChat(closing);
    chat.model.script = (exchange) =>
      exchange.round % 2 === 1 ? exchange.ask([{ name: 'work' }, { name: 'look' }, { name: 'no\nsuch' }]) : done(exchange);
    const read = await stream(chat.url, {}, OPEN_WEBUI);
    expect(statusesOf(read)).toEqual([
      { description: 'Running work, look, an unknown tool', done: false },
      { description: 'Ran work, look, an unknown tool', done: true },
    ]);
    expect(read.events.find((each) => 'event' in each)).toEqual({
      event: { type: 'status', data: { description: 'Running work, look, an unknown tool', done: false } },
    });
    expect(JSON.stringify(read.events)).not.toContain('tool_calls');
    expect(read.comments).toEqual([]);
    const other = await stream(chat.url);
    expect([statusesOf(other), other.comments, wordsOf(other)]).toEqual([[], [': keep-alive', ': keep-alive'], 'Done.']);
  });

  it('is kept alive by comments while a tool runs or a model thinks', async () => {
    const fake = jest.useFakeTimers({ doNotFake: EVERYTHING_BUT_INTERVALS });
    try {
      const chat = await startChat(closing);
      chat.model.script = () => undefined;
      const { seen } = open(chat);
      await until('the model is asked', () => chat.model.exchanges.length === 1);
      fake.advanceTimersByTime(30_000);
      await until('comments have come', () => (seen.text.match(/: keep-alive/g) ?? []).length >= 2);
      expect(seen.text.replaceAll(': keep-alive\n\n', '')).toBe('');
      chat.model.exchanges[0]?.say('Hello.');
      await until('it is over', () => seen.isEnded);
      expect(wordsOf(readStream(seen.text))).toBe('Hello.');
    } finally {
      jest.useRealTimers();
    }
  });

  it.each<[string, (exchange: ModelExchange) => unknown, unknown]>([
    [
      'dies in mid-stream',
      (exchange) => setImmediate(() => exchange.response.destroy()),
      expect.stringMatching(/^The model's answer broke off: .+\.$/),
    ],
    ['ends before its end', (exchange) => exchange.response.end(), "The model's answer broke off before its end."],
    ['says what is no JSON', (exchange) => exchange.event('nothing'), "The model's server sent an event that is no JSON object."],
    ['says that it failed', (exchange) => exchange.event({ error: { message: 'Out of memory', code: 7 } }), 'Out of memory'],
  ])('of a model that %s ends with an error, behind what was said and all that is done', async (_, script, message) => {
    const chat = await startChat(closing);
    chat.model.play(askWork, (exchange) => {
      exchange.chunk({ content: 'Half' });
      script(exchange);
    });
    const read = await stream(chat.url, {}, OPEN_WEBUI);
    expect([wordsOf(read), reasonsOf(read), read.isDone]).toEqual(['Half', [], true]);
    expect(read.events.at(-1)).toEqual(openAiError(message, 'server_error', 'upstream_error'));
    expect(statusesOf(read).at(-1)).toMatchObject({ done: true });
  });

  it.each<[unknown, string]>([
    [{ error: { message: 'No streams here' } }, 'No streams here'],
    [{ choices: [] }, "The model's server answered no stream."],
  ])('of a server that answers JSON in its place, %j, is told as an error', async (body, message) => {
    const chat = await startChat(closing);
    chat.model.script = (exchange) => exchange.json(200, body);
    const { status, text } = await complete(chat.url, { stream: true });
    expect([status, JSON.parse(text)]).toEqual([502, openAiError(message, 'server_error', 'upstream_error')]);
  });

  it('leaves no status open where CHAT_TIMEOUT ends it', async () => {
    const chat = await startChat(closing, { CHAT_TIMEOUT: '2' });
    chat.does = () => undefined;
    chat.model.script = askWork;
    const read = await stream(chat.url, {}, OPEN_WEBUI);
    expect(statusesOf(read)).toEqual([false, true].map((done) => ({ description: 'Running work', done })));
    expect([reasonsOf(read), read.isDone]).toEqual([['length'], true]);
  });

  it('is cancelled when its caller leaves: the model, and the tool that runs', async () => {
    const chat = await startChat(closing);
    chat.model.script = (exchange) => exchange.chunk({ content: 'Half' });
    const first = open(chat);
    await until('something has come', () => first.seen.text.includes('Half'));
    first.leave();
    await until('the model is left', () => chat.model.exchanges[0]?.isLeft);
    const held: string[] = [];
    chat.does = (exchange) => exchange.response.on('close', () => held.push('left'));
    chat.model.script = askWork;
    const second = open(chat);
    await until('the tool runs', () => chat.received().length === 1);
    second.leave();
    await until('the tool is left', () => held.length === 1);
    expect(chat.model.exchanges).toHaveLength(2);
  });

  it("passes the calls of its caller's own tools: index, id, name, arguments as a text", async () => {
    const chat = await startChat(closing);
    chat.model.script = (exchange) =>
      exchange.ask(
        [
          { id: 'a', name: 'own', args: { q: 'é' } },
          { id: 'b', name: 'own', args: '{"q":' },
        ],
        'Asking.',
      );
    const read = await stream(chat.url, { tools: [OWN_TOOL] });
    expect([wordsOf(read), reasonsOf(read), read.isDone]).toEqual(['Asking.', ['tool_calls'], true]);
    const calls = chunksOf(read).flatMap(({ choices }) => choices[0]?.delta.tool_calls ?? []);
    expect(calls).toEqual([
      { index: 0, id: 'a', type: 'function', function: { name: 'own', arguments: '{"q":"é"}' } },
      { index: 1, id: 'b', type: 'function', function: { name: 'own', arguments: '{"q":' } },
    ]);
  });

  it('of several answers at once offers no tools, and passes all that comes', async () => {
    const chat = await startChat(closing);
    chat.model.script = (exchange) => {
      for (const index of [0, 1]) exchange.event({ id: 'x', choices: [{ index, delta: { content: `${index}` }, finish_reason: 'stop' }] });
      exchange.event('[DONE]');
      exchange.response.end();
    };
    const read = await stream(chat.url, { n: 2 });
    expect(chat.model.toolNames()).toEqual([]);
    expect(chunksOf(read).map(({ choices }) => choices)).toEqual(
      [0, 1].map((index) => [{ index, delta: { content: `${index}` }, finish_reason: 'stop' }]),
    );
    expect(read.isDone).toBe(true);
  });

  it('[S4] ends where a model asks for more than a round may hold', async () => {
    const chat = await startChat(closing);
    chat.model.script = (exchange) => {
      for (let index = 0; index < 200; index += 1)
        exchange.chunk({ tool_calls: [{ index, id: `c${index}`, type: 'function', function: { name: 'work', arguments: '' } }] });
      exchange.end('tool_calls');
    };
    expect((await complete(chat.url, { stream: true })).text).toContain('The model asked for more than 128 calls at once.');
    chat.model.script = (exchange) => {
      for (let piece = 0; piece < 20; piece += 1)
        exchange.chunk({ tool_calls: [{ index: 0, id: 'c', function: { name: 'work', arguments: 'x'.repeat(100_000) } }] });
      exchange.end('tool_calls');
    };
    expect((await complete(chat.url, { stream: true })).text).toContain('The model wrote more than 1048576 characters of arguments.');
    expect(chat.received()).toEqual([]);
  });

  it('is read by the official client, whose runner of tools calls those of its own beside the gateway', async () => {
    const chat = await startChat(closing);
    chat.model.script = (exchange) => {
      const last = exchange.asked.messages.at(-1);
      if (exchange.round === 1)
        return exchange.ask([
          { id: 'a', name: 'work' },
          { id: 'b', name: 'own', args: { q: 1 } },
        ]);
      exchange.say(`Done: ${String(last?.content)}`);
    };
    const client = new OpenAI({ baseURL: `${chat.url}/v1`, apiKey: 'none', maxRetries: 0 });
    const asked: unknown[] = [];
    const runner = client.chat.completions.runTools({
      model: 'small',
      stream: true,
      messages: [{ role: 'user', content: 'Do it.' }],
      tools: [
        {
          type: 'function',
          function: {
            name: 'own',
            description: 'The own one.',
            parameters: { type: 'object' },
            parse: JSON.parse,
            function: (args: unknown) => {
              asked.push(args);
              return 'mine';
            },
          },
        },
      ],
    });
    expect(await runner.finalContent()).toBe('Done: mine');
    expect([asked, chat.received()]).toEqual([[{ q: 1 }], [['work', {}]]]);
    expect(chat.model.exchanges[1]?.asked.messages.slice(1)).toMatchObject([
      { role: 'assistant', tool_calls: [{ id: 'a' }, { id: 'b' }] },
      { role: 'tool', tool_call_id: 'a', content: 'done: work' },
      { role: 'tool', tool_call_id: 'b', content: 'mine' },
    ]);
  });
});
