import { closesAfterEach } from './support/ends.js';
import { httpUpstream, startGatewayHere } from './support/gateway.js';
import { type Exchange, RawMcpServer, type RawServerOptions } from './support/raw-mcp-server.js';
import { callTool, untilPublished } from './support/tool-requests.js';
import { until } from './support/until.js';

const closing = closesAfterEach();

/** Behind a load balancer that ties each session to a pod by a cookie. */
async function balanced(more: RawServerOptions = {}, settings: Parameters<typeof httpUpstream>[1] = {}) {
  let pods = 0;
  const initialize = (exchange: Exchange) => {
    pods += 1;
    exchange.result(server.introduction(exchange), { 'set-cookie': `AWSALB=pod${pods}; Path=/; HttpOnly`, ...server.newSession() });
  };
  const server: RawMcpServer = closing(await RawMcpServer.start({ ...more, on: { initialize, ...more.on } }));
  const gateway = closing(await startGatewayHere({}, [httpUpstream(server.url, { protocol: 'legacy', ...settings })]));
  await untilPublished(gateway, 'work');
  return { server, gateway };
}

const cookiesBySession = (server: RawMcpServer) => {
  const seen = new Map<string | undefined, Set<string | undefined>>();
  for (const { sessionId, headers, message } of server.exchanges)
    if (message.method !== 'initialize') seen.set(sessionId, (seen.get(sessionId) ?? new Set()).add(headers.cookie));
  return [...seen.values()].map((cookies) => [...cookies]);
};

describe('[AC5] cookies that a server sets', () => {
  it('stick to the session that got them: lists, calls, streams, the end of the session', async () => {
    const { server, gateway } = await balanced();
    await callTool(gateway, 'work');
    await until('the stream of changes', () => server.received('GET').length > 0);
    await gateway.close();
    expect(cookiesBySession(server)).toEqual([['AWSALB=pod1'], ['AWSALB=pod2']]);
    expect(server.received('DELETE')).toHaveLength(2);
  });

  it('never come from one caller’s session to another’s', async () => {
    const { server, gateway } = await balanced({}, { forwardHeaders: ['x-token'] });
    for (const token of ['one', 'two', 'one']) await callTool(gateway, 'work', {}, { headers: { 'x-token': token } });
    const calls = server.received('tools/call').map(({ headers }) => [headers['x-token'], headers.cookie]);
    expect(calls).toEqual([
      ['one', 'AWSALB=pod3'],
      ['two', 'AWSALB=pod4'],
      ['one', 'AWSALB=pod3'],
    ]);
  });

  it('of a server without session ids are kept apart by caller, too', async () => {
    const call = (exchange: Exchange) => exchange.result(undefined, { 'set-cookie': `user=${exchange.headers['x-token'] as string}` });
    const { server, gateway } = await balanced({ sessions: false, on: { 'tools/call': call } }, { forwardHeaders: ['x-token'] });
    for (const token of ['one', 'two', 'one']) await callTool(gateway, 'work', {}, { headers: { 'x-token': token } });
    await callTool(gateway, 'work');
    const calls = server.received('tools/call').map(({ headers }) => [headers['x-token'], headers.cookie]);
    expect(calls).toEqual([
      ['one', 'AWSALB=pod2'],
      ['two', 'AWSALB=pod3'],
      ['one', 'AWSALB=pod2; user=one'],
      [undefined, 'AWSALB=pod1'],
    ]);
  });

  it('are replaced, ended and added as later answers say, beside the one of the settings', async () => {
    const says = [
      ['AWSALB=moved', 'b=2; Max-Age=100'],
      ['b=; Max-Age=0'],
      ['c=3; Expires=Thu, 01 Jan 1970 00:00:00 GMT', 'd=4; Path=/elsewhere'],
    ];
    const call = (exchange: Exchange) => {
      exchange.response.setHeader('set-cookie', says[server.received('tools/call').length - 1] ?? []);
      exchange.json(200, exchange.answer());
    };
    const { server, gateway } = await balanced({ on: { 'tools/call': (exchange) => call(exchange) } }, { headers: { cookie: 'own=1' } });
    for (let time = 0; time < 4; time += 1) await callTool(gateway, 'work');
    expect(server.received('tools/call').map(({ headers }) => headers.cookie)).toEqual([
      'own=1; AWSALB=pod2',
      'own=1; AWSALB=moved; b=2',
      'own=1; AWSALB=moved',
      'own=1; AWSALB=moved',
    ]);
  });

  it('are so many and so long at the most', async () => {
    const call = (exchange: Exchange) => {
      const many = Array.from({ length: 10 }, (_, index) => `c${index}=${'x'.repeat(1_000)}`);
      exchange.response.setHeader('set-cookie', [...many, `long=${'x'.repeat(4_200)}`]);
      exchange.json(200, exchange.answer());
    };
    const { server, gateway } = await balanced({ on: { 'tools/call': call } });
    await callTool(gateway, 'work');
    await callTool(gateway, 'work');
    const length = server.received('tools/call')[1]?.headers.cookie?.length ?? 0;
    expect([length > 4_000, length < 8_200]).toEqual([true, true]);
  });
});
