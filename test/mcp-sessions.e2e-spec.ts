import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { BOUNDS, MCP_BOUNDS, type McpBounds } from '../src/faces/mcp/bounds.js';
import { McpSessions } from '../src/faces/mcp/session/mcp-sessions.service.js';
import { closesAfterEach } from './support/ends.js';
import { type GatewayHere, httpUpstream } from './support/gateway.js';
import { startMcpGateway } from './support/clients/mcp-clients.js';
import { modern, post, WireSession, WireStream } from './support/clients/mcp-wire.js';
import { RawMcpServer, textResult, toolOf } from './support/raw-mcp-server.js';
import { temporaryFolder } from './support/recorded.js';
import { until } from './support/until.js';

const NO_SESSION = { jsonrpc: '2.0', id: null, error: { code: -32001, message: 'Session not found: begin another with "initialize".' } };

describe('a session of an MCP client', () => {
  const closing = closesAfterEach();
  const folder = temporaryFolder();

  const start = async (server: RawMcpServer, env = {}, bounds: Partial<McpBounds> = {}): Promise<GatewayHere & { mcp: string }> => {
    const gateway = closing(await startMcpGateway(env, [httpUpstream(server.url)]));
    Object.assign(gateway.app.get<McpBounds>(MCP_BOUNDS, { strict: false }), { ...BOUNDS, ...bounds });
    await until('listed', async () => (await fetch(`${gateway.url}/ready`)).status === 200);
    return { ...gateway, mcp: `${gateway.url}/mcp` };
  };
  const sessionsOf = (gateway: GatewayHere) => gateway.app.get(McpSessions, { strict: false }).all;

  describe('[S1] of one principal', () => {
    const KEYS = { API_KEYS: 'ann:key-of-ann,bob:key-of-bob' };
    const as = (who: string) => ({ authorization: `Bearer key-of-${who}` });

    it('is none to another, for any method', async () => {
      const gateway = await start(closing(await RawMcpServer.start()), KEYS);
      const ofAnn = await WireSession.open(gateway.mcp, as('ann'));
      expect(ofAnn.id).toMatch(/^[\w-]{32}$/);
      for (const answer of [await ofAnn.ask('tools/list', {}, as('bob')), await ofAnn.ask('tools/call', { name: 'work' }, as('bob'))])
        expect([answer.status, answer.message]).toEqual([404, NO_SESSION]);
      expect((await WireStream.open(gateway.mcp, { headers: { ...ofAnn.own, ...as('bob') } })).status).toBe(404);
      expect((await ofAnn.end(as('bob'))).status).toBe(404);
      expect((await ofAnn.ask('ping')).message).toEqual({ jsonrpc: '2.0', id: expect.any(Number), result: {} });
    });

    it('is none at another endpoint, nor one that was never there', async () => {
      const gateway = await start(closing(await RawMcpServer.start()), KEYS);
      const session = await WireSession.open(gateway.mcp, as('ann'));
      const elsewhere = await post(`${gateway.mcp}/default`, { jsonrpc: '2.0', id: 1, method: 'ping' }, session.own);
      const invented = await session.ask('ping', {}, { 'mcp-session-id': 'x'.repeat(32) });
      for (const { status, message } of [elsewhere, invented]) expect([status, message]).toEqual([404, NO_SESSION]);
    });

    it('has questions of its own: nobody else goes on with a request that waits for an answer', async () => {
      const server = closing(await askingServer());
      const gateway = await start(server, KEYS);
      const meta = { 'io.modelcontextprotocol/clientCapabilities': { elicitation: { form: {} } } };
      const asked = await modern(gateway.mcp, 'tools/call', { name: 'work' }, { meta, headers: as('ann') });
      const { requestState } = asked.message.result as { requestState: string };
      const inputResponses = { input_1: { action: 'decline' } };
      const answer = (headers: Record<string, string>, state = requestState) =>
        modern(gateway.mcp, 'tools/call', { name: 'work', inputResponses, requestState: state }, { meta, headers });
      for (const told of [await answer(as('bob')), await answer(as('ann'), `${requestState}x`)])
        expect(told.message.error).toMatchObject({ code: -32602, message: expect.stringContaining('does not know this requestState') });
      expect((await answer(as('ann'))).message.result).toMatchObject({ content: [{ text: '{"action":"decline"}' }] });
      expect((await answer(as('ann'))).message.error).toMatchObject({ code: -32602 });
    });

    it('has a request that waits for an answer gone on with by the same method and name alone, at the same endpoint', async () => {
      const server = closing(await askingServer());
      server.tools = ['work', 'other'].map((name) => toolOf(name));
      const gateway = await start(server, KEYS);
      const meta = { 'io.modelcontextprotocol/clientCapabilities': { elicitation: { form: {} } } };
      const own = { meta, headers: as('ann') };
      const asked = await modern(gateway.mcp, 'tools/call', { name: 'work' }, own);
      const { requestState } = asked.message.result as { requestState: string };
      const more = { inputResponses: { input_1: { action: 'decline' } }, requestState };
      for (const told of [
        await modern(gateway.mcp, 'tools/call', { name: 'other', ...more }, own),
        await modern(gateway.mcp, 'prompts/get', { name: 'work', ...more }, own),
        await modern(`${gateway.mcp}/default`, 'tools/call', { name: 'work', ...more }, own),
      ])
        expect(told.message.error).toEqual({ code: -32602, message: expect.stringContaining('does not know this requestState') });
      const went = await modern(gateway.mcp, 'tools/call', { name: 'work', ...more }, own);
      expect(went.message.result).toMatchObject({ content: [{ text: '{"action":"decline"}' }] });
    });
  });

  describe('[P5] that nobody uses', () => {
    it('is ended after a while, and one that is listened to is not', async () => {
      const gateway = await start(closing(await RawMcpServer.start()), {}, { idleMs: 1 });
      const idle = await WireSession.open(gateway.mcp);
      const listening = await WireSession.open(gateway.mcp);
      const stream = await listening.listen();
      await until('the stream is there', () => sessionsOf(gateway).some(({ isIdle }) => !isIdle));
      (gateway.app.get(McpSessions, { strict: false }) as unknown as { sweep(): void }).sweep();
      expect((await idle.ask('ping')).status).toBe(404);
      expect((await listening.ask('ping')).status).toBe(200);
      stream.leave();
    });

    it('makes room for another, those of whoever has most first; where all are in use there is none', async () => {
      const gateway = await start(closing(await RawMcpServer.start()), { API_KEYS: 'ann:key-of-ann,bob:key-of-bob' }, { maxSessions: 3 });
      const ann = { authorization: 'Bearer key-of-ann' };
      const bob = { authorization: 'Bearer key-of-bob' };
      const first = await WireSession.open(gateway.mcp, ann);
      const ofBob = await WireSession.open(gateway.mcp, bob);
      const second = await WireSession.open(gateway.mcp, ann);
      const third = await WireSession.open(gateway.mcp, bob);
      expect([(await first.ask('ping')).status, (await ofBob.ask('ping')).status]).toEqual([404, 200]);
      const streams = [await ofBob.listen(), await second.listen(), await third.listen()];
      await until('all are in use', () => sessionsOf(gateway).every(({ isIdle }) => !isIdle));
      const refused = await WireSession.open(gateway.mcp, ann).catch(({ answer }: { answer: { status: number } }) => answer.status);
      expect(refused).toBe(503);
      for (const stream of streams) stream.leave();
    });

    it('is over when its client says so', async () => {
      const gateway = await start(closing(await RawMcpServer.start()));
      const session = await WireSession.open(gateway.mcp);
      const stream = await session.listen();
      expect((await session.end()).status).toBe(204);
      await until('its stream ends', () => stream.isOver);
      expect((await session.ask('ping')).status).toBe(404);
    });
  });

  describe('[AC5] what is told in it', () => {
    it('is that tools are others, when a server went and when it is back, also to who listens without a session', async () => {
      const server = await RawMcpServer.start();
      const gateway = await start(server);
      const session = await WireSession.open(gateway.mcp);
      const stream = await session.listen();
      const meta = { 'mcp-protocol-version': '2026-07-28', 'mcp-method': 'subscriptions/listen' };
      const listening = await WireStream.post(gateway.mcp, listenTo({ toolsListChanged: true }), meta);
      await until('listened to', () => listening.messages.length > 0);
      expect(listening.messages[0]).toEqual({
        jsonrpc: '2.0',
        method: 'notifications/subscriptions/acknowledged',
        params: { notifications: { toolsListChanged: true }, _meta: { 'io.modelcontextprotocol/subscriptionId': 'listen-1' } },
      });
      const list = async () => ((await session.ask('tools/list')).message.result?.['tools'] as { name: string }[]).map(({ name }) => name);
      expect(await list()).toEqual(['work']);
      const [before, heard] = [told(stream), told(listening)];
      await server.stop();
      await until('told of the loss', () => told(stream) > before && told(listening) > heard, 20_000);
      expect(await list()).toEqual([]);
      const again = closing(await RawMcpServer.start({ port: server.port, tools: [toolOf('back')] }));
      expect(again.url).toBe(server.url);
      await until('its tools are back', async () => (await list()).includes('back'), 40_000);
      await until('told of it', () => told(stream) > before + 1 && told(listening) > heard + 1);
      stream.leave();
      listening.leave();
    });

    it('is kept for a client who lost the stream of an answer, and comes back for the rest', async () => {
      let finish = (): void => undefined;
      const server = closing(
        await RawMcpServer.start({
          on: {
            'tools/call': (exchange) => {
              exchange.stream(exchange.progress(1));
              finish = () => {
                exchange.event(exchange.answer());
                exchange.response.end();
              };
            },
          },
        }),
      );
      const gateway = await start(server);
      const session = await WireSession.open(gateway.mcp);
      const call = { jsonrpc: '2.0', id: 'c', method: 'tools/call', params: { name: 'work', _meta: { progressToken: 'mine' } } };
      const stream = await WireStream.post(gateway.mcp, call, session.own);
      await until('progress', () => stream.messages.length === 1);
      expect(stream.messages).toEqual([
        { jsonrpc: '2.0', method: 'notifications/progress', params: { progress: 1, progressToken: 'mine' } },
      ]);
      stream.leave();
      await until('it is gone', () => stream.isOver);
      finish();
      const rest = await session.listen({ 'last-event-id': stream.ids[0] as string });
      await until('the rest', () => rest.isOver);
      expect(rest.messages).toEqual([{ jsonrpc: '2.0', id: 'c', result: { content: [{ type: 'text', text: 'done' }] } }]);
      expect((await session.listen({ 'last-event-id': '99.1' })).status).toBe(400);
    });

    it('is nothing more of a call that its client cancels', async () => {
      const server = closing(await RawMcpServer.start({ on: { 'tools/call': (exchange) => exchange.stream() } }));
      const gateway = await start(server);
      const session = await WireSession.open(gateway.mcp);
      const call = post(gateway.mcp, { jsonrpc: '2.0', id: 'c', method: 'tools/call', params: { name: 'work' } }, session.own);
      await until('called', () => server.received('tools/call').length === 1);
      await session.say({ method: 'notifications/cancelled', params: { requestId: 'c' } });
      await until('the server is told', () => server.received('notifications/cancelled').length === 1);
      expect((await call).status).toBe(200);
    });
  });

  it('[P6][AC5] opens nothing at a server, whoever comes', async () => {
    const server = closing(await RawMcpServer.start());
    const gateway = await start(server);
    const before = server.received('initialize').length;
    for (let at = 0; at < 5; at += 1) await (await WireSession.open(gateway.mcp)).ask('tools/call', { name: 'work' });
    await modern(gateway.mcp, 'tools/call', { name: 'work' });
    expect(server.received('tools/call')).toHaveLength(6);
    expect(server.received('initialize')).toHaveLength(before);
  });

  it('[S1] is of the server alone that its key may use', async () => {
    const file = path.join(folder(), 'keys.json');
    writeFileSync(
      file,
      JSON.stringify({ keys: [{ name: 'ann', key: 'key-of-ann', role: 'few' }], roles: { few: { servers: { deny: ['default'] } } } }),
    );
    const gateway = closing(await startMcpGateway({ API_KEYS_FILE: file }, [httpUpstream(closing(await RawMcpServer.start()).url)]));
    const answer = await modern(`${gateway.url}/mcp/default`, 'tools/list', {}, { headers: { authorization: 'Bearer key-of-ann' } });
    expect([answer.status, answer.message.error]).toEqual([404, { code: -32000, message: 'There is no server "default" here.' }]);
  });
});

/** Asks in the stream of a call, and answers it with the answer that it gets. */
async function askingServer(): Promise<RawMcpServer> {
  const question = {
    jsonrpc: '2.0',
    id: 'q',
    method: 'elicitation/create',
    params: { message: 'Which?', requestedSchema: { type: 'object' } },
  };
  const server: RawMcpServer = await RawMcpServer.start({
    on: {
      'tools/call': (exchange) => {
        exchange.stream(question);
        server.on['response'] = (reply) => {
          reply.send(202);
          exchange.event(exchange.answer(textResult(JSON.stringify((JSON.parse(reply.text) as { result: unknown }).result))));
          exchange.response.end();
        };
      },
    },
  });
  return server;
}

function listenTo(notifications: object): object {
  const _meta = {
    'io.modelcontextprotocol/protocolVersion': '2026-07-28',
    'io.modelcontextprotocol/clientInfo': { name: 'wire', version: '1' },
    'io.modelcontextprotocol/clientCapabilities': {},
  };
  return { jsonrpc: '2.0', id: 'listen-1', method: 'subscriptions/listen', params: { notifications, _meta } };
}

function told({ messages }: WireStream): number {
  return messages.filter(({ method }) => method === 'notifications/tools/list_changed').length;
}
