import net from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { get } from './support/exchange.ts';
import { type GatewayHere, startGatewayHere } from './support/gateway.ts';

describe('a client that sends its headers byte by byte', () => {
  let gateway: GatewayHere;
  let socket: net.Socket;
  let feed: NodeJS.Timeout;

  beforeAll(async () => {
    gateway = await startGatewayHere();
    socket = net.connect(Number(new URL(gateway.url).port), '127.0.0.1').on('error', () => undefined);
    socket.write('GET /openapi.json HTTP/1.1\r\nHost: x\r\nX-Slow: ');
    feed = setInterval(() => socket.write('x'), 500);
  });
  afterAll(async () => {
    clearInterval(feed);
    socket.destroy();
    await gateway.close();
  });

  it('[P4] is cut off after 10 s, and costs nobody else anything', async () => {
    const received: Buffer[] = [];
    socket.on('data', (chunk: Buffer) => received.push(chunk));
    const closed = new Promise<string>((resolve) => socket.once('close', () => resolve('closed')));
    expect((await get(gateway.url, '/health/live')).status).toBe(200);
    // Node itself looks for such clients every 30 s.
    expect(await Promise.race([closed, sleep(25_000, 'open', { ref: false })])).toBe('closed');
    expect(Buffer.concat(received).toString()).toBe('HTTP/1.1 408 Request Timeout\r\nConnection: close\r\n\r\n');
  }, 40_000);
});
