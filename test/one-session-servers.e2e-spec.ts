import { setTimeout as sleep } from 'node:timers/promises';
import { closesAfterEach } from './support/ends.js';
import { httpUpstream, startGatewayHere } from './support/gateway.js';
import { startNode } from './support/processes.js';
import { type Exchange, RawMcpServer, toolOf } from './support/raw-mcp-server.js';
import { callTool, untilPublished } from './support/tool-requests.js';
import { until } from './support/until.js';

const closing = closesAfterEach();
const DONE = { status: 200, body: 'done' };

/** Whether two exchanges were in one session, which there was. */
const inOneSession = (one: Exchange | undefined, other: Exchange | undefined) =>
  one?.sessionId !== undefined && one.sessionId === other?.sessionId;

describe('[E2] servers that have one session for all, made by hand', () => {
  it('of the SDK are listed and called in it, and tell there that their tools have changed', async () => {
    const server = closing(await startNode('test/support/servers/one-session.mjs'));
    const gateway = closing(await startGatewayHere({}, [httpUpstream(server.url)]));
    await untilPublished(gateway, 'work');
    expect(await callTool(gateway, 'work')).toMatchObject(DONE);
    expect(await callTool(gateway, 'grow')).toMatchObject(DONE);
    await untilPublished(gateway, 'grown');
    expect(await callTool(gateway, 'grown')).toMatchObject({ status: 200, body: 'grown' });
  });

  it.each<[string, (exchange: Exchange) => void]>([
    ['HTTP 400', (exchange) => exchange.send(400, 'Already initialized')],
    ['HTTP 409', (exchange) => exchange.send(409)],
    ['a JSON-RPC error', (exchange) => exchange.error(-32_600, 'Invalid Request: Server already initialized')],
  ])('and refuse another by %s are listed and called in the one, which is ended once', async (_, refuse) => {
    const server: RawMcpServer = closing(
      await RawMcpServer.start({
        on: {
          initialize: (exchange) =>
            server.sessions.size > 0 ? refuse(exchange) : exchange.result(server.introduction(exchange), server.newSession()),
        },
      }),
    );
    const gateway = await startGatewayHere({}, [httpUpstream(server.url)]);
    await untilPublished(gateway, 'work');
    expect(await callTool(gateway, 'work')).toMatchObject(DONE);
    expect(server.received('initialize')).toHaveLength(2);
    expect(inOneSession(server.received('tools/list')[0], server.received('tools/call')[0])).toBe(true);
    await gateway.close();
    expect(server.received('DELETE')).toHaveLength(1);
  });

  it('and forget it as soon as another is opened are known by that, and listed and called in one', async () => {
    const server: RawMcpServer = closing(
      await RawMcpServer.start({
        on: {
          initialize: (exchange) => {
            server.sessions.clear();
            exchange.result(server.introduction(exchange), server.newSession());
          },
        },
      }),
    );
    const gateway = closing(await startGatewayHere({}, [httpUpstream(server.url)]));
    await untilPublished(gateway, 'work');
    for (let call = 0; call < 3; call += 1) expect(await callTool(gateway, 'work')).toMatchObject(DONE);
    expect(server.received('initialize')).toHaveLength(3);
    expect(inOneSession(server.received('tools/list').at(-1), server.received('tools/call').at(-1))).toBe(true);
  });
});

describe('[AC5] changes of tools', () => {
  const changeOn = async (toldOn: (streams: Exchange[]) => Exchange[]) => {
    const server = closing(await RawMcpServer.start());
    const gateway = closing(await startGatewayHere({}, [httpUpstream(server.url)]));
    await untilPublished(gateway, 'work');
    await until('the streams', () => server.openStreams.size === 2);
    const before = server.received('tools/list').length;
    server.tools = [toolOf('work'), toolOf('other')];
    for (const { response } of toldOn(server.received('GET')))
      response.write(`data: ${JSON.stringify({ jsonrpc: '2.0', method: 'notifications/tools/list_changed' })}\n\n`);
    await untilPublished(gateway, 'other');
    return () => server.received('tools/list').length - before;
  };

  it.each([0, 1])('that a server tells on stream %d alone are heard', async (index) => {
    await changeOn((streams) => [streams[index] as Exchange]);
  });

  it('that it tells on both are one', async () => {
    const listed = await changeOn((streams) => streams);
    await sleep(600);
    expect(listed()).toBe(1);
  });
});
