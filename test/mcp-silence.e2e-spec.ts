import { BOUNDS, MCP_BOUNDS, type McpBounds } from '../src/faces/mcp/bounds.js';
import { closesAfterEach } from './support/ends.js';
import { httpUpstream } from './support/gateway.js';
import { CLIENTS, connect, startMcpGateway } from './support/clients/mcp-clients.js';
import { modern, post, WireSession } from './support/clients/mcp-wire.js';
import { RawMcpServer, textResult } from './support/raw-mcp-server.js';
import { until } from './support/until.js';

/** More than Open WebUI's client takes as one event. */
const LARGE = 'x'.repeat(1024 * 1024 + 1);
const RESULT = textResult(LARGE);

describe('[AC1] a large answer after a long silence', () => {
  const closing = closesAfterEach();

  const start = async () => {
    const server = closing(
      await RawMcpServer.start({ on: { 'tools/call': (exchange) => void setTimeout(() => exchange.result(RESULT), 300) } }),
    );
    const gateway = closing(await startMcpGateway({}, [httpUpstream(server.url)]));
    Object.assign(gateway.app.get<McpBounds>(MCP_BOUNDS, { strict: false }), { ...BOUNDS, keepAliveMs: 20 });
    await until('listed', async () => (await fetch(`${gateway.url}/ready`)).status === 200);
    return `${gateway.url}/mcp`;
  };
  const kindOf = ({ headers }: { headers: Headers }) => [headers.get('content-type'), headers.get('x-accel-buffering')];

  it('is JSON, with blanks before it, where its client since 2026-07-28 wants to hear nothing else', async () => {
    const answer = await modern(await start(), 'tools/call', { name: 'work' });
    expect([answer.status, ...kindOf(answer)]).toEqual([200, 'application/json', 'no']);
    expect(answer.text).toMatch(/^ {2,}\{/);
    expect(answer.message.result).toEqual({ resultType: 'complete', ...(RESULT as object) });
  });

  it('is JSON for a client that takes nothing else', async () => {
    const session = await WireSession.open(await start());
    const call = { jsonrpc: '2.0', id: 'c', method: 'tools/call', params: { name: 'work' } };
    const answer = await post(session.url, call, { ...session.own, accept: 'application/json' });
    expect([answer.status, ...kindOf(answer)]).toEqual([200, 'application/json', 'no']);
    expect(answer.text).toMatch(/^ {2,}\{/);
    expect(answer.message).toEqual({ jsonrpc: '2.0', id: 'c', result: RESULT });
  });

  it.each([
    ['progress', { progressToken: 1 }],
    ['log lines', { 'io.modelcontextprotocol/logLevel': 'error' }],
  ])('is an event where its client wants to hear %s before it', async (_, meta) => {
    const answer = await modern(await start(), 'tools/call', { name: 'work' }, { meta });
    expect([answer.status, ...kindOf(answer)]).toEqual([200, 'text/event-stream', 'no']);
    expect(answer.text).toMatch(/^(?:: \n\n){2,}event: message\ndata: \{/);
    expect(answer.message.result).toEqual({ resultType: 'complete', ...(RESULT as object) });
  });

  it.each(CLIENTS)('reaches the client %s', async (kind) => {
    const client = closing(await connect(kind, await start()));
    expect(await client.callTool({ name: 'work' })).toMatchObject(RESULT as object);
  });
});
