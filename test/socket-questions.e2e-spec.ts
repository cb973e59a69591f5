import path from 'node:path';
import { closesAfterEach } from './support/ends.js';
import { startGatewayHere, stdioUpstream } from './support/gateway.js';
import { packaged } from './support/installed/server-everything.js';
import { type Exchange, textResult } from './support/raw-mcp-server.js';
import { ROOT } from './support/processes.js';
import { ServedSockets } from './support/clients/served-sockets.js';
import { type Frame, SocketClient } from './support/clients/socket-client.js';
import { untilPublished } from './support/tool-requests.js';
import { until } from './support/until.js';

const FORM = { message: 'Which day?', requestedSchema: { type: 'object', properties: { day: { type: 'string' } } } };
const NO_QUESTION = {
  status: 404,
  error: {
    type: 'not_found',
    message: 'No question of this call has this id, or it is over: answered, withdrawn, or too old (ELICITATION_TIMEOUT).',
    details: { reason: 'no_such_question', id: expect.any(String) },
    correlation_id: expect.any(String),
  },
};
const closing = closesAfterEach();

/** A server that asks these in the stream of each call, and answers it with the answers that it gets. */
async function serveAsking(
  questions: readonly { readonly method: string; readonly params: object }[] = [{ method: 'elicitation/create', params: FORM }],
  environment: Readonly<Record<string, string>> = {},
) {
  const served = closing(await ServedSockets.start(environment));
  const answers = new Map<string, unknown[]>();
  let calls = 0;
  served.does = (exchange: Exchange) => {
    const call = `c${(calls += 1)}`;
    answers.set(call, []);
    served.held.push(exchange);
    exchange.stream(...questions.map((question, index) => ({ jsonrpc: '2.0', id: `${call}-${index}`, ...question })));
  };
  served.server.on['response'] = (reply) => {
    reply.send(202);
    const { id, result, error } = JSON.parse(reply.text) as { id: string; result?: unknown; error?: { code: number } };
    const [call = ''] = id.split('-');
    const given = answers.get(call) as unknown[];
    given.push(result ?? { code: error?.code });
    const exchange = served.held[Number(call.slice(1)) - 1] as Exchange;
    if (given.length < questions.length) return;
    exchange.event(exchange.answer(textResult(JSON.stringify(given))));
    exchange.response.end();
  };
  return served;
}

const idOf = ({ data }: Frame) => data['id'] as string;
const answersOf = (frame: Frame) => JSON.stringify(frame.data['result']);

describe('[AC4][EP7] what a server asks in a call over a socket', () => {
  it('is asked of its client, as the server says it, and answered once', async () => {
    const served = await serveAsking();
    const client = await served.open();
    client.call('call', 'work');
    const asked = await client.next('elicitation_request', 'call');
    expect(asked).toEqual({
      type: 'elicitation_request',
      correlation_id: 'call',
      seq: expect.any(Number),
      data: { mode: 'form', ...FORM, id: expect.any(String), name: 'work' },
    });
    client.say('elicitation_response', { id: idOf(asked), action: 'accept', content: { day: 'Monday' } }, 'call');
    client.say('elicitation_response', { id: idOf(asked), action: 'decline' }, 'call');
    expect((await client.next('error', 'call')).data).toEqual(NO_QUESTION);
    expect(answersOf(await client.end('call'))).toBe('[{"action":"accept","content":{"day":"Monday"}}]');
    expect(client.received.some(({ type }) => type === 'elicitation_ended')).toBe(false);
  });

  it('is answered in its own call and session alone', async () => {
    const served = await serveAsking();
    const [one, other] = [await served.open(), await served.open()];
    for (const client of [one, other]) for (const id of ['a', 'b']) client.call(id, 'work');
    const questions = await Promise.all([one, other].flatMap((client) => ['a', 'b'].map((id) => client.next('elicitation_request', id))));
    const [oneA, oneB, otherA] = questions.map(idOf) as [string, string, string, string];
    expect(new Set(questions.map(idOf)).size).toBe(4);
    one.say('elicitation_response', { id: otherA, action: 'accept' }, 'a');
    one.say('elicitation_response', { id: oneB, action: 'accept' }, 'a');
    one.say('elicitation_response', { id: oneA, action: 'accept' }, 'none');
    await until('all three are refused', () => one.received.filter(({ type }) => type === 'error').length === 3);
    expect(one.received.filter(({ type }) => type === 'error').map(({ data }) => data)).toEqual([NO_QUESTION, NO_QUESTION, NO_QUESTION]);
    expect([...one.received, ...other.received].filter(({ type }) => type === 'tool_result')).toEqual([]);
    one.say('elicitation_response', { id: oneA, action: 'accept', content: { day: 'A' } }, 'a');
    expect(answersOf(await one.end('a'))).toBe('[{"action":"accept","content":{"day":"A"}}]');
    expect([one, other].flatMap(({ received }) => received.filter(({ type }) => type === 'tool_result'))).toHaveLength(1);
  });

  it('is over after ELICITATION_TIMEOUT, which the client is told', async () => {
    const served = await serveAsking(undefined, { ELICITATION_TIMEOUT: '1' });
    const client = await served.open();
    client.call('call', 'work');
    const asked = await client.next('elicitation_request', 'call');
    expect((await client.next('elicitation_ended', 'call')).data).toEqual({ id: idOf(asked) });
    expect(answersOf(await client.end('call'))).toBe('[{"action":"cancel"}]');
    client.say('elicitation_response', { id: idOf(asked), action: 'accept' }, 'call');
    expect((await client.next('error', 'call')).data).toEqual(NO_QUESTION);
  });

  it('is over when its call is cancelled', async () => {
    const served = await serveAsking();
    const client = await served.open();
    client.call('call', 'work');
    const asked = await client.next('elicitation_request', 'call');
    client.say('cancel', undefined, 'call');
    expect((await client.next('elicitation_ended', 'call')).data).toEqual({ id: idOf(asked) });
    expect((await client.end('call')).data).toMatchObject({ status: 502, error: { type: 'outcome_unknown' } });
  });

  it('is told again to a client who comes back, and can be answered then', async () => {
    const served = await serveAsking();
    const lost = await served.open();
    const { known } = lost;
    lost.call('call', 'work');
    const asked = await lost.next('elicitation_request', 'call');
    lost.drop();
    const back = await served.open();
    back.say('resume', known, 'back');
    expect(idOf(await back.next('elicitation_request', 'call'))).toBe(idOf(asked));
    back.say('elicitation_response', { id: idOf(asked), action: 'accept', content: { day: 'Monday' } }, 'call');
    expect(answersOf(await back.end('call'))).toBe('[{"action":"accept","content":{"day":"Monday"}}]');
  });

  it('may be a link to open; to sample and for roots nobody is asked', async () => {
    const link = { mode: 'url', message: 'Sign in', url: 'https://sign-in.example/x', elicitationId: 'e-1' };
    const served = await serveAsking([
      { method: 'sampling/createMessage', params: { messages: [], maxTokens: 1 } },
      { method: 'roots/list', params: {} },
      { method: 'elicitation/create', params: { ...link, url: 'javascript:alert(1)' } },
      { method: 'elicitation/create', params: link },
    ]);
    const client = await served.open();
    client.call('call', 'work');
    const asked = await client.next('elicitation_request', 'call');
    expect(asked.data).toEqual({ ...link, id: expect.any(String), name: 'work' });
    client.say('elicitation_response', { id: idOf(asked), action: 'accept' }, 'call');
    expect(answersOf(await client.end('call'))).toBe('[{"code":-1},{"code":-32601},{"action":"decline"},{"action":"accept"}]');
    expect(client.received.filter(({ type }) => type === 'elicitation_request')).toHaveLength(1);
  });

  it('[E5] is answered by frames that are as they should be', async () => {
    const served = await serveAsking();
    const client = await served.open();
    client.call('call', 'work');
    await client.next('elicitation_request', 'call');
    client.say('elicitation_response', { id: 5, action: 'yes', content: 'x', more: 1 }, 'call');
    const { data } = await client.next('error', 'call');
    expect((data['error'] as { details: { problems: unknown } }).details.problems).toEqual([
      { field: 'data.more', issue: 'unknown' },
      { field: 'data.id', issue: expect.stringMatching(/^must be/) },
      { field: 'data.action', issue: 'must be one of accept, decline, cancel' },
      { field: 'data.content', issue: 'must be an object' },
    ]);
    client.say('elicitation_response', { id: 'x', action: 'accept' });
    await until('the id is asked for', () => client.texts.some((text) => text.includes('"field":"correlation_id","issue":"required"')));
  });

  it('and what it logs is told, but no floods', async () => {
    const served = closing(await ServedSockets.start());
    served.does = (exchange) => {
      const log = (index: number) => ({ jsonrpc: '2.0', method: 'notifications/message', params: { level: 'info', data: { index } } });
      exchange.stream(...Array.from({ length: 60 }, (_, index) => log(index)), exchange.answer());
    };
    const client = await served.open();
    client.call('call', 'work');
    await client.end('call');
    const logs = client.received.filter(({ type }) => type === 'tool_log').map(({ data }) => data);
    expect(logs).toEqual(Array.from({ length: 50 }, (_, index) => ({ level: 'info', data: { index } })));
  });

  it.each([
    ['stdio of the older generation', packaged('server-everything'), ['stdio'], 'trigger-elicitation-request', { name: 'Ada' }, 'Ada'],
    [
      'stdio of the newest generation',
      path.join(ROOT, 'test/support/servers/sdk-v2.mjs'),
      ['--stdio', '--asking', '--modern-only'],
      'ask',
      { day: 'Monday' },
      'Monday',
    ],
  ])('[T3] is asked by real servers over %s', async (_, command, args, tool, content, said) => {
    const gateway = closing(await startGatewayHere({}, [stdioUpstream(command, args)]));
    await untilPublished(gateway, tool);
    const client = await SocketClient.open(gateway.url);
    closing({ close: () => client.close().then(() => undefined) });
    client.call('call', tool);
    let answered = 0;
    await until('it has ended', () => {
      const questions = client.received.filter(({ type }) => type === 'elicitation_request');
      for (const asked of questions.slice(answered)) {
        answered += 1;
        client.say('elicitation_response', { id: idOf(asked), action: 'accept', content }, 'call');
      }
      return client.received.some(({ type }) => type === 'tool_result');
    });
    expect(answersOf(await client.end('call'))).toContain(said);
  });

  it('[AC8] is the link that a server needs its user to open; the call fails, and may be made again', async () => {
    const served = closing(await ServedSockets.start());
    const url = 'https://sign-in.example/x';
    const data = { elicitations: [{ mode: 'url', elicitationId: 'e-1', url, message: 'Sign in first.' }] };
    served.does = (exchange) => exchange.error(-32_042, 'Authorization needed', data);
    const client = await served.open();
    client.call('call', 'work');
    const asked = await client.next('elicitation_request', 'call');
    expect(asked.data).toEqual({ mode: 'url', message: 'Sign in first.', url, elicitationId: 'e-1', id: expect.any(String), name: 'work' });
    client.say('elicitation_response', { id: idOf(asked), action: 'accept' }, 'call');
    expect((await client.end('call')).data).toMatchObject({
      status: 403,
      error: {
        type: 'permission_error',
        message: `Authorization needed: Sign in first. Ask the user to open ${url} in a browser, and then call the tool again.`,
        details: { reason: 'url_elicitation_required', url, code: -32_042, data },
      },
    });
    expect(served.received).toBe(1);
  });
});
