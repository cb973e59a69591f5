import { closesAfterEach } from './support/ends.ts';
import { httpUpstream, startGatewayHere } from './support/gateway.ts';
import { type Exchange, RawMcpServer } from './support/raw-mcp-server.ts';
import { callTool, errorOf, untilPublished } from './support/tool-requests.ts';

const REFUSED = errorOf({
  type: 'upstream_error',
  message: 'The MCP server sent an answer of more than 1000000 values and names, or of more than 100000 levels.',
  details: { server: 'default', outcome: 'unknown' },
});

describe('[AC3][P2] an answer of very many values', () => {
  const closing = closesAfterEach();
  const answered = async (structured: string, send: (exchange: Exchange, text: string) => unknown) => {
    const text = (id: unknown) => `{"jsonrpc":"2.0","id":${JSON.stringify(id)},"result":{"content":[],"structuredContent":${structured}}}`;
    const on = { 'tools/call': (exchange: Exchange) => send(exchange, text(exchange.message.id)) };
    const server = closing(await RawMcpServer.start({ on }));
    const gateway = closing(await startGatewayHere({}, [httpUpstream(server.url)]));
    await untilPublished(gateway, 'work');
    return callTool(gateway, 'work');
  };
  const asJson = (exchange: Exchange, text: string) => exchange.send(200, text, { 'content-type': 'application/json' });
  const asEvent = (exchange: Exchange, text: string) => exchange.send(200, `data: ${text}\n\n`, { 'content-type': 'text/event-stream' });

  it.each<[string, string, typeof asJson]>([
    ['lists', `{"v":[${'[],'.repeat(600_000)}[]]}`, asJson],
    ['lists, as an event', `{"v":[${'[],'.repeat(600_000)}[]]}`, asEvent],
    ['members', `{${Array.from({ length: 500_001 }, (_, at) => `"${at}":1`).join()}}`, asJson],
    ['levels', `{"v":${'['.repeat(150_000)}${']'.repeat(150_000)}}`, asJson],
  ])('is told as that, and not read: %s', async (_, structured, send) => {
    const { status, body } = await answered(structured, send);
    expect([status, body]).toEqual([502, REFUSED]);
  });

  it('is read where they are not too many: 100,000 rows of three members, or as many commas in a text', async () => {
    const rows = `{"rows":[${Array.from({ length: 100_000 }, (_, at) => `{"id":${at},"name":"${'n'.repeat(40)}","v":2.5}`).join()}]}`;
    const read = await answered(rows, asJson);
    expect([read.status, JSON.stringify(read.body) === rows]).toEqual([200, true]);
    const text = `{"text":"${',:[{'.repeat(500_000)}"}`;
    expect((await answered(text, asEvent)).status).toBe(200);
  });
});
