import { once } from 'node:events';
import { createServer, type RequestListener } from 'node:http';
import net, { type AddressInfo } from 'node:net';
import { MAX_WAITING, oneAfterAnother } from '../src/http/connections/pipelined-requests.ts';
import { closesAfterEach } from './support/ends.ts';
import { httpUpstream, startGatewayHere } from './support/gateway.ts';
import { type Exchange, RawMcpServer, textResult } from './support/raw-mcp-server.ts';
import { untilPublished } from './support/tool-requests.ts';
import { until } from './support/until.ts';

describe('requests that come on one connection before the answer to those before them', () => {
  const closing = closesAfterEach();

  const connected = (port: number) => {
    const socket = net.connect(port, '127.0.0.1').on('error', () => undefined);
    const received = { text: '', isOver: false };
    socket.on('data', (data: Buffer) => (received.text += data.toString())).on('close', () => (received.isOver = true));
    closing({ close: () => Promise.resolve(socket.destroy()) });
    return { socket, received };
  };
  const serve = async (listener: RequestListener) => {
    const server = createServer(oneAfterAnother(listener));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    closing({ close: () => new Promise((resolve) => server.close(resolve).closeAllConnections()) });
    return (server.address() as AddressInfo).port;
  };
  const get = (path: string) => `GET ${path} HTTP/1.1\r\nHost: localhost\r\n\r\n`;

  it('[P2] are calls that run one after another, and are answered in their order', async () => {
    const calls: Exchange[] = [];
    const server = closing(await RawMcpServer.start({ on: { 'tools/call': (call) => calls.push(call) } }));
    const gateway = closing(await startGatewayHere({}, [httpUpstream(server.url)]));
    await untilPublished(gateway, 'work');
    const { socket, received } = connected(Number(new URL(gateway.url).port));
    const call = 'POST /v1/tools/work HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}';
    socket.write(call.repeat(3));
    for (const said of ['one', 'two', 'three']) {
      await until(`${said} is called`, () => calls.length > 0);
      expect(calls).toHaveLength(1);
      calls.shift()?.result(textResult(said));
    }
    await until('all are answered', () => received.text.includes('three'));
    expect(received.text.match(/HTTP\/1\.1 200 OK/g)).toHaveLength(3);
    expect(received.text.match(/one|two|three/g)).toEqual(['one', 'two', 'three']);
  });

  it('[P2] take turns of the event loop, none of which is for two of them', async () => {
    let turn = 0;
    const next = (): void => void setImmediate(() => ((turn += 1), turn < 100_000 && next()));
    const turns: number[] = [];
    const port = await serve((request, response) => {
      if (request.url === '/late') turns.push(turn);
      response.end('served');
    });
    const all = Array.from({ length: 20 }, () => connected(port));
    await Promise.all(all.map(({ socket }) => once(socket, 'connect')));
    next();
    for (const { socket } of all) socket.write(get('/') + get('/late').repeat(10));
    await until('all are served', () => turns.length === 200);
    turn = 100_000;
    expect(new Set(turns).size).toBe(200);
  });

  it('[P5] are not many: a connection that sends more is closed, and others are served', async () => {
    let served = 0;
    const port = await serve((request, response) => {
      served += 1;
      if (request.url !== '/never') response.end('served');
    });
    const [many, few] = [connected(port), connected(port)];
    many.socket.write(get('/never') + get('/').repeat(MAX_WAITING));
    await until('the first is served', () => served === 1);
    expect(many.received.isOver).toBe(false);
    many.socket.write(get('/'));
    await until('it is closed', () => many.received.isOver);
    few.socket.write(get('/').repeat(MAX_WAITING));
    await until('the others are served', () => few.received.text.split('served').length === MAX_WAITING + 1);
    expect(served).toBe(MAX_WAITING + 1);
  });
});
