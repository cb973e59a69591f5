import { setTimeout as sleep } from 'node:timers/promises';
import { createLogger } from '../src/logging/json-logger.js';
import { ChatEvents } from './support/chat/chat-events.js';
import { closesAfterEach } from './support/ends.js';
import { EventCall } from './support/clients/event-call.js';
import { errorAnswer, post, request } from './support/exchange.js';
import { ForwardProxy } from './support/network/forward-proxy.js';
import { freePort } from './support/network/free-port.js';
import { type GatewayHere, httpUpstream, startGatewayHere } from './support/gateway.js';
import { type Exchange, RawMcpServer, textResult } from './support/raw-mcp-server.js';
import { untilPublished } from './support/tool-requests.js';
import { until } from './support/until.js';

const KEY = 'canary-key-of-an-admin';
const CHAT = '0b6e7a52-9a5e-4a0c-8f63-6a3c1f6f2d11';
const MESSAGE = '5d1f0f0c-1a2b-4c3d-9e8f-7a6b5c4d3e2f';
const IDS = { 'x-openwebui-chat-id': CHAT, 'x-openwebui-message-id': MESSAGE };
const PATH = '/v1/tools/work';

const closing = closesAfterEach();
let does: (exchange: Exchange) => unknown;
let server: RawMcpServer;
let chats: ChatEvents;
let gateway: GatewayHere;
let log: string[];

async function serve(environment: Readonly<Record<string, string>> = {}): Promise<void> {
  log = [];
  does = (exchange) => exchange.result();
  chats = closing(await ChatEvents.start());
  server = closing(await RawMcpServer.start({ on: { 'tools/call': (exchange) => does(exchange) } }));
  const env = { OPENWEBUI_URL: `${chats.url}/`, OPENWEBUI_API_KEY: KEY, LOG_LEVEL: 'trace', ...environment };
  const logger = createLogger('trace', { write: (line: string) => void log.push(line) });
  gateway = closing(await startGatewayHere(env, [httpUpstream(server.url)], {}, { logger }));
  await untilPublished(gateway, 'work');
}

const call = (headers: Readonly<Record<string, string>> = IDS) => post(gateway.url, PATH, {}, headers);
const shown = (text: string, done = false) => ({ description: `work: ${text}`, done });
const isDone = (count = 1) =>
  until('its end is told', () => chats.statuses.filter((status) => (status as { done: boolean }).done).length === count);

/** A progress notification with these members beside the token. */
function progressOf({ message }: Exchange, params: object): unknown {
  const { progressToken } = message.params?._meta ?? {};
  return { jsonrpc: '2.0', method: 'notifications/progress', params: { progressToken, ...params } };
}

/** Tells progress, and then the answer. */
const reports =
  (...progress: readonly object[]) =>
  (exchange: Exchange) =>
    exchange.stream(...progress.map((params) => progressOf(exchange, params)), exchange.answer());
const refuses = (exchange: Exchange) => exchange.answer({ ...(textResult('No room.') as object), isError: true });

describe("[T3][AC4] a call that is made for an answer in Open WebUI's chat", () => {
  it('has its progress shown there, by the event that Open WebUI has for it, and ended with done', async () => {
    await serve();
    let exchange!: Exchange;
    does = (held) => {
      exchange = held;
      held.stream(progressOf(held, { progress: 1, total: 3, message: 'Created "one".\nNext' }));
    };
    const answer = call();
    await until('its progress is shown', () => chats.posts.length === 1);
    expect(chats.posts[0]).toMatchObject({
      line: `POST /api/v1/chats/${CHAT}/messages/${MESSAGE}/event`,
      headers: { authorization: `Bearer ${KEY}`, 'content-type': 'application/json' },
      body: { type: 'status', data: shown('Created "one". Next (1 of 3)') },
    });
    exchange.event(exchange.answer());
    expect((await answer).text).toBe('"done"');
    await isDone();
    expect(chats.statuses).toEqual([shown('Created "one". Next (1 of 3)'), shown('done', true)]);
    expect(Object.keys(chats.posts[1]?.body as object)).toEqual(['type', 'data']);
  });

  it('has its progress told twice a second at the most, the latest each time', async () => {
    await serve();
    let stopped = false;
    does = async (exchange) => {
      exchange.stream();
      const end = performance.now() + 1_800;
      for (let progress = 1; performance.now() < end; progress++) {
        exchange.event(progressOf(exchange, { progress }));
        await sleep(20);
      }
      stopped = true;
      exchange.event(exchange.answer());
    };
    await call();
    await isDone();
    expect(stopped).toBe(true);
    const times = chats.posts.map(({ at }) => at);
    const ofThree = times.slice(2).map((at, index) => at - (times[index] as number));
    expect(Math.min(...ofThree)).toBeGreaterThan(950);
    expect(times.length).toBeLessThanOrEqual(6);
    const counts = chats.statuses.slice(0, -1).map((status) => Number(/\d+$/.exec((status as { description: string }).description)?.[0]));
    expect(counts[0]).toBe(1);
    // What came meanwhile is passed over.
    expect(counts[1]).toBeGreaterThan(2);
    expect(chats.statuses.at(-1)).toEqual(shown('done', true));
  });

  it('has its end told, too, when it fails, and when its caller goes', async () => {
    await serve();
    does = (exchange) => exchange.stream(progressOf(exchange, { progress: 1 }), refuses(exchange));
    expect((await call()).status).toBe(422);
    await isDone();
    expect(chats.statuses.at(-1)).toEqual(shown('failed', true));
    does = (exchange) => exchange.stream(progressOf(exchange, { progress: 0.333333, total: 1 }));
    const leaving = new AbortController();
    const headers = { 'content-type': 'application/json', ...IDS };
    const answer = request(gateway.url, PATH, { method: 'POST', headers, body: '{}', signal: leaving.signal }).catch(() => 'left');
    await until('its progress is shown', () => chats.statuses.some((status) => JSON.stringify(status).includes('0.33 of 1')));
    leaving.abort();
    expect(await answer).toBe('left');
    await isDone(2);
    expect(chats.statuses.slice(-2)).toEqual([shown('0.33 of 1'), shown('cancelled', true)]);
    await until('the server is told', () => server.received('notifications/cancelled').length === 1);
  });

  it('is told to its caller as events besides', async () => {
    await serve();
    does = reports({ progress: 1 });
    const told = (await new EventCall(gateway.url, PATH, {}, IDS).ended).told;
    expect(told).toEqual([{ progress: { progress: 1 } }, { result: { status: 200, result: 'done' } }]);
    await isDone();
  });

  it('shows nothing where it tells no progress, or is made for no answer', async () => {
    await serve();
    expect((await call()).status).toBe(200);
    does = reports({ progress: 1 });
    const { 'x-openwebui-chat-id': chat, 'x-openwebui-message-id': message } = IDS;
    for (const headers of [{}, { 'x-openwebui-chat-id': chat }, { 'x-openwebui-message-id': message }])
      expect((await call(headers as Record<string, string>)).status).toBe(200);
    expect((await call()).status).toBe(200);
    await isDone();
    expect(new Set(chats.posts.map(({ line }) => line))).toEqual(new Set([`POST /api/v1/chats/${CHAT}/messages/${MESSAGE}/event`]));
    expect(chats.statuses.filter((status) => (status as { done: boolean }).done)).toHaveLength(1);
  });

  it.each(['../users', 'a/b', '..', '%2e%2e', 'a?b', 'a#b', 'local:abc', '', 'x'.repeat(65)])(
    '[S4] takes no id that is none: %j',
    async (id) => {
      await serve();
      does = reports({ progress: 1 });
      expect((await call({ ...IDS, 'x-openwebui-chat-id': id })).status).toBe(200);
      expect((await call({ ...IDS, 'x-openwebui-message-id': id })).status).toBe(200);
      expect((await call()).status).toBe(200);
      await isDone();
      expect(new Set(chats.posts.map(({ line }) => line))).toEqual(new Set([`POST /api/v1/chats/${CHAT}/messages/${MESSAGE}/event`]));
    },
  );

  it('knows the headers by the names that Open WebUI was told', async () => {
    await serve({ FORWARD_SESSION_INFO_HEADER_CHAT_ID: 'X-Chat', FORWARD_SESSION_INFO_HEADER_MESSAGE_ID: 'X-Answer' });
    does = reports({ progress: 1 });
    await call();
    await call({ 'x-chat': CHAT, 'x-answer': MESSAGE });
    await isDone();
    expect(chats.statuses.filter((status) => (status as { done: boolean }).done)).toHaveLength(1);
  });

  it.each(['OPENWEBUI_URL', 'OPENWEBUI_API_KEY'])('shows nothing without %s', async (name) => {
    await serve({ [name]: '' });
    does = reports({ progress: 1 });
    expect((await call()).status).toBe(200);
    await gateway.close();
    expect(chats.posts).toEqual([]);
  });

  it('[S1] is made by a caller who is known, where any are', async () => {
    await serve({ API_KEYS: 'open-webui:key-of-open-webui' });
    does = reports({ progress: 1 });
    expect((await call({ ...IDS, authorization: 'Bearer another-key' })).status).toBe(401);
    expect((await call({ ...IDS, authorization: 'Bearer key-of-open-webui' })).status).toBe(200);
    await isDone();
    expect(server.received('tools/call')).toHaveLength(1);
  });

  it('[P4] is told at the end of the gateway what is left to tell', async () => {
    await serve();
    does = reports({ progress: 1 });
    const answered = call();
    await until('its progress is shown', () => chats.posts.length > 0);
    await answered;
    await gateway.close();
    expect(chats.statuses.at(-1)).toEqual(shown('done', true));
  });

  it('[ENV] is shown through the proxy of the environment', async () => {
    const behind = closing(await ChatEvents.start());
    const proxy = closing(await ForwardProxy.start(behind.port));
    await serve({ OPENWEBUI_URL: 'http://openwebui.corp.invalid/webui', HTTP_PROXY: proxy.url });
    does = reports({ progress: 1 });
    await call();
    await until('its end is told', () => behind.posts.length === 2);
    expect(behind.posts[0]?.line).toBe(`POST /webui/api/v1/chats/${CHAT}/messages/${MESSAGE}/event`);
  });
});

describe('[P4] while Open WebUI is in trouble a call', () => {
  /** The warnings that were logged, and that no line holds the key. */
  const warnings = () => {
    expect(log.filter((line) => line.includes(KEY))).toEqual([]);
    return log.map((line) => JSON.parse(line) as { msg: string; reason?: string }).filter(({ msg }) => msg.startsWith('the progress'));
  };
  const done = { status: 200, text: '"done"' };
  const millisecondsOf = async (act: () => Promise<unknown>) => {
    const start = performance.now();
    await act();
    return performance.now() - start;
  };

  it('waits for none of it', async () => {
    await serve();
    chats.answers = () => undefined;
    does = reports({ progress: 1 });
    const ms = await millisecondsOf(async () => {
      for (let i = 0; i < 10; i++) expect(await call()).toMatchObject(done);
    });
    // One post alone takes its 2 s.
    expect(ms).toBeLessThan(2_000);
    // Eight at once, and one for each that fails before the third does; after that one is tried every 10 s.
    await until('posts have failed', () => warnings().length === 1, 8_000);
    await sleep(1_000);
    expect(chats.posts.length).toBeLessThanOrEqual(10);
    expect(warnings()).toEqual([expect.objectContaining({ reason: 'The operation was aborted due to timeout' })]);
  }, 20_000);

  it.each([
    ['answers 500', (port: number) => `http://127.0.0.1:${port}`, 500],
    ['is not there', () => undefined, 0],
  ])('is answered as ever where it %s, and asks it no more after a few posts that failed', async (_, urlOf, status) => {
    const url = urlOf((await (async () => closing(await ChatEvents.start()))()).port) ?? `http://127.0.0.1:${await freePort()}`;
    await serve(status === 0 ? { OPENWEBUI_URL: url } : {});
    chats.answers = ({ response }) => response.writeHead(status).end(`{"key":"${KEY}"}`);
    does = reports({ progress: 1 });
    for (let i = 0; i < 20; i++) expect(await call()).toMatchObject(done);
    await until('it is told', () => warnings().length === 1);
    await sleep(1_200);
    // Eight may have been on their way together.
    expect(chats.posts.length).toBeLessThanOrEqual(status === 0 ? 0 : 10);
    expect(warnings()).toHaveLength(1);
  });

  it('[S6] is refused, and told no more of: neither the key nor its answer is logged', async () => {
    await serve();
    chats.answers = ({ response }) => response.writeHead(401).end(`{"detail":"${KEY}"}`);
    does = reports({ progress: 1 });
    expect(await call()).toMatchObject(done);
    await until('it is told', () => warnings().length === 1);
    await sleep(1_200);
    expect(chats.posts).toHaveLength(1);
    expect(warnings()).toEqual([expect.objectContaining({ reason: 'HTTP 401' })]);
    const { text } = await request(gateway.url, '/metrics');
    expect(text).not.toContain(KEY);
  });

  it('[S6] takes the key nowhere else: no redirect is followed', async () => {
    await serve();
    const elsewhere = closing(await ChatEvents.start());
    chats.answers = ({ response }) => response.writeHead(307, { location: `${elsewhere.url}/` }).end();
    does = reports({ progress: 1 });
    expect(await call()).toMatchObject(done);
    await until('it is told', () => warnings().length === 1);
    expect([elsewhere.posts, warnings()[0]?.reason]).toEqual([[], 'HTTP 307']);
  });

  it('has its end told when Open WebUI is back', async () => {
    await serve();
    chats.answers = ({ response }) => {
      chats.answers = ({ response: next }) => next.writeHead(chats.posts.length === 2 ? 503 : 200).end('true');
      response.writeHead(200).end('true');
    };
    let exchange!: Exchange;
    does = (held) => {
      exchange = held;
      held.stream(progressOf(held, { progress: 1 }));
    };
    const answer = call();
    await until('its progress is shown', () => chats.posts.length === 1);
    exchange.event(exchange.answer());
    expect(await answer).toMatchObject(done);
    await until('its end is told again', () => chats.posts.length === 3);
    expect(chats.statuses.slice(1)).toEqual([shown('done', true), shown('done', true)]);
  });

  it('fails with nothing but its own', async () => {
    await serve();
    chats.answers = ({ response }) => response.destroy();
    does = (exchange) => exchange.stream(progressOf(exchange, { progress: 1 }), refuses(exchange));
    expect(await call()).toMatchObject(errorAnswer(422, { type: 'tool_error', message: 'No room.' }));
  });
});
