import http from 'node:http';
import net, { type AddressInfo } from 'node:net';
import type { GatewayException } from '../src/errors/gateway.exception.js';
import { BodyMemory } from '../src/http/body/partial-body.js';
import { BodyReader } from '../src/http/body/body-reader.js';
import type { CorrelatedRequest } from '../src/http/correlation.middleware.js';
import { until } from './support/until.js';

const SIZE = 10_000;
const ROOM = 4;

interface Caller {
  answer: string;
  readonly socket: net.Socket;
}

describe('the memory of bodies that are being read', () => {
  let server: http.Server;
  let sockets: net.Socket[];
  /** Bytes of bodies, and callers who left. */
  let received: number;
  let gone: number;

  beforeEach(async () => {
    sockets = [];
    received = gone = 0;
    const bodies = new BodyReader(SIZE, new BodyMemory(ROOM * SIZE));
    server = http.createServer((request, response) => {
      const asked = Object.assign(request, { res: response, context: {} }) as unknown as CorrelatedRequest;
      const refusal = bodies.refusalOf(asked);
      const body = refusal ? Promise.reject(refusal) : bodies.read(asked);
      body.then(
        ({ length }: Buffer) => response.writeHead(200).end(`${length}`),
        (error: GatewayException) => response.writeHead(error.getStatus()).end(),
      );
      request.on('data', (chunk: Buffer) => (received += chunk.length));
      response.on('close', () => (gone += response.writableFinished ? 0 : 1));
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  });
  afterEach(async () => {
    for (const socket of sockets) socket.destroy();
    await new Promise((resolve) => server.close(resolve));
  });

  /** Sends all of a body but its last byte. */
  const begin = (): Caller => {
    const caller: Caller = {
      answer: '',
      socket: net.connect((server.address() as AddressInfo).port, '127.0.0.1').on('error', () => undefined),
    };
    sockets.push(caller.socket);
    caller.socket.on('data', (chunk: Buffer) => (caller.answer += chunk.toString()));
    caller.socket.write(`POST / HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: ${SIZE}\r\n\r\n`);
    caller.socket.write('x'.repeat(SIZE - 1));
    return caller;
  };
  it('is free again when a body is whole, refused, or its caller is gone', async () => {
    for (let round = 0; round < 3; round += 1) {
      const [first, ...others] = Array.from({ length: ROOM }, begin) as [Caller, ...Caller[]];
      await until('all have come but their ends', () => received === ROOM * (SIZE - 1));
      const refused = begin();
      await until('there is no room', () => refused.answer.startsWith('HTTP/1.1 503'));
      first.socket.destroy();
      await until('it is gone', () => gone === 1);
      received = gone = 0;
      others.push(begin());
      await until('it has come but its end', () => received === SIZE - 1);
      for (const { socket } of others) socket.write('x');
      await until('the others are answered', () => others.every(({ answer }) => answer.includes(`\n${SIZE}\r`)));
      received = 0;
    }
  });

  it('is not taken by a body that says that it is too large', async () => {
    const socket = net.connect((server.address() as AddressInfo).port, '127.0.0.1');
    sockets.push(socket);
    let answer = '';
    socket.on('data', (chunk: Buffer) => (answer += chunk.toString()));
    socket.write(`POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: ${SIZE + 1}\r\n\r\n`);
    await until('it is answered', () => answer !== '');
    expect(answer).toMatch(/^HTTP\/1\.1 413 /);
  });
});
