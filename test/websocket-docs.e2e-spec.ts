import 'reflect-metadata';
import { readFileSync } from 'node:fs';
import { INBOUND_FRAMES } from '../src/faces/ws/frames/inbound-frames.dto.js';
import { OUTBOUND_TYPES } from '../src/faces/ws/frames/outbound-frame.js';
import { closesAfterEach } from './support/ends.js';
import { textResult } from './support/raw-mcp-server.js';
import { ServedSockets } from './support/clients/served-sockets.js';
import type { Frame } from './support/clients/socket-client.js';
import { until } from './support/until.js';

const PAGE = readFileSync('docs/websocket.md', 'utf8');
const EXAMPLES = [...PAGE.matchAll(/```json\n(.*)\n```/g)].map(([, text]) => text as string);
const examplesOf = (types: readonly string[]) => EXAMPLES.filter((text) => types.includes((JSON.parse(text) as Frame).type));
const QUESTION = { message: 'Which plan?', requestedSchema: { type: 'object', properties: { plan: { type: 'string' } } } };
const INBOUND = Object.keys(INBOUND_FRAMES);

/** The types in the table behind these words. */
function tableBehind(words: string): (string | undefined)[] {
  const rows = (PAGE.split(words)[1] as string).split('\n\n')[1]?.split('\n') ?? [];
  return rows.slice(2).map((row) => /^\| `(\w+)` \|/.exec(row)?.[1]);
}

/** What a value is made of: its keys in their order, and what kind of thing is behind each. */
function shapeOf(value: unknown): unknown {
  if (Array.isArray(value)) return value.slice(0, 1).map(shapeOf);
  if (typeof value !== 'object' || value === null) return typeof value;
  return Object.entries(value).map(([key, member]) => [key, shapeOf(member)]);
}

describe('[WS][EP7][T2] docs/websocket.md', () => {
  const closing = closesAfterEach();

  it('has a row and an example of each frame, and no other', () => {
    expect(tableBehind('What a client sends:')).toEqual(INBOUND);
    expect(tableBehind('What the gateway sends:')).toEqual([...OUTBOUND_TYPES]);
    expect(EXAMPLES.map((text) => (JSON.parse(text) as Frame).type)).toEqual([...INBOUND, ...OUTBOUND_TYPES]);
  });

  it('shows frames as they are: those of clients are taken, those of the gateway look like that', async () => {
    const served = closing(await ServedSockets.start({ RATE_LIMIT_CLIENT: '100' }));
    served.server.tools = [{ name: 'create_task', description: 'Creates a task.', inputSchema: { type: 'object' } }];
    for (const stream of served.server.openStreams) stream.write('data: {"jsonrpc":"2.0","method":"notifications/tools/list_changed"}\n\n');
    served.does = (exchange) => {
      const { progressToken } = exchange.message.params?._meta ?? {};
      const params = { progressToken, progress: 3, total: 10, message: '3 of 10' };
      exchange.stream(
        { jsonrpc: '2.0', method: 'notifications/progress', params },
        { jsonrpc: '2.0', method: 'notifications/message', params: { level: 'info', data: 'Looking for a plan' } },
        { jsonrpc: '2.0', id: 'kept', method: 'elicitation/create', params: QUESTION },
        { jsonrpc: '2.0', id: 'withdrawn', method: 'elicitation/create', params: QUESTION },
        { jsonrpc: '2.0', method: 'notifications/cancelled', params: { requestId: 'withdrawn' } },
      );
      served.server.on['response'] = (reply) => {
        reply.send(202);
        if (JSON.parse(reply.text).id !== 'kept') return;
        exchange.event(exchange.answer(textResult('{"id":"task-1"}')));
        exchange.response.end();
      };
    };
    const lost = await served.open();
    lost.drop();
    const client = await served.open();
    const listed = async () => {
      const after = client.lastSeq;
      client.say('list_tools', {}, 'first');
      const { data } = await client.next('tools_changed', 'first', after);
      return JSON.stringify(data).includes('create_task');
    };
    await until('the tools are listed', listed);
    const [call = '', cancel = '', answer = '', list = '', subscribe = '', ping = '', resume = ''] = examplesOf(INBOUND);
    client.sayText(call);
    await client.next('elicitation_ended', 'ws_12345');
    client.sayText(answer.replace('QUESTION_ID', (await client.next('elicitation_request', 'ws_12345')).data['id'] as string));
    await client.end('ws_12345');
    for (const text of [cancel, list, subscribe, ping]) client.sayText(text);
    client.call('ws_12346', 'create_tusk');
    client.say('ping', undefined, 'done');
    await client.end('ws_12346');
    await client.next('pong', 'done');
    expect(client.received.filter(({ type }) => type === 'error')).toEqual([]);
    client.sayText('{"type":x');
    await client.next('error');
    const back = await served.open();
    back.sayText(resume.replace('RESUME_TOKEN', lost.token));
    await back.next('connection_established', 'back-1');
    for (const text of examplesOf(OUTBOUND_TYPES)) {
      const example = JSON.parse(text) as Frame;
      const real = client.received.find(({ type, correlation_id: id }) => type === example.type && id === example.correlation_id);
      expect([example.type, shapeOf(real)]).toEqual([example.type, shapeOf(example)]);
    }
  });
});
