import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { jest } from '@jest/globals';
import { complete, reasonsOf, stream } from './support/chat/chat.ts';
import { type ChatGateway, startChat } from './support/chat/chat-gateway.ts';
import { closesAfterEach } from './support/ends.ts';
import { httpUpstream, startGatewayHere } from './support/gateway.ts';
import { allListed } from './support/listed.ts';
import { textResult } from './support/raw-mcp-server.ts';
import { redisIsUp } from './support/redis/redis-of.ts';
import { RedisServer } from './support/redis/redis-server.ts';
import type { ChatMessage, ModelExchange } from './support/chat/scripted-model.ts';

const closing = closesAfterEach();
const OWN_TOOL = { type: 'function', function: { name: 'own', parameters: { type: 'object' } } };
const PIXEL = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAQAAAC1HAwCAAAAC0lEQVR42mNk+A8AAQUBAScY42YAAAAASUVORK5CYII=';
const USER = { role: 'user', content: 'Do it.' };

/** A round of its own, then one in which it asks for both; afterwards it is done. */
const mixed = (exchange: ModelExchange) => {
  const { messages } = exchange.asked;
  if (messages.some(({ tool_call_id: id }) => id === 'theirs')) return exchange.say('Done.');
  if (!messages.some(({ tool_call_id: id }) => id === 'first')) return exchange.ask([{ id: 'first', name: 'work' }], 'First.');
  exchange.ask(
    [
      { id: 'ours', name: 'work' },
      { id: 'theirs', name: 'own', args: { q: 1 } },
      { id: 'seen', name: 'look' },
    ],
    'Both.',
  );
};

async function start(environment: Record<string, string> = {}, more: Parameters<typeof startChat>[2] = {}): Promise<ChatGateway> {
  const chat = await startChat(closing, environment, more);
  const image = { type: 'image', mimeType: 'image/png', data: PIXEL };
  chat.does = (exchange) => {
    const { name } = exchange.message.params ?? {};
    exchange.result(name === 'look' ? { content: [image] } : textResult(`done: ${name}`));
  };
  chat.model.script = mixed;
  return chat;
}

type Headers = Record<string, string>;

/** The message that the client is to answer. */
async function ask(url: string, headers: Headers = {}): Promise<ChatMessage> {
  const { status, text } = await complete(url, { messages: [USER], tools: [OWN_TOOL] }, headers);
  const { choices } = JSON.parse(text) as { choices: { message: ChatMessage; finish_reason: string }[] };
  expect([status, choices[0]?.finish_reason]).toEqual([200, 'tool_calls']);
  return choices[0]?.message as ChatMessage;
}

/** Comes back with the client's own result; what the model is given then, behind what the user said. */
async function comeBack({ model }: ChatGateway, url: string, message: ChatMessage, headers: Headers = {}, user: object = USER) {
  const messages = [user, message, { role: 'tool', tool_call_id: 'theirs', content: 'mine' }];
  expect((await complete(url, { messages, tools: [OWN_TOOL] }, headers)).status).toBe(200);
  return (model.exchanges.at(-1)?.asked.messages ?? []).slice(1);
}

const call = (id: string, name: string, args = '{}') => ({ id, type: 'function', function: { name, arguments: args } });
const result = (tool_call_id: string, content: string) => ({ role: 'tool', tool_call_id, content });
const THEIRS = call('theirs', 'own', '{"q":1}');
const WHOLE = [
  { role: 'assistant', content: 'First.', tool_calls: [call('first', 'work')] },
  result('first', 'done: work'),
  { role: 'assistant', content: 'Both.', tool_calls: [call('ours', 'work'), THEIRS, call('seen', 'look')] },
  result('ours', 'done: work'),
  result('theirs', 'mine'),
  result('seen', '[image/png: image 1 of those that follow]'),
  {
    role: 'user',
    content: [
      { type: 'text', text: 'What the tool look showed (seen):' },
      { type: 'image_url', image_url: { url: `data:image/png;base64,${PIXEL}` } },
    ],
  },
];
/** Without what was kept: the conversation as the client has it. */
const BARE = [{ role: 'assistant', content: 'First.\n\nBoth.', tool_calls: [THEIRS] }, result('theirs', 'mine')];

describe("[EP1] rounds in which a model asks for the gateway's tools and the caller's at once", () => {
  it('give the caller its own calls alone; when it comes back the model gets both results, in order', async () => {
    const chat = await start();
    const message = await ask(chat.url);
    expect(message).toEqual({ role: 'assistant', content: 'First.\n\nBoth.', tool_calls: [THEIRS] });
    expect(
      chat
        .received()
        .map(([name]) => name)
        .sort(),
    ).toEqual(['look', 'work', 'work']);
    expect(await comeBack(chat, chat.url, message)).toEqual(WHOLE);
    // Also in the next message, where all of it is said again.
    expect(await comeBack(chat, chat.url, message)).toEqual(WHOLE);
    expect(chat.received()).toHaveLength(3);
  });

  it('find what was kept also where the client writes the arguments anew', async () => {
    const chat = await start();
    const message = await ask(chat.url);
    const again = { ...message, content: 'Other words', tool_calls: [call('theirs', 'own', '{ "q": 1 }')] };
    expect(await comeBack(chat, chat.url, again)).toEqual(WHOLE);
    const other = { ...message, tool_calls: [call('theirs', 'own', '{"q":2}')] };
    expect(await comeBack(chat, chat.url, other)).toEqual([other, BARE[1]]);
  });

  it('do the same in a stream', async () => {
    const chat = await start();
    const read = await stream(chat.url, { messages: [USER], tools: [OWN_TOOL] });
    expect(reasonsOf(read)).toEqual(['tool_calls']);
    const message = { role: 'assistant', content: 'First.\n\nBoth.', tool_calls: [THEIRS] };
    expect(await comeBack(chat, chat.url, message as ChatMessage)).toEqual(WHOLE);
  });

  it('[S1] are kept for the client that asked: not for another one, nor behind what another user said', async () => {
    const chat = await start({ API_KEYS: 'a:key-of-caller-a,b:key-of-caller-b' });
    const [one, other] = ['a', 'b'].map((key) => ({ authorization: `Bearer key-of-caller-${key}` })) as Headers[] as [Headers, Headers];
    const message = await ask(chat.url, one);
    expect(await comeBack(chat, chat.url, message, other)).toEqual(BARE);
    expect(await comeBack(chat, chat.url, message, one, { role: 'user', content: 'Something else.' })).toEqual(BARE);
    expect(await comeBack(chat, chat.url, message, one)).toEqual(WHOLE);
  });

  it('[S7] are kept for the credentials that they were made with', async () => {
    const chat = await start({}, { forwardHeaders: ['x-teams-auth-token'] });
    const message = await ask(chat.url, { 'x-teams-auth-token': 'token-of-one' });
    expect(await comeBack(chat, chat.url, message, { 'x-teams-auth-token': 'token-of-two' })).toEqual(BARE);
    expect(await comeBack(chat, chat.url, message)).toEqual(BARE);
    expect(await comeBack(chat, chat.url, message, { 'x-teams-auth-token': 'token-of-one' })).toEqual(WHOLE);
  });

  it('are forgotten after ten minutes', async () => {
    const chat = await start();
    const message = await ask(chat.url);
    const now = performance.now.bind(performance);
    const clock = jest.spyOn(performance, 'now').mockImplementation(() => now() + 10 * 60_000 + 1);
    try {
      expect(await comeBack(chat, chat.url, message)).toEqual(BARE);
    } finally {
      clock.mockRestore();
    }
  });

  it('[REDIS][S6] are known to other replicas, which share a Redis, where nobody can read them', async () => {
    const redis = closing(await RedisServer.start());
    const state = { REDIS_URL: redis.url, STATE_ENCRYPTION_KEY: 'a-key-of-thirty-two-characters-or-more' };
    const chat = await start(state);
    const other = closing(await startGatewayHere({ OPENAI_API_BASE_URL: chat.model.url, ...state }, [httpUpstream(chat.server.url)]));
    await allListed(other.url);
    for (const gateway of [chat, other]) await redisIsUp(gateway);
    const message = await ask(chat.url);
    expect(await comeBack(chat, other.url, message)).toEqual(WHOLE);
    const keys = (await redis.run('KEYS', 'mcpo:chat:*')) as string[];
    expect(keys).toHaveLength(1);
    const [ttl, value] = [await redis.run('TTL', keys[0] as string), String(await redis.run('GET', keys[0] as string))];
    expect(ttl).toBeGreaterThan(590);
    expect(ttl).toBeLessThanOrEqual(600);
    expect(value).not.toContain('done');
  });

  it('[E7] are kept in memory while Redis is away', async () => {
    const redis = closing(await RedisServer.start());
    const chat = await start({ REDIS_URL: redis.url, STATE_ENCRYPTION_KEY: 'a-key-of-thirty-two-characters-or-more' });
    await redis.stop();
    expect(await comeBack(chat, chat.url, await ask(chat.url))).toEqual(WHOLE);
  });
});

describe('[EP1][S1] completions of several users', () => {
  it('offer and run what each may use', async () => {
    const folder = mkdtempSync(path.join(tmpdir(), 'keys-'));
    const file = path.join(folder, 'keys.json');
    const keys = [
      { name: 'all', key: 'key-of-caller-all' },
      { name: 'few', key: 'key-of-caller-few', tools: { allow: ['look'] } },
    ];
    writeFileSync(file, JSON.stringify(keys));
    const chat = await startChat(closing, { API_KEYS_FILE: file });
    chat.model.script = (exchange) => (exchange.asked.messages.length === 1 ? exchange.ask([{ name: 'work' }]) : exchange.say('Done.'));
    for (const key of ['all', 'few']) await complete(chat.url, {}, { authorization: `Bearer key-of-caller-${key}` });
    expect([1, 3].map((round) => chat.model.toolNames(round))).toEqual([['work', 'create_task', 'look'], ['look']]);
    expect(chat.received()).toHaveLength(1);
    expect(chat.model.exchanges[3]?.asked.messages.at(-1)?.content).toBe('{"error":"There is no tool \\"work\\"."}');
  });

  it('[S7] pass the credentials of each on to the server of the tool, and to no model', async () => {
    const chat = await startChat(closing, {}, { forwardHeaders: ['x-teams-auth-token'] });
    chat.model.script = (exchange) => (exchange.asked.messages.length === 1 ? exchange.ask([{ name: 'work' }]) : exchange.say('Done.'));
    for (const user of ['anna', 'bert']) await complete(chat.url, {}, { 'x-teams-auth-token': `token-of-${user}` });
    const tokens = chat.server.received('tools/call').map(({ headers }) => headers['x-teams-auth-token']);
    expect(tokens).toEqual(['token-of-anna', 'token-of-bert']);
    expect(JSON.stringify(chat.model.exchanges.map(({ headers, asked }) => [headers, asked]))).not.toContain('token-of');
  });
});
