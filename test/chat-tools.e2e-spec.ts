import { complete, openAiError, stream, USER, reasonsOf, wordsOf } from './support/chat/chat.ts';
import { type ChatGateway, startChat } from './support/chat/chat-gateway.ts';
import { closesAfterEach } from './support/ends.ts';
import { type Exchange, textResult } from './support/raw-mcp-server.ts';
import type { ChatMessage, ModelExchange } from './support/chat/scripted-model.ts';
import { until } from './support/until.ts';

const closing = closesAfterEach();
const PIXEL = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAQAAAC1HAwCAAAAC0lEQVR42mNk+A8AAQUBAScY42YAAAAASUVORK5CYII=';
const OWN_TOOL = { type: 'function', function: { name: 'own', parameters: { type: 'object' } } };

interface Told {
  readonly status: number;
  readonly text: string;
  readonly reason: string | undefined;
}

/** Asks both ways: what the one message says, and why it ended. */
const WAYS = {
  whole: async ({ url }: ChatGateway, body: object = {}, headers = {}): Promise<Told> => {
    const { status, text } = await complete(url, body, headers);
    const { choices } = JSON.parse(text) as { choices?: { message: { content: string }; finish_reason: string }[] };
    return { status, text: choices?.[0]?.message.content ?? text, reason: choices?.[0]?.finish_reason };
  },
  streamed: async ({ url }: ChatGateway, body: object = {}, headers = {}): Promise<Told> => {
    const read = await stream(url, body, headers);
    const reasons = reasonsOf(read);
    expect(reasons.length).toBeLessThanOrEqual(1);
    return { status: read.status, text: wordsOf(read), reason: reasons[0] };
  },
};

const done = (exchange: ModelExchange) => exchange.say('Done.');
const askFor =
  (...calls: Parameters<ModelExchange['ask']>[0]) =>
  (exchange: ModelExchange) =>
    exchange.ask(calls);
/** What the model was given beside what the caller said, in its last round. */
const given = ({ model }: ChatGateway): readonly ChatMessage[] => (model.exchanges.at(-1)?.asked.messages ?? []).slice(1);
const result = (tool_call_id: string, content: unknown) => ({ role: 'tool', tool_call_id, content });
const error = (message: unknown) => JSON.stringify({ error: message });

describe.each(['whole', 'streamed'] as const)('[EP1] tools in a completion, %s', (way) => {
  const ask = WAYS[way];

  it('are offered with their schemas, beside those of the caller', async () => {
    const chat = await startChat(closing);
    await ask(chat, { tools: [OWN_TOOL], temperature: 0.5, unknown_field: [1] });
    const asked = chat.model.exchanges[0]?.asked;
    expect(asked).toMatchObject({ model: 'small', messages: USER, temperature: 0.5, unknown_field: [1] });
    expect(chat.model.toolNames()).toEqual(['own', 'work', 'create_task', 'look']);
    expect(asked?.tools?.[0]).toEqual(OWN_TOOL);
    expect(asked?.tools?.[2]?.function).toEqual({
      name: 'create_task',
      description: 'Creates a task.',
      parameters: { type: 'object', properties: { title: { type: 'string' } }, required: ['title'] },
    });
  });

  it('run over three rounds, whose words are one message', async () => {
    const chat = await startChat(closing);
    chat.model.play(
      (exchange) => exchange.ask([{ id: 'a', name: 'create_task', args: { title: 'One' } }], 'First.'),
      askFor({ id: 'b', name: 'work' }),
      done,
    );
    expect(await ask(chat)).toEqual({ status: 200, text: 'First.\n\nDone.', reason: 'stop' });
    expect(chat.received()).toEqual([
      ['create_task', { title: 'One' }],
      ['work', {}],
    ]);
    const call = (id: string, name: string, args: string) => ({ id, type: 'function', function: { name, arguments: args } });
    expect(given(chat)).toEqual([
      { role: 'assistant', content: 'First.', tool_calls: [call('a', 'create_task', '{"title":"One"}')] },
      result('a', 'done: create_task'),
      { role: 'assistant', content: null, tool_calls: [call('b', 'work', '{}')] },
      result('b', 'done: work'),
    ]);
  });

  it('run at the same time where the model asks for several, and answer in its order', async () => {
    const chat = await startChat(closing);
    const held: Exchange[] = [];
    chat.does = (exchange) => held.push(exchange);
    chat.model.play(askFor({ name: 'work', args: { n: 1 } }, { name: 'look' }, { name: 'work', args: { n: 2 } }), done);
    const answer = ask(chat);
    await until('all three are there', () => held.length === 3);
    for (const exchange of [...held].reverse()) exchange.result(textResult(JSON.stringify(exchange.message.params?.arguments)));
    expect(await answer).toEqual({ status: 200, text: 'Done.', reason: 'stop' });
    expect(given(chat).slice(1)).toEqual([result('call_1_0', '{"n":1}'), result('call_1_1', '{}'), result('call_1_2', '{"n":2}')]);
  });

  it('wait for places of calls, and spend limits of their own', async () => {
    const chat = await startChat(closing, { MAX_CONNECTIONS: '1', RESERVED_CONNECTIONS: '0', RATE_LIMIT_CLIENT: '3' });
    chat.model.play(askFor({ name: 'work' }, { name: 'work' }, { name: 'work' }), done);
    expect(await ask(chat)).toMatchObject({ status: 200, text: 'Done.' });
    const results = given(chat)
      .slice(1)
      .map(({ content }) => content);
    expect(results.filter((content) => content === 'done: work')).toHaveLength(2);
    const [refused] = results.filter((content) => content !== 'done: work');
    expect(JSON.parse(refused as string)).toEqual({
      error: {
        type: 'rate_limit_error',
        status: 429,
        message: expect.stringMatching(/^You may make 3 calls in 60 s/),
        details: { scope: 'client', limit: 3, window_seconds: 60 },
        retry_after: expect.any(Number),
      },
    });
  });

  it.each<[string, unknown, unknown]>([
    [
      'no JSON',
      '{"title": "One',
      expect.stringMatching(/^The arguments are not valid JSON: .* at line 1, column \d+\. Send one JSON object\. The tool did not run\.$/),
    ],
    ['a list', '[1]', 'The arguments must be a JSON object. The tool did not run.'],
    [
      'two readings',
      '{"title":"a","title":"b"}',
      expect.stringMatching(/^The arguments are not valid JSON: a key that the same object has already/),
    ],
    [
      'deep nesting',
      '['.repeat(100) + ']'.repeat(100),
      'The arguments are nested deeper than 64 levels. Send one JSON object. The tool did not run.',
    ],
  ])('are not run with arguments that are %s, and the model is told', async (_, args, message) => {
    const chat = await startChat(closing);
    chat.model.play(askFor({ id: 'a', name: 'create_task', args }), done);
    expect(await ask(chat)).toMatchObject({ text: 'Done.', reason: 'stop' });
    expect(JSON.parse(given(chat)[1]?.content as string)).toEqual({ error: message });
    expect(chat.received()).toEqual([]);
  });

  it('are validated like any call; an empty text is no arguments', async () => {
    const chat = await startChat(closing);
    chat.model.play(askFor({ id: 'a', name: 'create_task', args: '' }, { id: 'b', name: 'work', args: '' }), done);
    await ask(chat);
    const details = { field: 'title', issue: 'required', problems: [{ field: 'title', issue: 'required' }] };
    const fields = { type: 'validation_error', status: 400, message: 'Invalid params: title is required', details };
    expect(JSON.parse(given(chat)[1]?.content as string)).toMatchObject({
      error: { ...fields, details: { field: 'title', issue: 'required' } },
    });
    expect(chat.received()).toEqual([['work', {}]]);
  });

  it('that there are not are told to the model, with names that are close', async () => {
    const chat = await startChat(closing);
    chat.model.play(askFor({ id: 'a', name: 'create_tasks' }, { id: 'b', name: '__proto__' }), done);
    expect(await ask(chat)).toMatchObject({ text: 'Done.' });
    expect(given(chat).slice(1)).toEqual([
      result('a', error('There is no tool "create_tasks". Did you mean create_task?')),
      result('b', error('There is no tool "__proto__".')),
    ]);
  });

  it('that fail are told to the model in their own words', async () => {
    const chat = await startChat(closing);
    chat.does = (exchange) => exchange.result({ ...(textResult('No room.') as object), isError: true });
    chat.model.play(askFor({ id: 'a', name: 'work' }), done);
    await ask(chat);
    expect(given(chat)[1]).toEqual(result('a', error('No room.')));
  });

  it('that the caller may not use are not offered, nor run where the model asks for them', async () => {
    const chat = await startChat(closing, {}, { deniedTools: ['work'] });
    chat.model.play(askFor({ id: 'a', name: 'work' }), done);
    await ask(chat);
    expect(chat.model.toolNames()).toEqual(['create_task', 'look']);
    expect(chat.received()).toEqual([]);
    expect(given(chat)[1]).toEqual(result('a', error('There is no tool "work".')));
  });

  it('show their images to the model; of other bytes it is told what they are', async () => {
    const chat = await startChat(closing);
    const content = [
      { type: 'text', text: 'Look:' },
      { type: 'image', mimeType: 'image/png', data: PIXEL },
      { type: 'audio', mimeType: 'audio/wav', data: PIXEL },
      { type: 'resource', resource: { uri: 'file:///a.pdf', mimeType: 'application/pdf', blob: PIXEL } },
      { type: 'text', text: `see data:application/zip;base64,${PIXEL} there` },
    ];
    chat.does = (exchange) => exchange.result({ content });
    chat.model.play(askFor({ id: 'a', name: 'look' }), done);
    await ask(chat);
    const [, told, shown] = given(chat);
    expect(JSON.parse(told?.content as string)).toEqual([
      'Look:',
      '[image/png: image 1 of those that follow]',
      expect.stringMatching(/^\[audio, audio\/wav, \d+ bytes: not shown\.\]$/),
      expect.stringMatching(/^\[resource file:\/\/\/a\.pdf, application\/pdf, \d+ bytes: not shown\.\]$/),
      `see [application/zip, ${PIXEL.length} characters of Base64: not shown] there`,
    ]);
    const image = { type: 'image_url', image_url: { url: `data:image/png;base64,${PIXEL}` } };
    expect(shown).toEqual({ role: 'user', content: [{ type: 'text', text: 'What the tool look showed (a):' }, image] });
  });

  it('end in a loop after CHAT_MAX_ROUNDS rounds, with a notice', async () => {
    const chat = await startChat(closing, { CHAT_MAX_ROUNDS: '3' });
    chat.model.script = askFor({ name: 'work' });
    const notice = '[The gateway stopped here: no more than 3 rounds of tools for one answer (CHAT_MAX_ROUNDS).]';
    expect(await ask(chat)).toEqual({ status: 200, text: notice, reason: 'length' });
    expect([chat.model.exchanges.length, chat.received().length]).toEqual([3, 2]);
  });

  it('run no more than CHAT_MAX_CALLS times; the model is told of the others', async () => {
    const chat = await startChat(closing, { CHAT_MAX_CALLS: '2' });
    chat.model.play(askFor({ name: 'work' }, { name: 'work' }, { name: 'look' }), done);
    await ask(chat);
    expect(chat.received()).toHaveLength(2);
    const message = 'No more than 2 calls run for one answer (CHAT_MAX_CALLS); this one did not run.';
    expect(given(chat)[3]).toEqual(result('call_1_2', error(message)));
  });

  it('give the model no more than CHAT_MAX_RESULT_CHARACTERS of a result, and say so', async () => {
    const chat = await startChat(closing, { CHAT_MAX_RESULT_CHARACTERS: '100' });
    chat.does = (exchange) => exchange.result(textResult('x'.repeat(99) + '\u{1f600}'.repeat(50)));
    chat.model.play(askFor({ id: 'a', name: 'work' }), done);
    await ask(chat);
    const notice = '[cut: the result has 199 characters, of which a model gets 100 (CHAT_MAX_RESULT_CHARACTERS)]';
    expect(given(chat)[1]).toEqual(result('a', `${'x'.repeat(99)}\n${notice}`));
  });

  it('are no more than CHAT_MAX_TOOLS', async () => {
    const chat = await startChat(closing, { CHAT_MAX_TOOLS: '2' });
    await ask(chat);
    expect(chat.model.toolNames()).toEqual(['work', 'create_task']);
  });

  it('that are too slow are given up after CHAT_TIMEOUT, with a notice behind what was said', async () => {
    const chat = await startChat(closing, { CHAT_TIMEOUT: '2' });
    chat.does = () => undefined;
    chat.model.play((exchange) => exchange.ask([{ name: 'work' }], 'Wait.'));
    const notice = '[The gateway stopped here: no more than 2 s for one answer (CHAT_TIMEOUT).]';
    expect(await ask(chat)).toEqual({ status: 200, text: `Wait.\n\n${notice}`, reason: 'length' });
  });

  it('are made once for an Idempotency-Key, however often the completion is asked for; one that asks twice has two made', async () => {
    const chat = await startChat(closing);
    const twice = askFor({ name: 'create_task', args: { title: 'One' } }, { name: 'create_task', args: { title: 'One' } });
    chat.model.script = (exchange) => (exchange.round % 2 === 1 ? twice(exchange) : done(exchange));
    for (const key of ['k1', 'k1']) await ask(chat, {}, { 'idempotency-key': key });
    expect(chat.received()).toHaveLength(2);
    await ask(chat, {}, { 'idempotency-key': 'k2' });
    expect(chat.received()).toHaveLength(4);
  });

  it.each([
    ['none', undefined, []],
    ['auto', 'auto', ['auto', 'auto']],
    ['required', 'required', ['required', 'auto']],
    [
      { type: 'function', function: { name: 'work' } },
      { type: 'function', function: { name: 'work' } },
      [{ type: 'function', function: { name: 'work' } }, 'auto'],
    ],
  ])('are called as tool_choice %j says: in the first round, so that the model can answer', async (choice, _, told) => {
    const chat = await startChat(closing);
    chat.model.script = (exchange) => (exchange.round === 1 && exchange.asked.tools ? exchange.ask([{ name: 'work' }]) : done(exchange));
    expect(await ask(chat, { tool_choice: choice })).toMatchObject({ text: 'Done.' });
    expect(chat.model.exchanges.flatMap(({ asked }) => asked.tool_choice ?? [])).toEqual(told);
    expect(chat.received()).toHaveLength(choice === 'none' ? 0 : 1);
  });

  it('of the gateway have the server in front where the caller has one of the name', async () => {
    const chat = await startChat(closing);
    const theirs = { type: 'function', function: { name: 'work', parameters: { type: 'object' } } };
    chat.model.play(askFor({ id: 'a', name: 'default_work' }), done);
    expect(await ask(chat, { tools: [theirs] })).toMatchObject({ text: 'Done.' });
    expect(chat.model.toolNames()).toEqual(['work', 'default_work', 'create_task', 'look']);
    expect(chat.received()).toEqual([['work', {}]]);
  });

  it('are not offered again to a model that takes none, unless the caller asks for some', async () => {
    const chat = await startChat(closing);
    const message = 'registry.example/library/small does not support tools';
    chat.model.script = (exchange) => (exchange.asked.tools ? exchange.json(400, { error: { message } }) : exchange.say('No tools.'));
    expect(await ask(chat)).toEqual({ status: 200, text: 'No tools.', reason: 'stop' });
    expect((await complete(chat.url, { tools: [OWN_TOOL], stream: way === 'streamed' })).status).toBe(400);
    expect((await complete(chat.url, { tool_choice: 'required', stream: way === 'streamed' })).status).toBe(400);
  });

  it('are not run where the model was cut off while it asked for them', async () => {
    const chat = await startChat(closing);
    chat.model.play((exchange) => exchange.ask([{ name: 'work' }], 'So', 'length'), done);
    expect(await ask(chat)).toEqual({ status: 200, text: 'So', reason: 'length' });
    expect(chat.received()).toEqual([]);
  });
});

describe('[EP1] usage of a completion', () => {
  it('is the sum of its rounds', async () => {
    const chat = await startChat(closing);
    chat.model.play(askFor({ name: 'work' }), done);
    const { text } = await complete(chat.url);
    expect((JSON.parse(text) as { usage: unknown }).usage).toEqual({
      prompt_tokens: 20,
      completion_tokens: 4,
      total_tokens: 24,
      prompt_tokens_details: { cached_tokens: 2 },
    });
  });
});

describe("[EP1][E1] failures of the model's server", () => {
  const headers = { 'content-type': 'application/json' };
  const told = async (chat: ChatGateway) => {
    const { status, text, headers: got } = await complete(chat.url, { stream: true });
    return { status, after: got['retry-after'], body: JSON.parse(text) as unknown };
  };

  it.each<[string, number, string, Record<string, string>, number, unknown]>([
    [
      '429',
      429,
      '{"error":{"message":"Slow down","type":"tokens","param":null,"code":"rate_limit_exceeded"}}',
      { 'retry-after': '7' },
      429,
      openAiError('Slow down', 'tokens', 'rate_limit_exceeded'),
    ],
    [
      '400',
      400,
      '{"error":{"message":"Too long","type":"invalid_request_error","param":"messages","code":"context_length_exceeded"}}',
      {},
      400,
      openAiError('Too long', 'invalid_request_error', 'context_length_exceeded', 'messages'),
    ],
    ['400 of another shape', 400, '{"detail":"No such field"}', {}, 400, openAiError('No such field', 'invalid_request_error')],
    [
      '500 that is no JSON',
      500,
      '<html>Oops</html>',
      {},
      502,
      openAiError("The model's server answered HTTP 500.", 'server_error', 'upstream_error'),
    ],
    [
      '503',
      503,
      '{"error":"model is loading"}',
      { 'retry-after': '3' },
      503,
      openAiError('model is loading', 'server_error', 'upstream_error'),
    ],
    [
      'a redirect',
      302,
      '',
      { location: 'http://127.0.0.1:1/' },
      502,
      openAiError("The model's server answered HTTP 302, a redirect.", 'server_error', 'upstream_error'),
    ],
  ])('%s are told in the shape of OpenAI', async (_, status, body, more, told_, expected) => {
    const chat = await startChat(closing);
    chat.model.script = (exchange) => exchange.send(status, body, { ...headers, ...more });
    expect(await told(chat)).toEqual({ status: told_, after: (more as Record<string, string>)['retry-after'], body: expected });
  });

  it("[S6] a refusal of the gateway's key is no 401 of the caller's, and no error shows the key", async () => {
    const chat = await startChat(closing, { OPENAI_API_KEY: 'canary-key-of-model' });
    chat.model.script = (exchange) => exchange.json(401, { error: { message: 'Incorrect API key provided: canary-key-of-model' } });
    const message =
      "The model's server refused the gateway's own key (HTTP 401): whoever runs the gateway has to renew it (OPENAI_API_KEY).";
    expect(await told(chat)).toEqual({ status: 502, after: undefined, body: openAiError(message, 'server_error', 'gateway_credentials') });
    chat.model.script = (exchange) => exchange.json(400, { error: { message: 'Not for canary-key-of-model' } });
    expect(await told(chat)).toMatchObject({ status: 400, body: { error: { message: 'Not for [hidden]' } } });
    expect(chat.model.exchanges.map(({ headers: { authorization } }) => authorization)).toEqual(
      Array(2).fill('Bearer canary-key-of-model'),
    );
  });

  it('a server that is away is told, also in the middle of rounds', async () => {
    const chat = await startChat(closing);
    await complete(chat.url);
    await chat.model.stop();
    const { status, body } = await told(chat);
    expect({ status, body }).toEqual({
      status: 502,
      body: openAiError(expect.stringMatching(/^The model's server cannot be reached: .+\.$/), 'server_error', 'upstream_unavailable'),
    });
  });

  it.each(['{}', 'nothing', '{"choices":[{}]}', '{"choices":[]}', '[]'])('a completion that is %s is told', async (body) => {
    const chat = await startChat(closing);
    chat.model.script = (exchange) => exchange.send(200, body, headers);
    const { status, text } = await complete(chat.url);
    expect({ status, body: JSON.parse(text) as unknown }).toEqual({
      status: 502,
      body: openAiError("The model's server answered what is no completion.", 'server_error', 'upstream_error'),
    });
  });

  it('one that does not answer within CHAT_TIMEOUT is given up', async () => {
    const chat = await startChat(closing, { CHAT_TIMEOUT: '1' });
    chat.model.script = () => undefined;
    const { status, text } = await complete(chat.url);
    const message = 'There is no answer: no more than 1 s for one answer (CHAT_TIMEOUT).';
    expect({ status, body: JSON.parse(text) as unknown }).toEqual({
      status: 504,
      body: openAiError(message, 'server_error', 'upstream_timeout'),
    });
    await until('the model is left', () => chat.model.exchanges[0]?.isLeft);
  });
});
