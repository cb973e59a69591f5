import net from 'node:net';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { get } from './support/exchange.ts';
import { drill } from './support/long-drills.ts';
import { ROOT, type RunningProcess, startGateway } from './support/processes.ts';
import { until } from './support/until.ts';

const MESSAGE = 'The request came too slowly: its headers may take 10 s, all of it 30 s.';

/** In the short form a tenth of the time is a tenth of what the gateway told Node. */
const QUICK_TIMEOUTS = path.join(ROOT, 'test/support/servers/quick-timeouts.mjs');

describe('[P4] a client that sends byte by byte', () => {
  let gateway: RunningProcess;
  let slow: Slow[];

  beforeAll(async () => {
    gateway = await startGateway({ nodeArgs: drill(['--import', QUICK_TIMEOUTS], []) });
    const port = Number(new URL(gateway.url).port);
    slow = [
      new Slow(port, 'GET /openapi.json HTTP/1.1\r\nHost: localhost\r\nX-Slow: '),
      new Slow(
        port,
        'POST /v1/tools HTTP/1.1\r\nHost: localhost\r\nX-Correlation-Id: slow-body\r\nContent-Type: application/json\r\nContent-Length: 9000\r\n\r\n',
      ),
      new Slow(port, ''),
    ];
  });
  afterAll(async () => {
    for (const client of slow) client.stop();
    await gateway.stop();
  });

  it('its headers is cut off after 10 s with 408, one that sends nothing silently, and it costs nobody else anything', async () => {
    const [headers, , nothing] = slow as [Slow, Slow, Slow];
    expect((await get(gateway.url, '/health/live')).status).toBe(200);
    if (drill(true, false)) expect(gateway.stderr[0]).toBe('{"headersTimeout":10000,"requestTimeout":30000}');
    // Node itself looks for such clients every 30 s.
    const all = Promise.all([headers.closed, nothing.closed]);
    const [answer, silence] = (await Promise.race([all, sleep(25_000, [], { ref: false })])) as [string?, string?];
    const id = /X-Correlation-Id: (\S+)/.exec(answer ?? '')?.[1];
    expect(answer).toMatch(/^HTTP\/1\.1 408 Request Timeout\r\n/);
    expect(answer?.split('\r\n\r\n')[1]).toBe(JSON.stringify({ error: { type: 'request_error', message: MESSAGE, correlation_id: id } }));
    expect(silence).toBe('');
    await until('it is logged', () => linesOf(id).length > 0);
    expect(linesOf(id)).toEqual([expect.objectContaining({ msg: 'request', status: 408, reason: 'ERR_HTTP_REQUEST_TIMEOUT' })]);
    expect(gateway.stdout.filter((line) => line.includes('ERR_HTTP_REQUEST_TIMEOUT'))).toHaveLength(1);
  }, 40_000);

  it('its body is cut off after 30 s with 408', async () => {
    const answer = await Promise.race([slow[1]?.closed, sleep(drill(20_000, 55_000), 'open', { ref: false })]);
    expect(answer).toMatch(/^HTTP\/1\.1 408 Request Timeout\r\nX-Correlation-Id: slow-body\r\n/);
    expect(answer?.split('\r\n\r\n')[1]).toBe(
      JSON.stringify({ error: { type: 'request_error', message: MESSAGE, correlation_id: 'slow-body' } }),
    );
    await until('it is logged', () => linesOf('slow-body').length > 0);
    expect(linesOf('slow-body')).toEqual([expect.objectContaining({ msg: 'request', status: 408, error: 'request_error' })]);
  }, 60_000);

  const linesOf = (id: unknown) =>
    gateway.stdout.map((line) => JSON.parse(line) as Record<string, unknown>).filter((line) => line['correlation_id'] === id);
});

/** Sends a beginning, and then a byte twice a second, unless the beginning is nothing. */
class Slow {
  /** Everything that came until the gateway closed. */
  readonly closed: Promise<string>;
  private readonly socket: net.Socket;
  private readonly feed: NodeJS.Timeout | undefined;

  constructor(port: number, beginning: string) {
    const received: Buffer[] = [];
    this.socket = net.connect(port, '127.0.0.1').on('error', () => undefined);
    this.socket.on('data', (chunk: Buffer) => received.push(chunk));
    this.closed = new Promise((resolve) => this.socket.once('close', () => resolve(Buffer.concat(received).toString())));
    if (beginning === '') return;
    this.socket.write(beginning);
    this.feed = setInterval(() => this.socket.write('x'), 500);
  }

  stop(): void {
    clearInterval(this.feed);
    this.socket.destroy();
  }
}
