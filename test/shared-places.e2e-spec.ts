import { closesAfterEach } from './support/ends.ts';
import { errorAnswer, ID, post, told } from './support/exchange.ts';
import { type GatewayHere, httpUpstream, startGatewayHere } from './support/gateway.ts';
import { type Exchange, RawMcpServer, toolOf } from './support/raw-mcp-server.ts';
import { untilPublished } from './support/tool-requests.ts';
import { until } from './support/until.ts';

const KEYS = Array.from({ length: 12 }, (_, index) => `c${index}:key-of-client-${index}`).join(',');

describe('[P1][P4] places that are left for others', () => {
  const closing = closesAfterEach();
  let held: Exchange[];
  let gateway: GatewayHere;

  const serve = async (environment: Readonly<Record<string, string>>) => {
    held = [];
    const on = {
      'tools/call': (exchange: Exchange) => (exchange.message.params?.name === 'hang' ? held.push(exchange) : exchange.result()),
    };
    const silent = closing(await RawMcpServer.start({ on, tools: [toolOf('hang')] }));
    const lively = closing(await RawMcpServer.start({ on, tools: [toolOf('work'), toolOf('hang')] }));
    const upstreams = [httpUpstream(silent.url, { name: 'silent' }), httpUpstream(lively.url, { name: 'lively' })];
    gateway = closing(await startGatewayHere({ API_KEYS: KEYS, ...environment }, upstreams, { naming: 'prefixed' }));
    await untilPublished(gateway, 'silent_hang');
    await untilPublished(gateway, 'lively_work');
  };
  const call = (client: number, tool: string) =>
    post(gateway.url, `/v1/tools/${tool}`, {}, { authorization: `Bearer key-of-client-${client}` });
  const hold = async (client: number, calls: number, tool = 'silent_hang') => {
    const before = held.length;
    const answers = Array.from({ length: calls }, () => call(client, tool));
    await until('the server has the calls', () => held.length === before + calls);
    return answers;
  };
  const refusal = (reason: string, limit: number) =>
    errorAnswer(
      503,
      {
        type: 'overloaded',
        message: `Service temporarily unavailable: ${reason.replace(/^T/, 't')}`,
        details: { reason, limit },
        retry_after: 1,
      },
      { 'retry-after': '1' },
    );
  const full = (limit: number) =>
    refusal(`The gateway serves no more than ${limit} calls at once (MAX_CONNECTIONS); the tool did not run.`, limit);

  it('[P1] one client may hold all of MAX_CONNECTIONS', async () => {
    await serve({ MAX_CONNECTIONS: '10' });
    const answers = await hold(0, 10);
    expect(told(await call(0, 'lively_work'))).toEqual(full(10));
    for (const exchange of held) exchange.result();
    expect((await Promise.all(answers)).map(({ status }) => status)).toEqual(Array(10).fill(200));
  });

  it('a fifth beside them is served to clients who hold fewer than a tenth', async () => {
    await serve({ MAX_CONNECTIONS: '20' });
    void (await hold(0, 20));
    expect(told(await call(0, 'lively_work'))).toEqual(full(20));
    expect((await call(1, 'lively_work')).status).toBe(200);
  });

  it('of them as many as RESERVED_CONNECTIONS says', async () => {
    await serve({ MAX_CONNECTIONS: '10', RESERVED_CONNECTIONS: '1' });
    void (await hold(0, 5));
    void (await hold(1, 5, 'lively_hang'));
    void (await hold(2, 1, 'lively_hang'));
    expect(told(await call(3, 'lively_work'))).toEqual(full(10));
  });

  it('but not to calls of a server that holds more than half of all already', async () => {
    await serve({ MAX_CONNECTIONS: '10' });
    void (await hold(0, 10));
    const reason =
      'The MCP server "silent" holds more than half of the 10 calls that the gateway serves at once (MAX_CONNECTIONS); the tool did not run.';
    expect(told(await call(1, 'silent_hang'))).toEqual(refusal(reason, 10));
    expect((await call(1, 'lively_work')).status).toBe(200);
    expect((await call(2, 'lively_work')).headers['x-correlation-id']).toBe(ID);
  });

  it('and they are given back', async () => {
    await serve({ MAX_CONNECTIONS: '5' });
    void (await hold(0, 5));
    for (let calls = 0; calls < 5; calls += 1) expect((await call(calls + 1, 'lively_work')).status).toBe(200);
  });

  it('[P6] and so are four connections to each server: one client whose calls hang there keeps nobody else from it', async () => {
    await serve({});
    const hanging = Array.from({ length: 60 }, () => call(0, 'lively_hang'));
    await until('its connections are taken', () => held.length === 42);
    expect((await call(1, 'lively_work')).status).toBe(200);
    hanging.push(...(await hold(1, 4, 'lively_hang')));
    const waiting = call(2, 'lively_work');
    held.pop()?.result();
    expect((await waiting).status).toBe(200);
    expect(held).toHaveLength(45);
    for (let answered = 0; answered < 63; answered += 1) (await until('the next', () => held[answered])).result();
    expect((await Promise.all(hanging)).map(({ status }) => status)).toEqual(Array(64).fill(200));
  });
});
