import { complete, openAiError, reasonsOf, stream, USER, wordsOf } from './support/chat/chat.ts';
import { startChat } from './support/chat/chat-gateway.ts';
import { closesAfterEach } from './support/ends.ts';
import type { ModelExchange } from './support/chat/scripted-model.ts';
import { until } from './support/until.ts';

const closing = closesAfterEach();
const done = (exchange: ModelExchange) => exchange.say('Done.');

const NO_NAME = JSON.stringify({ error: 'There is no tool "".' });

describe('[EP1] requests at the edge of what OpenAI takes', () => {
  it.each([0, 1, null, '2', 0.5, -1])('have one finish reason with n %j', async (n) => {
    const chat = await startChat(closing);
    const read = await stream(chat.url, { n });
    expect([wordsOf(read), reasonsOf(read), read.isDone]).toEqual(['Hello.', ['stop'], true]);
  });

  it('are offered tools where functions of the old kind are null', async () => {
    const chat = await startChat(closing);
    await complete(chat.url, { functions: null, tools: null, tool_choice: null });
    expect(chat.model.toolNames()).toEqual(['work', 'create_task', 'look']);
  });

  it('let the model answer after the first round where a choice of allowed tools requires one', async () => {
    const chat = await startChat(closing);
    chat.model.play((exchange) => exchange.ask([{ name: 'work' }]), done);
    const choice = {
      type: 'allowed_tools',
      allowed_tools: { mode: 'required', tools: [{ type: 'function', function: { name: 'work' } }] },
    };
    await complete(chat.url, { tool_choice: choice });
    const auto = { type: 'allowed_tools', allowed_tools: { ...choice.allowed_tools, mode: 'auto' } };
    expect(chat.model.exchanges.map(({ asked }) => asked.tool_choice)).toEqual([choice, auto]);
  });
});

describe.each([true, false])('[EP1] the assistant, streamed: %j', (isStreamed) => {
  it('runs nothing where its caller wants no calls, and says so', async () => {
    const chat = await startChat(closing);
    const asked = { model: 'mcpo-assistant', stream: isStreamed, messages: [{ role: 'user', content: '/create_task title=tea' }] };
    const { text } = await complete(chat.url, { ...asked, tool_choice: 'none' });
    expect(text).toContain('Nothing was run: the request forbids calls (`tool_choice` is `none`).');
    expect(chat.received()).toEqual([]);
    await complete(chat.url, { ...asked, tool_choice: 'auto' });
    expect(chat.received()).toEqual([['create_task', { title: 'tea' }]]);
  });
});

describe('[EP1] streams of models', () => {
  it.each<[string, (exchange: ModelExchange) => unknown, string]>([
    [
      'tell a failure as an object of their own',
      (exchange) => exchange.event({ object: 'error', message: 'Out of memory', code: 7 }),
      'Out of memory',
    ],
    [
      'hold an event that is too long',
      (exchange) => exchange.chunk({ content: 'x'.repeat(9 * 1024 * 1024) }),
      'of more than 8388608 characters',
    ],
  ])('that %s end with an error, and are left', async (_, script, message) => {
    const chat = await startChat(closing);
    chat.model.script = (exchange) => {
      exchange.chunk({ content: 'Half' });
      script(exchange);
    };
    const read = await stream(chat.url);
    expect([wordsOf(read), reasonsOf(read), read.isDone]).toEqual(['Half', [], true]);
    expect(read.events.at(-1)).toEqual(openAiError(expect.stringContaining(message), 'server_error', 'upstream_error'));
    await until('the model is left', () => chat.model.exchanges[0]?.isLeft);
  });

  it('that never end are cut after CHAT_TIMEOUT, with a notice, and left', async () => {
    const chat = await startChat(closing, { CHAT_TIMEOUT: '1' });
    chat.model.script = (exchange) => {
      const more = setInterval(() => exchange.response.write(': thinking\n\n'), 20);
      exchange.response.on('close', () => clearInterval(more));
      exchange.chunk({ content: 'Half' });
    };
    const read = await stream(chat.url);
    expect([wordsOf(read), reasonsOf(read), read.isDone]).toEqual([
      'Half\n\n[The gateway stopped here: no more than 1 s for one answer (CHAT_TIMEOUT).]',
      ['length'],
      true,
    ]);
    await until('the model is left', () => chat.model.exchanges[0]?.isLeft);
  });

  it('are read in any lines, and in pieces that part a character', async () => {
    const chat = await startChat(closing);
    const text =
      'data:{"choices":[{"index":0,"delta":{"content":"naïve ☂"}}]}\r\n\r\ndata:{"choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}\r\n\r\n';
    chat.model.script = async ({ response }) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      for (const byte of Buffer.from(text)) {
        response.write(Buffer.from([byte]));
        await new Promise((resolve) => setImmediate(resolve));
      }
      response.end();
    };
    const read = await stream(chat.url);
    expect([wordsOf(read), reasonsOf(read), read.isDone]).toEqual(['naïve ☂', ['stop'], true]);
  });

  it('that are refused in the second round, with the time to wait, say so', async () => {
    const chat = await startChat(closing);
    chat.model.play(
      (exchange) => exchange.ask([{ name: 'work' }], 'First.'),
      (exchange) =>
        exchange.json(429, { error: { message: 'Slow down', type: 'requests', code: 'rate_limit_exceeded' } }, { 'retry-after': '7' }),
    );
    const read = await stream(chat.url);
    expect([wordsOf(read), reasonsOf(read), read.events.at(-1)]).toEqual([
      'First.',
      [],
      openAiError('Slow down', 'requests', 'rate_limit_exceeded'),
    ]);
    chat.model.script = (exchange) => exchange.json(429, { error: { message: 'Slow down' } }, { 'retry-after': '7' });
    const { status, headers, text } = await complete(chat.url, { stream: true });
    expect([status, headers['retry-after'], JSON.parse(text)]).toEqual([429, '7', openAiError('Slow down', 'rate_limit_error')]);
  });
});

describe.each([true, false])('[EP1] models that are astray, streamed: %j', (streamed) => {
  it('get arguments that are none back as an empty object: their servers would refuse the round', async () => {
    const chat = await startChat(closing);
    chat.model.play(
      (exchange) =>
        exchange.ask([
          { id: 'a', name: 'work', args: '{"q":' },
          { id: 'b', name: 'work', args: '[1]' },
          { id: 'c', name: 'work', args: '' },
          { id: 'd', name: 'work', args: '{"q": 1}' },
        ]),
      done,
    );
    await complete(chat.url, { stream: streamed });
    const asking = chat.model.exchanges[1]?.asked.messages[USER.length];
    expect(asking?.tool_calls?.map((call) => [call.id, call.function.arguments])).toEqual([
      ['a', '{}'],
      ['b', '{}'],
      ['c', '{}'],
      ['d', '{"q": 1}'],
    ]);
  });

  it('keep what they thought in all rounds', async () => {
    const chat = await startChat(closing);
    const call = { id: 'a', type: 'function', function: { name: 'work', arguments: '{}' } };
    chat.model.play(
      (exchange) => {
        if (!exchange.asked.stream)
          return exchange.whole({ role: 'assistant', content: null, reasoning_content: 'First.', tool_calls: [call] }, 'tool_calls');
        exchange.chunk({ reasoning_content: 'First.' });
        exchange.ask([{ id: 'a', name: 'work' }]);
      },
      (exchange) => {
        if (!exchange.asked.stream) return exchange.whole({ role: 'assistant', content: 'Done.', reasoning_content: 'Then.' }, 'stop');
        exchange.chunk({ reasoning_content: 'Then.' });
        exchange.say('Done.');
      },
    );
    const { text } = await complete(chat.url, { stream: streamed });
    expect([text.includes('First.'), text.includes('Then.')]).toEqual([true, true]);
  });

  it('that send what is nothing in particular do no harm', async () => {
    const chat = await startChat(closing);
    chat.model.play((exchange) => {
      const calls = [
        null,
        5,
        {},
        { index: -7, id: 9, function: null },
        { index: 40, function: { name: 'work', arguments: null } },
        { function: { name: 'look', arguments: { q: 1 } }, __proto__: { x: 1 } },
      ];
      if (!exchange.asked.stream) return exchange.whole({ role: 'assistant', content: 7, tool_calls: calls }, 'tool_calls');
      exchange.event({
        choices: [null, 4, { index: 0 }, { index: 0, delta: null }, { delta: { content: 7, tool_calls: {} } }],
        usage: 'much',
      });
      exchange.event({});
      exchange.chunk({ tool_calls: calls });
      exchange.end('tool_calls');
    }, done);
    const { status, text } = await complete(chat.url, { stream: streamed });
    expect([status, text.includes('Done.'), text.match(/"finish_reason":"\w+"/g)]).toEqual([200, true, ['"finish_reason":"stop"']]);
    expect(chat.received()).toEqual([
      ['work', {}],
      ['look', { q: 1 }],
    ]);
    const results = chat.model.exchanges[1]?.asked.messages.slice(USER.length + 1).map(({ content }) => content);
    expect(results).toEqual([NO_NAME, NO_NAME, 'done: work', 'done: look']);
  });

  it('[S4] that write more beside their calls than a round may hold are left', async () => {
    const chat = await startChat(closing);
    const more = Object.fromEntries(Array.from({ length: 60_000 }, (_, at) => [`a signature ${at}`, at]));
    chat.model.script = (exchange) => {
      const calls = [{ index: 0, id: 'a', function: { name: 'work', arguments: '{}' }, ...more }];
      if (!exchange.asked.stream) return exchange.whole({ role: 'assistant', content: null, tool_calls: calls }, 'tool_calls');
      exchange.chunk({ tool_calls: calls });
      exchange.end('tool_calls');
    };
    const { text } = await complete(chat.url, { stream: streamed });
    expect(text).toContain('The model wrote more than 1048576 characters of arguments.');
    expect(chat.received()).toEqual([]);
  });
});
