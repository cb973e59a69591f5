import { closesAfterEach } from './support/ends.ts';
import { allListed } from './support/listed.ts';
import { MODERN_META, WireSession, WireStream } from './support/clients/mcp-wire.ts';
import { startGateway } from './support/processes.ts';
import { type Exchange, RawMcpServer } from './support/raw-mcp-server.ts';
import { until } from './support/until.ts';

describe('[P4] the end of a gateway with MCP clients', () => {
  const closing = closesAfterEach();

  it('finishes their calls, in and out of sessions, and ends what they listen to since 2026-07-28 in its own words', async () => {
    const held: Exchange[] = [];
    const server = closing(await RawMcpServer.start({ on: { 'tools/call': (exchange) => void held.push(exchange) } }));
    const gateway = await startGateway({ env: { MCP_SERVER_URL: server.url } });
    closing({ stop: () => gateway.stop('SIGKILL') });
    await allListed(gateway.url);
    const mcp = `${gateway.url}/mcp`;
    const session = await WireSession.open(mcp);
    const standing = await session.listen();
    const say = (id: string, method: string, params: object) =>
      WireStream.post(
        mcp,
        { jsonrpc: '2.0', id, method, params: { ...params, _meta: MODERN_META } },
        { 'mcp-protocol-version': '2026-07-28', 'mcp-method': method, ...(method === 'tools/call' && { 'mcp-name': 'work' }) },
      );
    const listening = await say('l', 'subscriptions/listen', { notifications: { toolsListChanged: true } });
    const answers = [session.ask('tools/call', { name: 'work' }), say('c', 'tools/call', { name: 'work' })] as const;
    await until('the calls have come', () => held.length === 2);
    const exited = gateway.stop();
    await until('the stream is over', () => listening.isOver);
    const _meta = { 'io.modelcontextprotocol/subscriptionId': 'l' };
    expect(listening.messages.at(-1)).toEqual({ jsonrpc: '2.0', id: 'l', result: { resultType: 'complete', _meta } });
    for (const exchange of held) exchange.result();
    const content = [{ type: 'text', text: 'done' }];
    expect((await answers[0]).message.result).toEqual({ content });
    expect(JSON.parse((await (await answers[1]).text) ?? '')).toMatchObject({ id: 'c', result: { content } });
    expect(await exited).toBe(0);
    await until('the stream of the session is over', () => standing.isOver);
  });
});
