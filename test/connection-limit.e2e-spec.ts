import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import net, { type AddressInfo } from 'node:net';
import { pino } from 'pino';
import { limitConnections, MAX_OPEN_CONNECTIONS } from '../src/http/connections/connection-limit.ts';
import { closesAfterEach } from './support/ends.ts';
import { startGatewayHere } from './support/gateway.ts';
import { until } from './support/until.ts';

describe('[P4] open connections', () => {
  const closing = closesAfterEach();

  it('are bounded at the gateway', async () => {
    const { app } = closing(await startGatewayHere());
    expect((app.getHttpServer() as Server).maxConnections).toBe(MAX_OPEN_CONNECTIONS);
  });

  it('beyond the bound are closed, told once of a flood; those that are open are served, and new ones when there is room', async () => {
    const lines: string[] = [];
    const server = createServer((_, response) => response.end('served'));
    limitConnections(server, pino({ base: null }, { write: (line: string) => void lines.push(line) }), 2);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    closing({ close: () => new Promise((resolve) => server.close(resolve).closeAllConnections()) });
    const connect = () => net.connect((server.address() as AddressInfo).port, '127.0.0.1').on('error', () => undefined);
    const open = [connect(), connect()];
    await Promise.all(open.map((socket) => once(socket, 'connect')));
    for (let beyond = 0; beyond < 5; beyond += 1) {
      const socket = connect();
      await once(socket.resume(), 'close');
    }
    expect(lines.map((line) => JSON.parse(line) as object)).toEqual([
      expect.objectContaining({ msg: 'new connections are closed: too many are open', limit: 2 }),
    ]);
    const [first, second] = open as [net.Socket, net.Socket];
    expect(await answerOn(first)).toMatch(/^HTTP\/1\.1 200 OK/);
    second.destroy();
    await until('there is room', async () => (await answerOn(connect())).startsWith('HTTP/1.1 200 OK'));
  });
});

/** Nothing where it is closed before it answers. */
async function answerOn(socket: net.Socket): Promise<string> {
  socket.write('GET / HTTP/1.1\r\nHost: localhost\r\n\r\n');
  const [data] = (await Promise.race([once(socket, 'data'), once(socket, 'close')])) as [unknown];
  socket.destroy();
  return Buffer.isBuffer(data) ? data.toString() : '';
}
