import { closesAfterEach } from './support/ends.js';
import { httpUpstream } from './support/gateway.js';
import { startMcpGateway } from './support/clients/mcp-clients.js';
import { modern, WireSession } from './support/clients/mcp-wire.js';
import { type Exchange, RawMcpServer } from './support/raw-mcp-server.js';
import { until } from './support/until.js';

const TOKEN = 'x-token';

/** What is of the caller whose token came with the request. */
const of = ({ headers }: Exchange) => String(headers[TOKEN]);

describe('[S4] what a server says to MCP clients by who they are', () => {
  const closing = closesAfterEach();

  const start = async () => {
    const server = closing(
      await RawMcpServer.start({
        on: {
          initialize: (exchange) => {
            const protocolVersion = exchange.message.params?.protocolVersion;
            const capabilities = { tools: {}, prompts: {}, resources: {} };
            exchange.result({ protocolVersion, capabilities, serverInfo: { name: 'raw', version: '1' } }, server.newSession());
          },
          'prompts/list': (exchange) => exchange.result({ prompts: [{ name: `of_${of(exchange)}` }] }),
          'resources/list': (exchange) => exchange.result({ resources: [{ uri: `raw://${of(exchange)}`, name: 'own' }] }),
          'resources/templates/list': (exchange) =>
            exchange.result({ resourceTemplates: [{ uriTemplate: `raw://${of(exchange)}/{id}`, name: 'own' }] }),
          'resources/read': (exchange) => exchange.result({ contents: [{ uri: 'raw://it', text: of(exchange) }] }),
          'prompts/get': (exchange) => exchange.result({ messages: [], of: of(exchange) }),
        },
      }),
    );
    const gateway = closing(await startMcpGateway({}, [httpUpstream(server.url, { forwardHeaders: [TOKEN] })]));
    await until('listed', async () => (await fetch(`${gateway.url}/ready`)).status === 200);
    return { server, mcp: `${gateway.url}/mcp` };
  };

  const asks: [string, Record<string, unknown>][] = [
    ['prompts/list', {}],
    ['resources/list', {}],
    ['resources/templates/list', {}],
    ['resources/read', { uri: 'raw://it' }],
    ['prompts/get', { name: 'of_ann' }],
  ];

  it.each(asks)('is asked and kept for each of them apart: %s', async (method, params) => {
    const { server, mcp } = await start();
    const ask = async (who: string) => (await modern(`${mcp}/default`, method, params, { headers: { [TOKEN]: who } })).message.result;
    const [ann, bob, again] = [await ask('ann'), await ask('bob'), await ask('ann')];
    expect([JSON.stringify(ann).includes('bob'), JSON.stringify(bob).includes('ann')]).toEqual([false, false]);
    expect([JSON.stringify(ann).includes('ann'), JSON.stringify(bob).includes('bob'), again]).toEqual([true, true, ann]);
    expect(new Set(server.received(method).map(of))).toEqual(new Set(['ann', 'bob']));
    expect([ann?.['cacheScope'] ?? 'private', bob?.['cacheScope'] ?? 'private']).toEqual(['private', 'private']);
  });

  it('goes by the headers of each request, in one session too', async () => {
    const { mcp } = await start();
    const session = await WireSession.open(mcp);
    const list = async (who: string) => (await session.ask('prompts/list', {}, { [TOKEN]: who })).message.result;
    expect(await list('ann')).toEqual({ prompts: [{ name: 'of_ann' }] });
    expect(await list('bob')).toEqual({ prompts: [{ name: 'of_bob' }] });
  });
});
