import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { closesAfterEach } from './support/ends.js';
import { Piped } from './support/clients/piped-gateway.js';
import { type Exchange, RawMcpServer, textResult, toolOf } from './support/raw-mcp-server.js';
import { temporaryFolder } from './support/recorded.js';
import { until } from './support/until.js';

const META = {
  'io.modelcontextprotocol/protocolVersion': '2026-07-28',
  'io.modelcontextprotocol/clientInfo': { name: 'wire', version: '1' },
  'io.modelcontextprotocol/clientCapabilities': { elicitation: { form: {} } },
};
const DONE = { content: [{ type: 'text', text: 'done' }] };

describe('[T2] the gateway over stdio before a server over HTTP', () => {
  const closing = closesAfterEach();
  const folder = temporaryFolder();

  const start = async (on: Record<string, (exchange: Exchange) => void> = {}, env = {}, tools = [toolOf('work')]) => {
    const server = closing(await RawMcpServer.start({ on, tools }));
    const piped = closing(Piped.start([], { MCP_SERVER_URL: server.url, ...env }));
    return { server, piped };
  };
  /** Calls are held until `answer` is called. */
  const held = async (env = {}) => {
    const calls: Exchange[] = [];
    const { server, piped } = await start({ 'tools/call': (exchange) => void calls.push(exchange) }, env);
    const inFlight = async (count: number) => until('the calls have come', () => calls.length === count);
    return { server, piped: await piped.read().open(), inFlight, answer: () => calls.forEach((call) => call.result()) };
  };
  const answered = (piped: Piped, id: unknown) => until(`an answer to ${String(id)}`, () => piped.messages.find((each) => each.id === id));
  const call = { method: 'tools/call', params: { name: 'work' } };

  describe('[AC5] when its tools change', () => {
    let lastId = 1_000;
    const change = async (server: RawMcpServer, piped: Piped, name: string, _meta: object | undefined) => {
      server.tools = [toolOf(name)];
      server.notify('notifications/tools/list_changed');
      const listed = async () => JSON.stringify(await piped.ask((lastId += 1), 'tools/list', { _meta })).includes(`"${name}"`);
      await until(`${name} is listed`, listed);
    };
    const told = (piped: Piped) => piped.messages.filter(({ method }) => method === 'notifications/tools/list_changed');

    it('tells its client of an older generation', async () => {
      const { server, piped } = await start();
      await piped.read().open();
      await until('a stream of the server', () => server.openStreams.size > 0);
      await change(server, piped, 'other', undefined);
      const before = told(piped).length;
      await change(server, piped, 'third', undefined);
      await until('told', () => told(piped).length > before);
      expect(told(piped).at(-1)).toEqual({ jsonrpc: '2.0', method: 'notifications/tools/list_changed' });
    });

    it('tells its client since 2026-07-28 that listens for it, until it is cancelled', async () => {
      const { server, piped } = await start();
      piped.read().say({ id: 'l', method: 'subscriptions/listen', params: { notifications: { toolsListChanged: true }, _meta: META } });
      await until('a stream of the server', () => server.openStreams.size > 0 && piped.messages.length > 0);
      await change(server, piped, 'other', META);
      const [first] = await until('told', () => told(piped).length > 0 && told(piped));
      expect(first).toMatchObject({ params: { _meta: { 'io.modelcontextprotocol/subscriptionId': 'l' } } });
      piped.say({ method: 'notifications/cancelled', params: { requestId: 'l' } });
      await piped.ask(1, 'tools/list', { _meta: META });
      const heard = told(piped).length;
      await change(server, piped, 'third', META);
      await change(server, piped, 'fourth', META);
      expect(told(piped)).toHaveLength(heard);
    });
  });

  describe('[P5] when its server floods', () => {
    it('leaves out what a client that does not read has no room for, and keeps the answers', async () => {
      const line = { jsonrpc: '2.0', method: 'notifications/message', params: { level: 'info', data: 'x'.repeat(100_000) } };
      const flood = (exchange: Exchange) => {
        exchange.stream(...Array.from({ length: 5 }, () => line), ...Array.from({ length: 1_000 }, (_, at) => exchange.progress(at)));
        exchange.event(exchange.answer(DONE));
        exchange.response.end();
      };
      const { piped } = await start({ 'tools/call': flood });
      piped.say({ id: 0, method: 'initialize', params: { protocolVersion: '2025-11-25', capabilities: {}, clientInfo: { name: 't' } } });
      await until('open', () => piped.log.some((each) => each.includes('"initialize"')));
      const ids = Array.from({ length: 20 }, (_, at) => at + 1);
      for (const id of ids) piped.say({ id, ...call, params: { name: 'work', _meta: { progressToken: id } } });
      await until('all are over', () => piped.log.filter((each) => each.includes('"tools/call"')).length === ids.length);
      piped.read();
      for (const id of ids) expect(await answered(piped, id)).toMatchObject({ result: DONE });
      const aside = piped.messages.filter(({ method }) => method !== undefined);
      // Of ten million characters of lines; what the pipe itself holds comes on top.
      expect(JSON.stringify(aside).length).toBeLessThan(3_000_000);
      expect(aside.length).toBeGreaterThan(0);
    });
  });

  describe('[P4] at SIGTERM', () => {
    it('finishes calls in flight, takes no others, tells who listens, and exits 0', async () => {
      const { piped, inFlight, answer } = await held();
      piped.say({ id: 'l', method: 'subscriptions/listen', params: { notifications: { toolsListChanged: true }, _meta: META } });
      for (const id of [1, 2, 3]) piped.say({ id, ...call });
      await inFlight(3);
      piped.child.kill('SIGTERM');
      expect(await answered(piped, 'l')).toMatchObject({ result: { resultType: 'complete' } });
      expect(await piped.ask(4, 'tools/call', call.params)).toMatchObject({ error: { code: -32000, message: 'The gateway is stopping.' } });
      answer();
      expect(await piped.exited).toBe(0);
      for (const id of [1, 2, 3]) expect(await answered(piped, id)).toMatchObject({ result: DONE });
      const ends = piped.log.map((line) => JSON.parse(line) as Record<string, unknown>).filter(({ method }) => method === 'tools/call');
      expect(ends.map(({ error }) => error)).toEqual([undefined, undefined, undefined]);
    });

    it('lets its client answer what a call in flight asks', async () => {
      const form = { method: 'elicitation/create', params: { message: 'Which?', requestedSchema: { type: 'object', properties: {} } } };
      const { server, piped } = await start({
        'tools/call': (exchange) => {
          exchange.stream({ jsonrpc: '2.0', id: 'q', ...form });
          server.on['response'] = (reply) => {
            reply.send(202);
            exchange.event(exchange.answer(textResult(JSON.stringify((JSON.parse(reply.text) as { result: unknown }).result))));
            exchange.response.end();
          };
        },
      });
      piped.read().say({ id: 1, method: 'tools/call', params: { name: 'work', _meta: META } });
      const { result } = await answered(piped, 1);
      const { inputRequests, requestState } = result as { inputRequests: object; requestState: string };
      expect(Object.values(inputRequests)).toEqual([form]);
      piped.child.kill('SIGTERM');
      await until('it is stopping', () => piped.log.some((line) => line.includes('"stopping"')));
      const [key = ''] = Object.keys(inputRequests);
      const again = { name: 'work', requestState, inputResponses: { [key]: { action: 'decline' } }, _meta: META };
      expect(await piped.ask(2, 'tools/call', again)).toMatchObject({ result: { content: [{ text: '{"action":"decline"}' }] } });
      expect(await piped.exited).toBe(0);
    });

    it('waits for DRAIN_TIMEOUT at the most', async () => {
      const { server, piped, inFlight } = await held({ DRAIN_TIMEOUT: '1' });
      piped.say({ id: 1, ...call });
      await inFlight(1);
      piped.child.kill('SIGTERM');
      expect(await piped.exited).toBe(0);
      expect(server.received('tools/call')).toHaveLength(1);
    });

    it('ends at once at the second', async () => {
      const { piped, inFlight } = await held();
      piped.say({ id: 1, ...call });
      await inFlight(1);
      piped.child.kill('SIGTERM');
      await until('it is stopping', () => piped.log.some((line) => line.includes('"stopping"')));
      piped.child.kill('SIGTERM');
      expect(await piped.exited).toBe(1);
    });

    it.each(['before', 'while'])('ends as ever when its client closes stdin %s it waits', async (when) => {
      const { server, piped, inFlight } = await held();
      piped.say({ id: 1, ...call });
      piped.say({ id: 2, ...call, params: { name: 'work', _meta: META } });
      await inFlight(2);
      if (when === 'while') {
        piped.child.kill('SIGTERM');
        await until('it is stopping', () => piped.log.some((line) => line.includes('"stopping"')));
      }
      piped.child.stdin.end();
      expect(await piped.exited).toBe(0);
      await until('the server is told', () => server.received('notifications/cancelled').length === 2);
    });
  });

  describe('[AC9] of whom it is', () => {
    it('holds limits', async () => {
      const { server, piped } = await start({}, { RATE_LIMIT_CLIENT: '2' });
      await piped.read().open();
      for (const id of [1, 2]) expect(await piped.ask(id, 'tools/call', call.params)).toMatchObject({ result: DONE });
      for (const [id, _meta] of [
        [3, undefined],
        [4, META],
      ] as const)
        expect(await piped.ask(id, 'tools/call', { name: 'work', _meta })).toMatchObject({
          result: { isError: true, _meta: { 'io.mcpo-proxy/error': { type: 'rate_limit_error', retry_after: expect.any(Number) } } },
        });
      expect(server.received('tools/call')).toHaveLength(2);
    });

    it('has no more rights than the role of anonymous callers', async () => {
      const file = path.join(folder(), 'keys.json');
      writeFileSync(file, JSON.stringify({ keys: [], roles: { anonymous: { tools: { deny: ['work'] } } } }));
      const { server, piped } = await start({}, { API_KEYS_FILE: file }, [toolOf('work'), toolOf('play')]);
      await piped.read().open();
      expect(await piped.ask(1, 'tools/list')).toMatchObject({ result: { tools: [{ name: 'play' }] } });
      expect(await piped.ask(2, 'tools/call', call.params)).toMatchObject({ result: { isError: true } });
      expect(await piped.ask(3, 'tools/call', { name: 'play' })).toMatchObject({ result: DONE });
      expect(server.received('tools/call')).toHaveLength(1);
    });
  });
});
