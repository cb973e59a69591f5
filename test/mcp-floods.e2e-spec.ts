import { closesAfterEach } from './support/ends.js';
import { httpUpstream } from './support/gateway.js';
import { startMcpGateway } from './support/clients/mcp-clients.js';
import { WireSession } from './support/clients/mcp-wire.js';
import { type Exchange, RawMcpServer } from './support/raw-mcp-server.js';
import { until } from './support/until.js';

const MANY = 1_000;

/** Says much in the course of a request, and answers it. */
function talkative(more: (exchange: Exchange) => readonly unknown[]): (exchange: Exchange) => void {
  return (exchange) => {
    exchange.stream(...more(exchange));
    exchange.event(exchange.answer({ messages: [], contents: [] }));
    exchange.response.end();
  };
}

describe('[AC3][P5] a server that floods an MCP client', () => {
  const closing = closesAfterEach();

  const open = async (handler: (exchange: Exchange) => void) => {
    const server = closing(
      await RawMcpServer.start({
        on: {
          initialize: (exchange) => {
            const protocolVersion = exchange.message.params?.protocolVersion;
            const capabilities = { tools: {}, prompts: {}, resources: {}, logging: {} };
            exchange.result({ protocolVersion, capabilities, serverInfo: { name: 'raw', version: '1' } });
          },
          'prompts/list': (exchange) => exchange.result({ prompts: [{ name: 'work' }] }),
          'resources/list': (exchange) => exchange.result({ resources: [{ uri: 'raw://it', name: 'it' }] }),
          'tools/call': handler,
          'prompts/get': handler,
          'resources/read': handler,
        },
      }),
    );
    const gateway = closing(await startMcpGateway({}, [httpUpstream(server.url)]));
    await until('listed', async () => (await fetch(`${gateway.url}/ready`)).status === 200);
    return WireSession.open(`${gateway.url}/mcp`);
  };

  const requests: [string, Record<string, unknown>][] = [
    ['tools/call', { name: 'work' }],
    ['prompts/get', { name: 'work' }],
    ['resources/read', { uri: 'raw://it' }],
  ];

  it.each(requests)('by what it logs in the course of %s is heard 50 times a second', async (method, params) => {
    const line = (data: unknown) => ({ jsonrpc: '2.0', method: 'notifications/message', params: { level: 'info', data } });
    const session = await open(talkative(() => Array.from({ length: MANY }, (_, at) => line(at))));
    const before = performance.now();
    const { messages } = await session.ask(method, params);
    const seconds = Math.ceil((performance.now() - before) / 1_000);
    const heard = messages.filter((message) => message.method === 'notifications/message');
    expect(heard.slice(0, 50)).toEqual(Array.from({ length: 50 }, (_, at) => line(at)));
    expect(heard.length).toBeLessThanOrEqual(50 * (seconds + 1));
    expect(messages.at(-1)).toEqual({ jsonrpc: '2.0', id: 1, result: { messages: [], contents: [] } });
  });

  it.each(requests)(
    'by long lines that it logs in the course of %s is heard half a million characters a second',
    async (method, params) => {
      const line = { jsonrpc: '2.0', method: 'notifications/message', params: { level: 'info', data: 'x'.repeat(100_000) } };
      const session = await open(talkative(() => Array.from({ length: 50 }, () => line)));
      const before = performance.now();
      const { text } = await session.ask(method, params);
      const seconds = Math.ceil((performance.now() - before) / 1_000);
      expect(text.length).toBeGreaterThan(500_000);
      expect(text.length).toBeLessThan(550_000 * (seconds + 1));
    },
  );

  it.each(requests)('by what it reports of %s is heard a few times a second, and at last', async (method, params) => {
    const session = await open(talkative((exchange) => Array.from({ length: MANY }, (_, at) => exchange.progress(at))));
    const before = performance.now();
    const { messages } = await session.ask(method, { ...params, _meta: { progressToken: 'mine' } });
    const seconds = (performance.now() - before) / 1_000;
    const heard = messages.filter((message) => message.method === 'notifications/progress');
    expect(heard.length).toBeLessThanOrEqual(51 + 10 * seconds);
    expect(heard.at(-1)?.params).toEqual({ progress: MANY - 1, progressToken: 'mine' });
  });
});
