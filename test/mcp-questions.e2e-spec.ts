import { BOUNDS, MCP_BOUNDS, type McpBounds } from '../src/faces/mcp/bounds.js';
import { closesAfterEach } from './support/ends.js';
import { httpUpstream } from './support/gateway.js';
import { startMcpGateway } from './support/clients/mcp-clients.js';
import { WireSession, WireStream } from './support/clients/mcp-wire.js';
import { type Exchange, RawMcpServer, textResult } from './support/raw-mcp-server.js';
import { until } from './support/until.js';

const FORM = { message: 'Which?', requestedSchema: { type: 'object', properties: {} } };
const CANCELLED = textResult('{"action":"cancel"}');

describe('[AC4] what a server asks an MCP client', () => {
  const closing = closesAfterEach();

  /** Asks in each call, and answers it with the answer that it gets. */
  const start = async (bounds: Partial<McpBounds> = {}) => {
    const calls = new Map<unknown, Exchange>();
    const server = closing(
      await RawMcpServer.start({
        on: {
          'tools/call': (call) => {
            const id = `q-${calls.size}`;
            calls.set(id, call);
            call.stream({ jsonrpc: '2.0', id, method: 'elicitation/create', params: FORM });
          },
          response: (reply) => {
            reply.send(202);
            const { id, result } = JSON.parse(reply.text) as { id: string; result: unknown };
            const call = calls.get(id) as Exchange;
            call.event(call.answer(textResult(JSON.stringify(result))));
            call.response.end();
          },
        },
      }),
    );
    const gateway = closing(await startMcpGateway({}, [httpUpstream(server.url)]));
    Object.assign(gateway.app.get<McpBounds>(MCP_BOUNDS, { strict: false }), { ...BOUNDS, ...bounds });
    await until('listed', async () => (await fetch(`${gateway.url}/ready`)).status === 200);
    return { server, session: await WireSession.open(`${gateway.url}/mcp`, {}, { elicitation: { form: {} } }) };
  };

  const call = async ({ url, own }: WireSession, id: number) => {
    const message = { jsonrpc: '2.0', id, method: 'tools/call', params: { name: 'work' } };
    return WireStream.post(url, message, own);
  };
  const asked = async (stream: WireStream) =>
    until('a question', () => stream.messages.find(({ method }) => method === 'elicitation/create'));
  const over = async (stream: WireStream) => until('the answer', () => stream.messages.find(({ result }) => result)?.result);

  it.each([
    ['number', { maxQuestions: 2 }],
    ['length', { maxQuestionCharacters: 2 * JSON.stringify(FORM).length }],
  ])('[P5] in one session is bounded by %s: what is beyond is not put, and stays unanswered', async (_, bounds) => {
    const { session } = await start(bounds);
    const [one, other] = [await call(session, 1), await call(session, 2)];
    const questions = [await asked(one), await asked(other)];
    const beyond = await call(session, 3);
    expect(JSON.parse((await beyond.text) ?? '')).toEqual({ jsonrpc: '2.0', id: 3, result: CANCELLED });
    await session.say({ id: questions[0]?.id, result: { action: 'decline' } });
    expect(await over(one)).toEqual(textResult('{"action":"decline"}'));
    expect((await asked(await call(session, 4))).params).toEqual(FORM);
    await session.end();
  });
});
