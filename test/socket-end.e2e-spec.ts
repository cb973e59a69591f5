import { closesAfterEach } from './support/ends.ts';
import { request } from './support/exchange.ts';
import { startGateway } from './support/processes.ts';
import { type Exchange, RawMcpServer } from './support/raw-mcp-server.ts';
import { ServedSockets } from './support/clients/served-sockets.ts';
import { SocketClient } from './support/clients/socket-client.ts';
import { until } from './support/until.ts';

const closing = closesAfterEach();

describe('[P4][EP7] the end of the gateway', () => {
  it('is told to sockets: at once where nothing is waited for, else when the last call has ended; calls that have not begun are not', async () => {
    const held: Exchange[] = [];
    const server = closing(await RawMcpServer.start({ on: { 'tools/call': (exchange) => void held.push(exchange) } }));
    const gateway = closing(await startGateway({ env: { MCP_SERVER_URL: server.url } }));
    await until('it is ready', async () => (await request(gateway.url, '/ready')).status === 200);
    const [idle, busy] = [await SocketClient.open(gateway.url), await SocketClient.open(gateway.url)];
    for (let count = 0; count < 10; count += 1) busy.call(`call-${count}`, 'work');
    await until('8 run', () => held.length === 8);
    const exited = gateway.stop();
    const goodbye = { code: 1001, reason: 'the gateway is stopping' };
    expect(await idle.closed).toEqual(goodbye);
    expect(busy.isClosed).toBe(false);
    for (const exchange of held) exchange.result();
    for (let count = 0; count < 8; count += 1) expect(await busy.end(`call-${count}`)).toMatchObject({ type: 'tool_result' });
    for (const id of ['call-8', 'call-9'])
      expect(await busy.end(id)).toMatchObject({ data: { status: 503, error: { type: 'overloaded', retry_after: 1 } } });
    expect(await busy.closed).toEqual(goodbye);
    expect(await exited).toBe(0);
    expect(held).toHaveLength(8);
  });
});

describe('[P1][AC4] many sockets', () => {
  it('with ten calls each: every call is answered, once, and made once', async () => {
    const served = closing(await ServedSockets.start({ MAX_CONNECTIONS: '20', MAX_SOCKETS: '200' }));
    const made = new Map<unknown, number>();
    served.does = (exchange) => {
      const name = exchange.message.params?.arguments?.name;
      made.set(name, (made.get(name) ?? 0) + 1);
      exchange.result();
    };
    const clients = await Promise.all(Array.from({ length: 200 }, () => served.open()));
    clients.forEach((client, socket) => {
      for (let count = 0; count < 10; count += 1) client.call(`call-${count}`, 'work', { name: `${socket}-${count}` });
    });
    await until(
      'all are answered',
      () => clients.every(({ received }) => received.filter(({ type }) => type === 'tool_result').length >= 10),
      120_000,
    );
    for (const { received } of clients) {
      const ids = received
        .filter(({ type }) => /^tool_(result|error)$/.test(type))
        .map(({ correlation_id, type }) => `${type} ${correlation_id}`);
      expect(ids.sort()).toEqual(Array.from({ length: 10 }, (_, count) => `tool_result call-${count}`));
    }
    expect([made.size, Math.max(...made.values())]).toEqual([2_000, 1]);
  });
});
