import http from 'node:http';
import net from 'node:net';
import { closesAfterEach } from './support/ends.ts';
import { errorAnswer, get, ID, post, told } from './support/exchange.ts';
import { type GatewayHere, httpUpstream, startGatewayHere } from './support/gateway.ts';
import { type Exchange, RawMcpServer } from './support/raw-mcp-server.ts';
import { untilPublished } from './support/tool-requests.ts';
import { until } from './support/until.ts';

const TOOL = '/v1/tools/work';
const KEY = 'key-of-open-webui';

describe('MAX_CONNECTIONS', () => {
  const closing = closesAfterEach();
  /** The calls that the server has and does not answer. */
  let held: Exchange[];
  let cancelled: number;
  let isHolding: boolean;
  let gateway: GatewayHere;

  const serve = async (environment: Readonly<Record<string, string>>) => {
    held = [];
    cancelled = 0;
    isHolding = true;
    const on = {
      'tools/call': (exchange: Exchange) => (isHolding ? held.push(exchange) : exchange.result()),
      'notifications/cancelled': (exchange: Exchange) => {
        cancelled += 1;
        exchange.send(202);
      },
    };
    const server = closing(await RawMcpServer.start({ on }));
    gateway = closing(await startGatewayHere(environment, [httpUpstream(server.url)]));
    await untilPublished(gateway, 'work');
  };
  const hold = async (calls: number) => {
    const answers = Array.from({ length: calls }, () => post(gateway.url, TOOL, {}));
    await until('the server has the calls', () => held.length === calls);
    return answers;
  };
  const refusal = (limit: number) =>
    errorAnswer(
      503,
      {
        type: 'overloaded',
        message: `Service temporarily unavailable: the gateway serves no more than ${limit} calls at once (MAX_CONNECTIONS); the tool did not run.`,
        details: { reason: `The gateway serves no more than ${limit} calls at once (MAX_CONNECTIONS); the tool did not run.`, limit },
        retry_after: 1,
      },
      { 'retry-after': '1' },
    );
  /** What comes back on a connection of its own for these bytes, which need not be a whole request. */
  const connect = (bytes: string) => {
    const socket = net.connect(Number(new URL(gateway.url).port), '127.0.0.1').on('error', () => undefined);
    closing({ close: () => Promise.resolve(socket.destroy()) });
    const received: string[] = [];
    socket.on('data', (chunk: Buffer) => received.push(chunk.toString()));
    socket.write(bytes);
    return { socket, received };
  };
  const statusOf = (agent: http.Agent) =>
    new Promise<number | undefined>((resolve, reject) => {
      const sent = http.request(gateway.url + TOOL, { agent, method: 'POST', headers: { 'content-type': 'application/json' } });
      sent.on('error', reject).on('response', (response) => response.resume().on('end', () => resolve(response.statusCode)));
      sent.end('{}');
    });
  const head = (length: number, more = '') =>
    `POST ${TOOL} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\nContent-Length: ${length}\r\nX-Correlation-Id: ${ID}\r\n${more}\r\n`;

  it('[P1] refuses calls beyond so many at once; everything else answers, and so do calls once there is room', async () => {
    await serve({ MAX_CONNECTIONS: '3', RATE_LIMIT_CLIENT: '4' });
    const answers = await hold(3);
    for (let beyond = 0; beyond < 10; beyond += 1) {
      const refused = await post(gateway.url, TOOL, {});
      expect([told(refused), refused.limits]).toEqual([refusal(3), {}]);
    }
    const paths = ['/health', '/health/live', '/ready', '/metrics', '/openapi.json', '/v1/tools', '/v1/servers', '/docs/'];
    for (const path of paths) expect([path, (await get(gateway.url, path)).status]).toEqual([path, 200]);
    for (const exchange of held) exchange.result();
    expect((await Promise.all(answers)).map(({ status }) => status)).toEqual([200, 200, 200]);
    isHolding = false;
    // Who was refused has spent no call: three of four are gone.
    expect([(await post(gateway.url, TOOL, {})).status, (await post(gateway.url, TOOL, {})).status]).toEqual([200, 429]);
  });

  it('[P1] refuses none of a hundred connections, each with its next call as soon as it has its answer', async () => {
    await serve({ MAX_CONNECTIONS: '100' });
    isHolding = false;
    const agent = new http.Agent({ keepAlive: true, maxSockets: 100 });
    const seen = new Map<number | undefined, number>();
    const caller = async () => {
      for (let call = 0; call < 20; call += 1) {
        const status = await statusOf(agent);
        seen.set(status, (seen.get(status) ?? 0) + 1);
      }
    };
    await Promise.all(Array.from({ length: 100 }, caller));
    agent.destroy();
    expect([...seen]).toEqual([[200, 2_000]]);
  });

  it('[P1] refuses before the body is read', async () => {
    await serve({ MAX_CONNECTIONS: '1' });
    void (await hold(1));
    const { received } = connect(head(1_000_000));
    await until('the refusal is there', () => received.join('').includes('\r\n\r\n{"error"'));
    expect(received.join('')).toMatch(/^HTTP\/1\.1 503 /);
  });

  it('[P1] counts no call whose answer is out, whatever it is', async () => {
    await serve({ MAX_CONNECTIONS: '1', RATE_LIMIT_CLIENT: '40' });
    isHolding = false;
    for (let round = 0; round < 12; round += 1) {
      expect((await post(gateway.url, TOOL, {})).status).toBe(200);
      expect((await post(gateway.url, TOOL, '{')).status).toBe(400);
      expect((await post(gateway.url, '/v1/tools/nothing', {})).status).toBe(404);
    }
    for (let call = 0; call < 4; call += 1) expect((await post(gateway.url, TOOL, {})).status).toBe(200);
    for (let call = 0; call < 4; call += 1) expect((await post(gateway.url, TOOL, {})).status).toBe(429);
  });

  it('[P1] counts no call whose caller is gone', async () => {
    await serve({ MAX_CONNECTIONS: '2' });
    const callers = [connect(`${head(2)}{}`), connect(`${head(2)}{}`)];
    await until('the server has the calls', () => held.length === 2);
    expect((await post(gateway.url, TOOL, {})).status).toBe(503);
    callers[0]?.socket.destroy();
    isHolding = false;
    await until('there is room', async () => (await post(gateway.url, TOOL, {})).status === 200);
    callers[1]?.socket.destroy();
    await until('the server is told of both', () => cancelled === 2);
  });

  it('[P1] counts no call that waits behind another on its connection, and makes none of them when that is gone', async () => {
    await serve({ MAX_CONNECTIONS: '3' });
    const { socket } = connect(`${head(2)}{}`.repeat(3));
    await until('the server has the first', () => held.length === 1);
    held.length = 0;
    void (await hold(2));
    expect((await post(gateway.url, TOOL, {})).status).toBe(503);
    socket.destroy();
    await until('the server is told of it', () => cancelled === 1);
    held.length = 0;
    void (await hold(1));
    expect((await post(gateway.url, TOOL, {})).status).toBe(503);
  });

  it('[P1] counts no stranger, however slowly their bodies come', async () => {
    await serve({ MAX_CONNECTIONS: '1', API_KEYS: KEY });
    isHolding = false;
    for (const more of ['', 'Authorization: Bearer wrong-key\r\n']) connect(head(1_000, more));
    await until('both are connected', () => countOf(gateway).then((count) => count >= 2));
    expect((await post(gateway.url, TOOL, {}, { authorization: `Bearer ${KEY}` })).status).toBe(200);
  });
});

function countOf({ app }: GatewayHere): Promise<number> {
  const server = app.getHttpServer() as net.Server;
  return new Promise((resolve, reject) => server.getConnections((error, count) => (error ? reject(error) : resolve(count))));
}
