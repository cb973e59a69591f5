import { closesAfterEach } from './support/ends.ts';
import { httpUpstream, startGatewayHere, stdioUpstream } from './support/gateway.ts';
import { type Exchange, RawMcpServer, textResult } from './support/raw-mcp-server.ts';
import { callTool, publishedTools, untilPublished } from './support/tool-requests.ts';

const COMPLETE = { resultType: 'complete', ttlMs: 0, cacheScope: 'private' };
const header = (value: unknown, type = 'string') => ({ type: 'object', properties: { a: { type, 'x-mcp-header': value } } });
const TOOLS = [
  { name: 'good', inputSchema: header('Region') },
  { name: 'empty', inputSchema: header('') },
  { name: 'spaced', inputSchema: header('My Region') },
  { name: 'number', inputSchema: header('Score', 'number') },
];

describe('a server of 2026-07-28 over HTTP', () => {
  const closing = closesAfterEach();

  /** On bare node:http, and with the headers of a session that there is none of in this generation. */
  const start = () =>
    RawMcpServer.start({
      sessions: false,
      tools: TOOLS,
      on: {
        'server/discover': (exchange) =>
          exchange.result(
            { ...COMPLETE, supportedVersions: ['2026-07-28'], capabilities: { tools: {} }, serverInfo: { name: 'raw', version: '1' } },
            { 'mcp-session-id': 'one' },
          ),
        initialize: (exchange) => exchange.error(-32_601, 'Method not found'),
        'tools/list': (exchange) => exchange.result({ ...COMPLETE, tools: TOOLS }, { 'mcp-session-id': 'two' }),
        'tools/call': (exchange) => exchange.result({ ...COMPLETE, ...(textResult('done') as object) }, { 'mcp-session-id': 'three' }),
      },
    });

  it('[AC5] is asked for no session, and given the id of none, whatever it says in headers', async () => {
    const server = closing(await start());
    // Would answer 404 to each id, as it knows none.
    const gateway = closing(await startGatewayHere({}, [httpUpstream(server.url)]));
    await untilPublished(gateway, 'good');
    expect(await callTool(gateway, 'good')).toMatchObject({ status: 200, body: 'done' });
    expect(server.received('initialize')).toEqual([]);
    expect(server.exchanges.map(({ sessionId }: Exchange) => sessionId)).toEqual(server.exchanges.map(() => undefined));
  });

  it('[AC5] has no tools that ask for headers wrongly; the others stay', async () => {
    const server = closing(await start());
    const gateway = closing(await startGatewayHere({}, [httpUpstream(server.url)]));
    await untilPublished(gateway, 'good');
    expect(await publishedTools(gateway)).toEqual(['good']);
    expect(await callTool(gateway, 'empty', { a: 'x' })).toMatchObject({ status: 404 });
  });

  it('[AC5] keeps them over stdio, where there are no headers', async () => {
    const tools = TOOLS.map((tool) => JSON.stringify(tool)).join(',');
    const script = `
      require('node:readline').createInterface({ input: process.stdin }).on('line', (line) => {
        const { id, method } = JSON.parse(line);
        const say = (result) => console.log(JSON.stringify({ jsonrpc: '2.0', id, result }));
        const hints = ${JSON.stringify(COMPLETE)};
        if (method === 'server/discover') say({ ...hints, supportedVersions: ['2026-07-28'], capabilities: { tools: {} } });
        else if (method === 'tools/list') say({ ...hints, tools: [${tools}] });
      });`;
    const gateway = closing(await startGatewayHere({}, [stdioUpstream('-e', [script])]));
    await untilPublished(gateway, 'number');
    expect(await publishedTools(gateway)).toEqual(TOOLS.map(({ name }) => name));
  });
});
