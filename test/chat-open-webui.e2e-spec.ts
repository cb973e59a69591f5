import { complete, openAiError, reasonsOf, statusesOf, stream, wordsOf } from './support/chat/chat.ts';
import { type ChatGateway, startChat } from './support/chat/chat-gateway.ts';
import { ChatEvents } from './support/chat/chat-events.ts';
import { closesAfterEach } from './support/ends.ts';
import { post } from './support/exchange.ts';
import { until } from './support/until.ts';

const closing = closesAfterEach();
const TITLE = '### Task:\nGenerate a concise title.\n### Chat History:\n<chat_history>\nUSER: create a task\n</chat_history>';
const asked = (content: unknown, ...before: object[]) => ({ messages: [...before, { role: 'user', content }] });
const CHAT = { 'x-openwebui-chat-id': 'c1', 'x-openwebui-auth-type': 'jwt' };

/** A model that asks for a tool whenever it is offered some. */
async function start(environment: Record<string, string> = {}): Promise<ChatGateway> {
  const chat = await startChat(closing, environment);
  chat.model.script = (exchange) =>
    exchange.asked.tools && exchange.asked.messages.at(-1)?.role !== 'tool' ? exchange.ask([{ name: 'work' }]) : exchange.say('Title');
  return chat;
}

describe('[EP1] requests of Open WebUI for titles, tags and the like', () => {
  it.each<[string, object, Record<string, string>]>([
    ['a header that names the task', asked('Anything'), { 'x-task': 'title_generation' }],
    ['a header that names the task, streamed', { ...asked('Anything'), stream: true }, { 'x-task': 'title_generation' }],
    ['their form, with its headers', asked(TITLE), CHAT],
    ['their form alone, where no header tells', asked(TITLE), {}],
    ['their form, in parts', asked([{ type: 'text', text: TITLE }]), {}],
    ['their form, behind the system prompt of a workspace model', asked(TITLE, { role: 'system', content: 'Be nice.' }), {}],
    ['their form, where the template of the header is not known', asked(TITLE), { 'x-task': '{{TASK}}' }],
    ['their form, with an empty list of tools', { ...asked(TITLE), tools: [] }, {}],
  ])('run no tool: told by %s', async (_, body, headers) => {
    const chat = await start();
    expect((await complete(chat.url, body, headers)).status).toBe(200);
    expect([chat.model.toolNames(), chat.received()]).toEqual([[], []]);
  });

  it.each<[string, object, Record<string, string>]>([
    ['is streamed', { ...asked(TITLE), stream: true }, CHAT],
    ['brings tools', { ...asked(TITLE), tools: [{ type: 'function', function: { name: 'own' } }] }, CHAT],
    ['has been answered before', asked(TITLE, { role: 'user', content: 'Hi' }, { role: 'assistant', content: 'Hi' }), CHAT],
    ['says it elsewhere', asked(`Please: ${TITLE}`), CHAT],
    ['says by the header that it is a chat', asked(TITLE), { ...CHAT, 'x-task': '' }],
    ['is not streamed, and no more', asked('Create a task.'), CHAT],
  ])('are told from a chat that %s', async (_, body, headers) => {
    const chat = await start();
    await complete(chat.url, body, headers);
    expect(chat.received()).toEqual([['work', {}]]);
  });

  it('of the assistant get nothing, and run nothing', async () => {
    const chat = await start();
    const { text } = await complete(chat.url, { model: 'mcpo-assistant', ...asked(TITLE) });
    const { choices } = JSON.parse(text) as { choices: { message: { content: string } }[] };
    expect([choices[0]?.message.content, chat.received()]).toEqual(['{}', []]);
  });
});

describe('[EP1] Open WebUI as a caller', () => {
  it.each(['x-openwebui-chat-id', 'x-openwebui-user-name', 'x-openwebui-auth-type', 'X-OpenWebUI-Anything'])(
    'is known by its header %s, which decides the form alone',
    async (header) => {
      const chat = await start();
      const read = await stream(chat.url, {}, { [header]: 'x' });
      expect(statusesOf(read)).toEqual([
        { description: 'Running work', done: false },
        { description: 'Ran work', done: true },
      ]);
      expect([wordsOf(read), reasonsOf(read)]).toEqual(['Title', ['stop']]);
    },
  );

  it('is shown each call once: with the answer where that is streamed, else by the key for statuses', async () => {
    const chats = closing(await ChatEvents.start());
    const chat = await start({ OPENWEBUI_URL: chats.url, OPENWEBUI_API_KEY: 'key-of-an-admin' });
    chat.does = (exchange) => {
      const { progressToken } = exchange.message.params?._meta ?? {};
      const progress = { jsonrpc: '2.0', method: 'notifications/progress', params: { progressToken, progress: 1, total: 2 } };
      exchange.stream(progress, exchange.answer());
    };
    const ids = { 'x-openwebui-chat-id': 'c1', 'x-openwebui-message-id': 'm1' };
    expect(statusesOf(await stream(chat.url, {}, ids))).toEqual([
      { description: 'Running work', done: false },
      { description: 'work: 1 of 2', done: false },
      { description: 'Ran work', done: true },
    ]);
    expect((await complete(chat.url, {}, ids)).status).toBe(200);
    await until('the end is told', () => chats.statuses.some((status) => (status as { done: boolean }).done));
    expect(chats.statuses).toEqual([
      { description: 'work: 1 of 2', done: false },
      { description: 'work: done', done: true },
    ]);
  });

  it('is answered with a clear 404 where it uses the API of responses', async () => {
    const chat = await start();
    const { status, text } = await post(chat.url, '/v1/responses', { model: 'small', input: 'Hi' });
    const { error } = JSON.parse(text) as { error: { message: string } };
    expect([status, error.message]).toEqual([404, 'There is nothing at POST /v1/responses. The tools are described at /openapi.json.']);
  });

  it('gets an error of the model before the stream as JSON with a message, and in the stream as an event', async () => {
    const chat = await start();
    chat.model.script = (exchange) =>
      exchange.round === 2 ? exchange.ask([{ name: 'work' }]) : exchange.json(429, { error: { message: 'Slow down' } });
    const before = await complete(chat.url, { stream: true }, CHAT);
    expect([before.status, JSON.parse(before.text)]).toEqual([429, openAiError('Slow down', 'rate_limit_error')]);
    const read = await stream(chat.url, {}, CHAT);
    expect([read.status, read.events.at(-1)]).toEqual([200, openAiError('Slow down', 'rate_limit_error')]);
  });
});

describe('[EP1] the assistant', () => {
  it.each([true, false])('answers without a model, streamed: %j', async (streamed) => {
    const chat = await start();
    const ask = { model: 'mcpo-assistant', ...asked('Hi') };
    if (streamed) {
      const read = await stream(chat.url, ask);
      expect([wordsOf(read).length > 0, reasonsOf(read), read.isDone]).toEqual([true, ['stop'], true]);
    } else {
      expect(JSON.parse((await complete(chat.url, ask)).text)).toEqual({
        id: expect.stringMatching(/^chatcmpl-[\da-f]{32}$/),
        object: 'chat.completion',
        created: expect.any(Number),
        model: 'mcpo-assistant',
        choices: [{ index: 0, message: { role: 'assistant', content: expect.stringMatching(/./) }, logprobs: null, finish_reason: 'stop' }],
        usage: { prompt_tokens: 0, completion_tokens: 0, total_tokens: 0 },
      });
    }
    expect(chat.model.exchanges).toEqual([]);
  });
});
