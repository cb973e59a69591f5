import net from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { get } from './support/exchange.ts';
import { allListed } from './support/listed.ts';
import { type RunningProcess, startGateway } from './support/processes.ts';
import { until } from './support/until.ts';

type Line = Record<string, unknown>;

describe('[E5][P4] what is no proper HTTP', () => {
  let gateway: RunningProcess;
  const sockets: net.Socket[] = [];

  beforeAll(async () => {
    gateway = await startGateway();
    await allListed(gateway.url);
  });
  afterEach(() => sockets.splice(0).forEach((socket) => socket.destroy()));
  afterAll(() => gateway.stop());

  const connect = (): net.Socket => {
    const socket = net.connect(Number(new URL(gateway.url).port), '127.0.0.1').on('error', () => undefined);
    sockets.push(socket);
    return socket;
  };

  /** Everything that comes until the gateway closes. */
  const received = async (socket: net.Socket): Promise<string> => {
    const chunks: Buffer[] = [];
    socket.on('data', (chunk: Buffer) => chunks.push(chunk));
    socket.resume();
    await new Promise((resolve) => socket.once('close', resolve));
    return Buffer.concat(chunks).toString();
  };

  const answerTo = (text: string): Promise<string> => {
    const socket = connect();
    socket.write(text);
    return received(socket);
  };

  const parsed = (answer: string) => {
    const [head = '', body = ''] = answer.split('\r\n\r\n');
    const [first = '', ...headers] = head.split('\r\n');
    return { first, headers: Object.fromEntries(headers.map((line) => line.split(': ') as [string, string])), body };
  };

  const linesOf = (id: unknown) =>
    until('the line', () => {
      const lines = gateway.stdout.map((line) => JSON.parse(line) as Line).filter((line) => line['correlation_id'] === id);
      return lines.length > 0 && lines;
    });

  /** The answer is whole, names an id that no one gave, and is logged once. */
  const expectRefusal = async (answer: string, status: string, message: string, reason: string) => {
    const { first, headers, body } = parsed(answer);
    const id = headers['X-Correlation-Id'];
    expect(id).toMatch(/^[\da-f]{8}-[\da-f]{4}-4[\da-f]{3}-[\da-f]{4}-[\da-f]{12}$/);
    expect({ first, headers, body }).toEqual({
      first: `HTTP/1.1 ${status}`,
      headers: {
        'X-Correlation-Id': id,
        'Content-Type': 'application/json; charset=utf-8',
        'Content-Length': String(Buffer.byteLength(body)),
        Connection: 'close',
      },
      body: JSON.stringify({ error: { type: 'request_error', message, correlation_id: id } }),
    });
    const fields = { level: 'info', msg: 'request', status: Number(status.slice(0, 3)), principal: 'anonymous', error: 'request_error' };
    expect(await linesOf(id)).toEqual([{ ...fields, time: expect.any(String), correlation_id: id, reason }]);
  };

  const NO_HTTP = 'The request is not HTTP/1.1 as RFC 9112 has it. Is it sent to the right port, and https where it should be?';

  it.each([
    ['HELLO\r\n\r\n', 'HPE_INVALID_METHOD'],
    ['GET / HTTP/9.9\r\nX-Correlation-Id: mine\r\n\r\n', 'HPE_INVALID_VERSION'],
    ['GET / HTTP/1.1\r\nX-Correlation-Id: mine\r\nA b: c\r\n\r\n', 'HPE_INVALID_HEADER_TOKEN'],
    ['POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n', 'HPE_INVALID_TRANSFER_ENCODING'],
    ['\u0016\u0003\u0001\u0002\u0000\u0001\u0000', 'HPE_INVALID_METHOD'],
  ])('%j is answered 400', async (text, reason) => {
    await expectRefusal(await answerTo(text), '400 Bad Request', NO_HTTP, reason);
  });

  it('headers that are too large are answered 431, also when they come for long', async () => {
    const message = 'The headers of the request are larger than 16384 bytes.';
    const large = `GET / HTTP/1.1\r\nHost: localhost\r\nX-Large: ${'x'.repeat(3_000_000)}\r\n\r\n`;
    for (const answer of await Promise.all(Array.from({ length: 20 }, () => answerTo(large))))
      await expectRefusal(answer, '431 Request Header Fields Too Large', message, 'HPE_HEADER_OVERFLOW');
  });

  it('the answer reaches a client that reads it only when it has sent the rest', async () => {
    const socket = connect().pause();
    socket.write('HELLO\r\n\r\n');
    for (let part = 0; part < 4; part++) await sleep(25).then(() => socket.write('more\r\n'));
    await sleep(25);
    await expectRefusal(await received(socket), '400 Bad Request', NO_HTTP, 'HPE_INVALID_METHOD');
  });

  it('a body that is cut up wrongly is answered 400 with the id of its request, and logged once', async () => {
    const head = 'POST /v1/tools/list_plans HTTP/1.1\r\nHost: localhost\r\nX-Correlation-Id: chunked\r\nContent-Type: application/json\r\n';
    const { first, headers, body } = parsed(await answerTo(`${head}Transfer-Encoding: chunked\r\n\r\nzz\r\n{}\r\n0\r\n\r\n`));
    expect([first, headers['X-Correlation-Id'], body]).toEqual([
      'HTTP/1.1 400 Bad Request',
      'chunked',
      JSON.stringify({ error: { type: 'request_error', message: NO_HTTP, correlation_id: 'chunked' } }),
    ]);
    const line = { msg: 'request', method: 'POST', path: '/v1/tools/list_plans', status: 400, error: 'request_error' };
    expect(await linesOf('chunked')).toEqual([expect.objectContaining(line)]);
  });

  it('nothing of it is written into an answer that is under way', async () => {
    const body = JSON.stringify({ tasks: [{ title: 'a' }], delay_ms: 5_000 });
    const head =
      'POST /v1/tools/import_tasks HTTP/1.1\r\nHost: localhost\r\nX-Correlation-Id: under-way\r\nContent-Type: application/json\r\n';
    expect(await answerTo(`${head}Content-Length: ${body.length}\r\n\r\n${body}no HTTP\r\n\r\n`)).toBe('');
    expect(await linesOf('under-way')).toEqual([expect.objectContaining({ msg: 'request', status: 499 })]);
  });

  it('a client that leaves in the middle of its headers or body is told nothing', async () => {
    const before = gateway.stdout.length;
    const headers = 'Host: localhost\r\nX-Correlation-Id: leaves\r\nContent-Type: application/json\r\nContent-Length: 9';
    const head = `POST /v1/tools/list_plans HTTP/1.1\r\n${headers}\r\n\r\n{`;
    const leaving = connect();
    leaving.write(head, () => leaving.destroy());
    expect(await linesOf('leaves')).toEqual([expect.objectContaining({ msg: 'request', status: 499 })]);
    expect(gateway.stdout).toHaveLength(before + 1);
  });

  it('is one log line and one sample each, and costs nobody else anything', async () => {
    const count = async () =>
      Number(/mcpo_http_requests_total\{method="other",status="400"\} (\d+)/.exec((await get(gateway.url, '/metrics')).text)?.[1] ?? 0);
    const before = await count();
    const lines = gateway.stdout.length;
    await Promise.all(Array.from({ length: 50 }, () => answerTo('HELLO\r\n\r\n'.repeat(100))));
    expect((await count()) - before).toBe(50);
    await sleep(200);
    const refused = gateway.stdout.slice(lines).filter((line) => line.includes('HPE_INVALID_METHOD'));
    expect(refused).toHaveLength(50);
    expect((await get(gateway.url, '/health/live')).status).toBe(200);
  });
});
