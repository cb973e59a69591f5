import type { ToolCallRequest } from '../src/call/tool-call-request.ts';
import { closesAfterEach } from './support/ends.ts';
import { callOfNobody } from './support/faces/call-of-nobody.ts';
import { type GatewayHere, httpUpstream, startGatewayHere } from './support/gateway.ts';
import { type Exchange, RawMcpServer, textResult, toolOf } from './support/raw-mcp-server.ts';
import { callTool, untilPublished } from './support/tool-requests.ts';
import { until } from './support/until.ts';

const FORM = { message: 'Which day?', requestedSchema: { type: 'object', properties: { day: { type: 'string' } } } };
const ANSWER = { action: 'accept', content: { day: 'Monday' } };
const FOR_NOBODY = 'The gateway puts a question only to whoever made the call that carried it';

/** Servers that ask on the standing stream of the session of a call, as those on the official SDK do that name no call. */
describe('questions beside the stream of a call', () => {
  const closing = closesAfterEach();

  const start = async (on: Record<string, (exchange: Exchange) => void> = {}) => {
    const server: RawMcpServer = closing(
      await RawMcpServer.start({
        tools: [toolOf('work'), toolOf('wait')],
        on: { 'tools/call': (call) => answerWhatItGets(server, call), ...on },
      }),
    );
    const gateway = closing(await startGatewayHere({ REQUEST_TIMEOUT: '10' }, [httpUpstream(server.url)]));
    await untilPublished(gateway, 'work');
    return { server, gateway };
  };

  const call = async (gateway: GatewayHere, request: Partial<ToolCallRequest> = {}) => {
    const asked: unknown[] = [];
    const ask = async (question: unknown) => {
      asked.push(question);
      return { result: ANSWER };
    };
    const { outcome } = await callOfNobody(gateway, { asker: { capabilities: { elicitation: { form: {} } }, ask }, ...request });
    return { asked, outcome };
  };

  it('[AC4] go to who made the only call of the session, and the answer back on the session', async () => {
    const { server, gateway } = await start();
    const { asked, outcome } = await call(gateway);
    expect(outcome).toMatchObject({ kind: 'result', result: { value: textResult(JSON.stringify(ANSWER)) } });
    expect(asked).toEqual([{ method: 'elicitation/create', params: FORM }]);
    const [reply] = server.received('response') as [Exchange];
    const [carrier] = server.received('tools/call') as [Exchange];
    expect([reply.sessionId, reply.text]).toEqual([carrier.sessionId, JSON.stringify({ jsonrpc: '2.0', id: 'q-1', result: ANSWER })]);
  });

  it('[AC4] are declined at once where nobody can be asked', async () => {
    const { gateway } = await start();
    expect(await callTool(gateway, 'work')).toMatchObject({ status: 422, body: { error: { type: 'tool_error' } } });
  });

  it('[AC4] go to nobody while there is another call in the session, or one that was given up', async () => {
    const { server, gateway } = await start();
    const leaving = new AbortController();
    const waiting = call(gateway, { name: 'wait', signal: leaving.signal });
    await until('it waits', () => server.received('tools/call').length === 1);
    for (let attempt = 0; attempt < 2; attempt++) {
      const { asked, outcome } = await call(gateway);
      expect(asked).toEqual([]);
      expect(JSON.stringify(outcome)).toContain(FOR_NOBODY);
      leaving.abort();
      await waiting;
    }
  });

  it('[AC4] wait for no stream that a server is slow to open', async () => {
    const streams: Exchange[] = [];
    const { gateway } = await start({ GET: (exchange) => void streams.push(exchange), 'tools/call': (exchange) => exchange.result() });
    expect(await callTool(gateway, 'work')).toMatchObject({ status: 200, body: 'done' });
    expect(streams).toHaveLength(2);
  });
});

/** Asks on the session's own stream, and answers `work` with the answer that it gets. */
function answerWhatItGets(server: RawMcpServer, call: Exchange): void {
  if (call.message.params?.name === 'wait') return;
  const stream = server.received('GET').find(({ sessionId }) => sessionId === call.sessionId)?.response;
  stream?.write(`data: ${JSON.stringify({ jsonrpc: '2.0', id: 'q-1', method: 'elicitation/create', params: FORM })}\n\n`);
  server.on['response'] = (reply) => {
    reply.send(202);
    const { result, error } = JSON.parse(reply.text) as { result?: unknown; error?: unknown };
    call.result(textResult(JSON.stringify(result ?? error)));
  };
}
