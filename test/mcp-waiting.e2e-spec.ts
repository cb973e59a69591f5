import { closesAfterEach } from './support/ends.js';
import { httpUpstream } from './support/gateway.js';
import { startMcpGateway } from './support/clients/mcp-clients.js';
import { modern, WireSession } from './support/clients/mcp-wire.js';
import { type Exchange, RawMcpServer, toolOf } from './support/raw-mcp-server.js';
import { until } from './support/until.js';

const CAN_ANSWER = { elicitation: { form: {} } };
const META = { 'io.modelcontextprotocol/clientCapabilities': CAN_ANSWER };
/** Of one client at one server, with the usual MAX_CONNECTIONS. */
const SHARE = 18;
const as = (who: string) => ({ authorization: `Bearer key-of-${who}` });
const question = (id: unknown) => ({
  jsonrpc: '2.0',
  id,
  method: 'elicitation/create',
  params: { message: 'Which?', requestedSchema: { type: 'object', properties: {} } },
});

const DONE = { resultType: 'complete', content: [{ type: 'text', text: 'done' }] };

describe('[AC4][P5] calls of MCP clients that wait for answers', () => {
  const closing = closesAfterEach();

  /** `ask` asks in each call, and whatever it is answered, it never ends one; `work` is done at once. */
  const start = async (env = {}) => {
    const asking: Exchange[] = [];
    const ask = (exchange: Exchange): void => {
      asking.push(exchange);
      exchange.stream(question(`q-${asking.length}`));
    };
    const server = closing(
      await RawMcpServer.start({
        tools: ['ask', 'work'].map((name) => toolOf(name)),
        on: {
          'tools/call': (exchange) => (exchange.message.params?.name === 'ask' ? ask(exchange) : exchange.result()),
          'prompts/get': ask,
          response: (exchange) => exchange.send(202),
        },
      }),
    );
    const keys = { API_KEYS: 'ann:key-of-ann,bob:key-of-bob,eve:key-of-eve', RATE_LIMIT_CLIENT: '1000', ...env };
    const gateway = closing(await startMcpGateway(keys, [httpUpstream(server.url)]));
    await until('listed', async () => (await fetch(`${gateway.url}/ready`)).status === 200);
    return { asking, server, mcp: `${gateway.url}/mcp` };
  };

  const call = (mcp: string, who: string, name: string, args = {}) =>
    modern(mcp, 'tools/call', { name, arguments: args }, { headers: as(who), meta: META });
  const resultOf = async (answer: ReturnType<typeof call>) =>
    (await answer).message.result as { resultType?: string; isError?: boolean; requestState?: string };
  const beyond = (name: string, why: string) => ({
    resultType: 'complete',
    content: [{ type: 'text', text: `"${name}" asks the user a question, which could not be put, so the call was given up: ${why}` }],
    isError: true,
  });

  it('are of one client as many at one server as leave room for others, in and out of sessions', async () => {
    const { mcp, asking } = await start();
    const calls = await Promise.all(Array.from({ length: 60 }, () => resultOf(call(mcp, 'ann', 'ask'))));
    const waiting = calls.filter(({ resultType }) => resultType === 'input_required');
    expect(waiting).toHaveLength(SHARE);
    const why = `${SHARE} calls of this client to the MCP server "default" wait for answers already. Answer or decline some of them, then call again.`;
    expect(calls.filter(({ isError }) => isError === true)).toEqual(Array.from({ length: 60 - SHARE }, () => beyond('ask', why)));
    await until('their server holds the others no more', () => asking.filter(({ response }) => !response.destroyed).length === SHARE);
    expect(await resultOf(call(mcp, 'bob', 'work'))).toEqual(DONE);
    expect(await resultOf(call(mcp, 'bob', 'ask'))).toMatchObject({ resultType: 'input_required' });

    const session = await WireSession.open(`${mcp}/default`, as('ann'), CAN_ANSWER);
    const { content } = beyond('ask', why);
    expect((await session.ask('tools/call', { name: 'ask' })).message.result).toEqual({ content, isError: true });
    expect((await session.ask('prompts/get', { name: 'draft' })).message.error).toEqual({
      code: -32000,
      message: `prompts/get asks the user a question, which could not be put, so it was given up: ${why}`,
      data: { type: 'overloaded' },
    });
  });

  it('are of all clients as many at one server as leave room for other calls', async () => {
    const { mcp } = await start();
    for (const who of ['ann', 'bob']) await Promise.all(Array.from({ length: SHARE }, () => call(mcp, who, 'ask')));
    const why = `${2 * SHARE} calls to the MCP server "default" wait for answers of their users already. Call again when some of them are answered.`;
    expect(await resultOf(call(mcp, 'eve', 'ask'))).toEqual(beyond('ask', why));
    expect(await resultOf(call(mcp, 'eve', 'work'))).toEqual(DONE);
  });

  it('hold no more characters of one client than leave room for those of others', async () => {
    const { mcp } = await start();
    const text = 'x'.repeat(1_000_000);
    const calls = await Promise.all(Array.from({ length: 12 }, () => resultOf(call(mcp, 'ann', 'ask', { text }))));
    const why =
      'Calls of this client that wait for answers may hold 8388608 characters, with their questions. Answer or decline some of them, then call again.';
    expect(calls.filter(({ isError }) => isError === true)).toEqual(Array.from({ length: 4 }, () => beyond('ask', why)));
    expect(await resultOf(call(mcp, 'bob', 'ask', { text }))).toMatchObject({ resultType: 'input_required' });
  });
});
