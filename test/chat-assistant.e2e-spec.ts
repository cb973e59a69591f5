import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { type ReadStream, reasonsOf, statusesOf, stream, complete, wordsOf } from './support/chat/chat.ts';
import { type ChatGateway, startChat } from './support/chat/chat-gateway.ts';
import { closesAfterEach } from './support/ends.ts';
import { textResult, toolOf } from './support/raw-mcp-server.ts';

const closing = closesAfterEach();
const MODEL = 'mcpo-assistant';
const OPEN_WEBUI = { 'x-openwebui-chat-id': 'c1' };
type Message = Record<string, unknown>;
const user = (content: string): Message => ({ role: 'user', content });
const TOOLS = [
  { name: 'list_notes', description: 'Lists all notes.', inputSchema: { type: 'object' }, annotations: { readOnlyHint: true } },
  {
    name: 'create_note',
    description: 'Creates a note.',
    inputSchema: {
      type: 'object',
      properties: { title: { type: 'string', description: 'The title.' }, color: { type: 'string', enum: ['red', 'blue'] } },
      required: ['title', 'color'],
    },
    annotations: { readOnlyHint: false, destructiveHint: false },
  },
  {
    name: 'delete_note',
    description: 'Deletes a note.',
    inputSchema: { type: 'object', properties: { note_id: { type: 'string' } }, required: ['note_id'] },
    annotations: { destructiveHint: true },
  },
];

function start(environment: Record<string, string> = {}): Promise<ChatGateway> {
  return startChat(closing, environment, { trustAnnotations: true }, TOOLS);
}

interface Said {
  readonly content: string;
  readonly reason: string;
  readonly calls: readonly { readonly id: string; readonly function: { readonly name: string; readonly arguments: string } }[];
}

/** What is said to these messages, streamed or not. */
async function say(
  chat: ChatGateway,
  messages: readonly Message[],
  isStreamed: boolean,
  headers: Record<string, string> = {},
): Promise<Said> {
  const body = { model: MODEL, messages };
  if (isStreamed) {
    const read: ReadStream = await stream(chat.url, body, headers);
    expect(read.isDone).toBe(true);
    const [reason, ...more] = reasonsOf(read);
    expect(more).toEqual([]);
    const chunks = read.events as { choices?: { delta: { tool_calls?: Said['calls'] } }[] }[];
    return { content: wordsOf(read), reason: reason ?? '', calls: chunks.flatMap(({ choices }) => choices?.[0]?.delta.tool_calls ?? []) };
  }
  const { text, status } = await complete(chat.url, body, headers);
  expect(status).toBe(200);
  const { choices } = JSON.parse(text) as {
    choices: { message: { content: string; tool_calls?: Said['calls'] }; finish_reason: string }[];
  };
  const [choice] = choices;
  return { content: choice?.message.content ?? '', reason: choice?.finish_reason ?? '', calls: choice?.message.tool_calls ?? [] };
}

/** The conversation as Open WebUI goes on with it when its user has answered. */
function answered(before: readonly Message[], { content, calls }: Said, told: unknown): Message[] {
  const [call] = calls;
  const text = typeof told === 'string' ? told : JSON.stringify(told);
  return [...before, { role: 'assistant', content, tool_calls: calls }, { role: 'tool', tool_call_id: call?.id, content: text }];
}

const argumentsOf = ({ calls: [call] }: Said) => JSON.parse(call?.function.arguments ?? '{}') as unknown;
const YES = { label: 'Yes', description: 'Run it.' };
const NO = { label: 'No', description: 'Run nothing.' };

describe.each([true, false])('[EP1] the assistant at the face, streamed: %j', (isStreamed) => {
  it('helps, with the tools that the caller may use', async () => {
    const chat = await start();
    const { content, reason } = await say(chat, [user('help')], isStreamed);
    expect([['list_notes', 'create_note', 'delete_note'].every((name) => content.includes(name)), reason]).toEqual([true, 'stop']);
    expect((await say(chat, [user('help create_note')], isStreamed)).content).toContain('title');
    expect(chat.received()).toEqual([]);
  });

  it('runs commands with pairs and with JSON', async () => {
    const chat = await start();
    const pairs = await say(chat, [user('/create_note title="Buy milk, eggs" color=red')], isStreamed);
    expect(pairs.content).toBe('Running `create_note` with `title`: Buy milk, eggs, `color`: red.\n\ndone: create\\_note');
    await say(chat, [user('/create_note {"title":"A","color":"blue"}')], isStreamed);
    expect(chat.received()).toEqual([
      ['create_note', { title: 'Buy milk, eggs', color: 'red' }],
      ['create_note', { title: 'A', color: 'blue' }],
    ]);
  });

  it('asks back for what is missing, and takes it from the next message', async () => {
    const chat = await start();
    const before = [user('/create_note color=red')];
    const asked = await say(chat, before, isStreamed);
    expect([asked.content, asked.reason, asked.calls]).toEqual([expect.stringMatching(/^To run `create_note` I need `title`/), 'stop', []]);
    await say(chat, [...before, { role: 'assistant', content: asked.content }, user('Milk')], isStreamed);
    expect(chat.received()).toEqual([['create_note', { color: 'red', title: 'Milk' }]]);
  });

  it.each([
    ['yes', [['delete_note', { note_id: 'n1' }]]],
    ['no', []],
    ['perhaps', []],
  ] as const)('asks before it destroys, also where the tool is named, and is told: %s', async (answer, received) => {
    const chat = await start();
    const before = [user('/delete_note n1')];
    const asked = await say(chat, before, isStreamed);
    expect(asked.content).toMatch(/^Shall I run `delete_note`\? It may destroy/);
    expect(chat.received()).toEqual([]);
    await say(chat, [...before, { role: 'assistant', content: asked.content }, user(answer)], isStreamed);
    expect(chat.received()).toEqual(received);
  });

  it('is not sure, says so, and runs nothing', async () => {
    const chat = await start();
    for (const text of ['frobnicate everything', 'notes?? create delete', 'what would happen if I deleted a note?'])
      await say(chat, [user(text)], isStreamed);
    expect(chat.received().filter(([name]) => name !== 'list_notes')).toEqual([]);
    expect((await say(chat, [user('frobnicate everything')], isStreamed)).content).toMatch(/not sure/);
  });
});

describe('[EP1] questions of the assistant in Open WebUI', () => {
  const before = [user('/delete_note n1')];

  it('are asked by one call of ask_user, alone, with the safe answer first; the answer comes from the next request', async () => {
    const chat = await start();
    const asked = await say(chat, before, true, OPEN_WEBUI);
    expect([asked.reason, asked.calls.map(({ function: { name } }) => name)]).toEqual(['tool_calls', ['ask_user']]);
    expect(argumentsOf(asked)).toEqual({
      questions: [
        { id: 'confirm', header: 'delete_note', question: expect.stringMatching(/^Shall I run `delete_note`\?/), options: [NO, YES] },
      ],
      allow_other: true,
      timeout_ms: 240_000,
    });
    expect(asked.content).toContain('"note_id": "n1"');
    expect(chat.received()).toEqual([]);
    const read = await stream(
      chat.url,
      {
        model: MODEL,
        messages: answered(before, asked, { status: 'answered', answers: { confirm: { type: 'option', option_index: 1, ...YES } } }),
      },
      OPEN_WEBUI,
    );
    expect([chat.received(), reasonsOf(read), statusesOf(read)]).toEqual([
      [['delete_note', { note_id: 'n1' }]],
      ['stop'],
      [
        { description: 'Running delete_note', done: false },
        { description: 'Ran delete_note', done: true },
      ],
    ]);
  });

  it.each<[string, unknown]>([
    ['No', { status: 'answered', answers: { confirm: 'No' } }],
    ['No, of the options', { status: 'answered', answers: { confirm: { type: 'option', option_index: 0, ...NO } } }],
    ['of another form', { status: 'answered', answers: { confirm: { yes: true } } }],
    ['something else', { status: 'answered', answers: { confirm: ['Later', 'perhaps'] } }],
    ['nothing', { status: 'answered', answers: {} }],
    ['that it was left', { status: 'cancelled', answers: {}, timed_out: true }],
    ['that it was refused', 'Error: tool call rejected by user.'],
  ])('run nothing when the answer is %s', async (_, told) => {
    const chat = await start();
    const asked = await say(chat, before, true, OPEN_WEBUI);
    const { content } = await say(chat, answered(before, asked, told), true, OPEN_WEBUI);
    expect([chat.received(), content === '']).toEqual([[], false]);
  });

  it.each([
    'Error: Tool "ask_user" not found.',
    '{"status":"error","error":"User input requires an active browser session with WebSocket connection."}',
  ])('are asked in words where nobody could be asked: %s', async (told) => {
    const chat = await start();
    const asked = await say(chat, before, true, OPEN_WEBUI);
    const messages = answered(before, asked, told);
    const again = await say(chat, messages, true, OPEN_WEBUI);
    expect([again.content, again.reason, again.calls]).toEqual([asked.content, 'stop', []]);
    await say(chat, [...messages, { role: 'assistant', content: again.content }, user('yes')], true, OPEN_WEBUI);
    expect(chat.received()).toEqual([['delete_note', { note_id: 'n1' }]]);
  });

  it('for one of a few values offer these; for others are words, since they are typed', async () => {
    const chat = await start();
    const asking = [user('/create_note title=Milk')];
    const asked = await say(chat, asking, true, OPEN_WEBUI);
    expect(argumentsOf(asked)).toMatchObject({ questions: [{ id: 'argument', options: [{ label: 'red' }, { label: 'blue' }] }] });
    await say(
      chat,
      answered(asking, asked, { status: 'answered', answers: { argument: { type: 'other', text: 'blue' } } }),
      true,
      OPEN_WEBUI,
    );
    expect(chat.received()).toEqual([['create_note', { title: 'Milk', color: 'blue' }]]);
    const typed = await say(chat, [user('/create_note color=red')], true, OPEN_WEBUI);
    expect([typed.reason, typed.calls]).toEqual(['stop', []]);
  });

  it('are words for others, where it is not streamed, and where no calls are wanted', async () => {
    const chat = await start();
    for (const asked of [await say(chat, before, true), await say(chat, before, false, OPEN_WEBUI)])
      expect([asked.reason, asked.calls]).toEqual(['stop', []]);
    const read = await stream(chat.url, { model: MODEL, messages: before, tool_choice: 'none' }, OPEN_WEBUI);
    expect(reasonsOf(read)).toEqual(['stop']);
    expect(chat.received()).toEqual([]);
  });
});

describe('[EP1] tool runs of the assistant', () => {
  const create = { model: MODEL, messages: [user('/create_note title=A color=red')] };

  it('[S1] are those that the caller may make', async () => {
    const file = path.join(mkdtempSync(path.join(tmpdir(), 'keys-')), 'keys.json');
    const keys = [
      { name: 'reader', key: 'key-of-the-reader', tools: { deny: ['create_*', 'delete_*'] } },
      { name: 'writer', key: 'key-of-the-writer' },
    ];
    writeFileSync(file, JSON.stringify(keys));
    const chat = await start({ API_KEYS_FILE: file });
    const as = (key: string) => complete(chat.url, create, { authorization: `Bearer ${key}` });
    expect((await as('key-of-the-reader')).text).toContain('There is no tool `create_note`');
    expect(chat.received()).toEqual([]);
    expect((await as('key-of-the-writer')).status).toBe(200);
    expect(chat.received()).toEqual([['create_note', { title: 'A', color: 'red' }]]);
    expect((await complete(chat.url, create)).status).toBe(401);
    expect(chat.received()).toHaveLength(1);
  });

  it('[E4] spend limits of calls beside the one of the completion, and tell of them', async () => {
    const chat = await start({ RATE_LIMIT_CLIENT: '3' });
    expect((await complete(chat.url, create)).status).toBe(200);
    const { status, text } = await complete(chat.url, create);
    expect([status, text]).toEqual([200, expect.stringMatching(/You may make 3 calls in 60 s.*try again in \d+ s/)]);
    expect(chat.received()).toHaveLength(1);
  });

  it('are made once for an Idempotency-Key', async () => {
    const chat = await start();
    for (let times = 0; times < 2; times += 1) await complete(chat.url, create, { 'idempotency-key': 'k1' });
    expect(chat.received()).toHaveLength(1);
  });

  it('that fail are told, and leave no status open', async () => {
    const chat = await start();
    chat.does = (exchange) => exchange.result({ ...(textResult('No room.') as object), isError: true });
    const read = await stream(chat.url, create, OPEN_WEBUI);
    expect([wordsOf(read), statusesOf(read).at(-1)]).toEqual([
      expect.stringContaining('No room.'),
      { description: 'Ran create_note', done: true },
    ]);
  });

  it('know other tools than these, too', async () => {
    const chat = await startChat(closing, {}, {}, [toolOf('work')]);
    expect((await say(chat, [user('/work')], true)).content).toContain('done: work');
  });
});

describe('[S4] arguments of the assistant', () => {
  const REMIND = {
    name: 'remind',
    description: 'Reminds.',
    inputSchema: { type: 'object', properties: { at: { type: 'string', format: 'date-time' }, n: { type: 'integer', maximum: 5 } } },
    annotations: { readOnlyHint: true },
  };
  const asked = async (text: string, more: object) => {
    const chat = await startChat(closing, {}, { trustAnnotations: true, ...more }, [REMIND]);
    const { content } = await say(chat, [user(text)], false);
    return { wasRefused: content.includes('do not fit'), received: chat.received() };
  };

  it.each([
    ['/remind {"at":"next Friday"}', {}],
    ['/remind {"at":"next Friday","n":9}', { validation: 'types' }],
  ])('%s is run where a call would be: %j', async (text, more) => {
    expect(await asked(text, more)).toEqual({ wasRefused: false, received: [['remind', JSON.parse(text.slice('/remind'.length))]] });
  });

  it.each([
    ['/remind {"at":"next Friday"}', { formats: 'on' }],
    ['/remind {"n":9}', {}],
  ])('%s is not run where a call would not be: %j', async (text, more) => {
    expect(await asked(text, more)).toEqual({ wasRefused: true, received: [] });
  });
});
