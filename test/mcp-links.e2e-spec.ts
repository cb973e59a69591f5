import { closesAfterEach } from './support/ends.js';
import { httpUpstream } from './support/gateway.js';
import { startMcpGateway } from './support/clients/mcp-clients.js';
import { WireSession, WireStream } from './support/clients/mcp-wire.js';
import { type Exchange, RawMcpServer, toolOf } from './support/raw-mcp-server.js';
import { until } from './support/until.js';

const CAN_OPEN = { elicitation: { url: {} } };
const COMPLETE = 'notifications/elicitation/complete';
const link = (elicitationId: string) => ({ mode: 'url', message: 'Sign in', url: 'https://sign-in.example/x', elicitationId });
const complete = (elicitationId: string) => ({ jsonrpc: '2.0', method: COMPLETE, params: { elicitationId, more: 1 } });
const told = ({ messages }: WireStream) => messages.filter(({ method }) => method === COMPLETE);

describe('[AC4] the link that a server has a client open', () => {
  const closing = closesAfterEach();

  /** `work` asks for a link named by its argument in the course of the call, `later` by an error. */
  const start = async () => {
    const calls: Exchange[] = [];
    const server = closing(
      await RawMcpServer.start({
        tools: ['work', 'later'].map((name) => toolOf(name)),
        on: {
          'tools/call': (call) => {
            const { name, arguments: args } = call.message.params ?? {};
            const id = String(args?.['id']);
            if (name === 'later') return call.error(-32042, 'Sign in first.', { elicitations: [link(id)] });
            calls.push(call);
            call.stream({ jsonrpc: '2.0', id: `q-${calls.length}`, method: 'elicitation/create', params: link(id) });
          },
          response: (reply) => reply.send(202),
        },
      }),
    );
    const gateway = closing(await startMcpGateway({ API_KEYS: 'ann:key-of-ann,bob:key-of-bob' }, [httpUpstream(server.url)]));
    await until('listed', async () => (await fetch(`${gateway.url}/ready`)).status === 200);
    const open = async (who: string) => {
      const session = await WireSession.open(`${gateway.url}/mcp`, { authorization: `Bearer key-of-${who}` }, CAN_OPEN);
      return { session, listening: await session.listen() };
    };
    /** On all streams that the gateway has open there, and on that of the last call. */
    const say = (message: object, onCall = calls.at(-1)) => {
      for (const stream of server.openStreams) stream.write(`data: ${JSON.stringify(message)}\n\n`);
      onCall?.event(message);
    };
    return { server, calls, open, say };
  };
  const call = ({ url, own }: WireSession, id: number, name: string, elicitationId: string) =>
    WireStream.post(url, { jsonrpc: '2.0', id, method: 'tools/call', params: { name, arguments: { id: elicitationId } } }, own);

  it('is told to be done with to that client, once, on the stream of its call, and to nobody else', async () => {
    const { open, say, calls } = await start();
    const [ann, bob, again] = [await open('ann'), await open('bob'), await open('ann')];
    const ofAnn = await call(ann.session, 1, 'work', 'e-1');
    const ofBob = await call(bob.session, 1, 'work', 'e-2');
    await until('both are asked', () => ofAnn.messages.length > 0 && ofBob.messages.length > 0);
    expect(ofAnn.messages.at(-1)).toMatchObject({ method: 'elicitation/create', params: link('e-1') });
    for (const id of ['e-1', 'e-1', 'unknown', 5, { a: 1 }, null]) say(complete(id as string));
    await until('ann is told', () => told(ofAnn).length > 0);
    say(complete('e-2'));
    await until('bob is told', () => told(ofBob).length > 0);
    const [callOfAnn, callOfBob] = calls as [Exchange, Exchange];
    for (const { event, answer, response } of [bound(callOfAnn), bound(callOfBob)]) {
      event(answer());
      response.end();
    }
    await until('both are over', () => [ofAnn, ofBob].every(({ messages }) => messages.at(-1)?.result));
    expect([told(ofAnn), told(ofBob)]).toEqual([[complete('e-1')], [complete('e-2')]]);
    for (const { listening } of [ann, bob, again]) {
      expect(told(listening)).toEqual([]);
      listening.leave();
    }
  });

  it('is told to be done with behind the call that it was an error of, in the session of that call alone', async () => {
    const { open, say } = await start();
    const [ann, bob] = [await open('ann'), await open('bob')];
    const failed = await ann.session.ask('tools/call', { name: 'later', arguments: { id: 'e-3' } });
    expect(failed.message.error).toMatchObject({ code: -32042, data: { elicitations: [link('e-3')] } });
    await bob.session.ask('tools/call', { name: 'later', arguments: { id: 'e-4' } });
    for (const id of ['e-3', 'e-4']) say(complete(id));
    await until('both are told', () => told(ann.listening).length > 0 && told(bob.listening).length > 0);
    expect([told(ann.listening), told(bob.listening)]).toEqual([[complete('e-3')], [complete('e-4')]]);
    for (const { listening } of [ann, bob]) listening.leave();
  });

  it('[P5] is remembered with 49 others of its session, by an id of 200 characters at the most', async () => {
    const { open, say } = await start();
    const [ann, bob] = [await open('ann'), await open('bob')];
    await bob.session.ask('tools/call', { name: 'later', arguments: { id: 'of-bob' } });
    for (let id = 0; id <= 50; id++) await ann.session.ask('tools/call', { name: 'later', arguments: { id: `e-${id}` } });
    await ann.session.ask('tools/call', { name: 'later', arguments: { id: 'x'.repeat(201) } });
    for (const id of ['e-0', 'e-1', 'x'.repeat(201), 'e-50', 'of-bob']) say(complete(id));
    await until('bob is told', () => told(bob.listening).length > 0);
    expect(told(ann.listening)).toEqual([complete('e-1'), complete('e-50')]);
    for (const { listening } of [ann, bob]) listening.leave();
  });
});

function bound(call: Exchange) {
  return { event: (message: unknown) => call.event(message), answer: () => call.answer(), response: call.response };
}
