import { once } from 'node:events';
import net from 'node:net';
import { closesAfterEach } from './support/ends.js';
import { peakMb } from './support/process/peak-memory.js';
import { type RunningProcess, startGateway } from './support/processes.js';
import { until } from './support/until.js';

const MEBIBYTE = 1024 * 1024;
const SIZE = 256 * MEBIBYTE;

describe('[S4][P5] a body of 256 MiB in chunks', () => {
  const closing = closesAfterEach();

  it('is answered 413 and costs the gateway little memory, though all of it is sent', async () => {
    const gateway = closing(await startGateway());
    // What Node reads into is freed by its own time: a first body takes that room.
    await pour(gateway, 64 * MEBIBYTE);
    const before = peakMb(gateway.pid) * MEBIBYTE;
    expect(await pour(gateway, SIZE)).toMatch(/^HTTP\/1\.1 413 /);
    expect(peakMb(gateway.pid) * MEBIBYTE - before).toBeLessThan(SIZE / 2);
  }, 60_000);
});

/** Sends so many bytes as fast as they are read, whatever is answered meanwhile, and gives the answer. */
async function pour({ url }: RunningProcess, size: number): Promise<string> {
  const { hostname, port } = new URL(url);
  const socket = net.connect(Number(port), hostname);
  let answer = '';
  socket.on('data', (text: Buffer) => (answer += text.toString()));
  socket.write('POST /v1/tools/list_plans HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n');
  const chunk = Buffer.concat([Buffer.from(`${MEBIBYTE.toString(16)}\r\n`), Buffer.alloc(MEBIBYTE, ' '), Buffer.from('\r\n')]);
  for (let sent = 0; sent < size; sent += MEBIBYTE) if (!socket.write(chunk)) await once(socket, 'drain');
  socket.write('0\r\n\r\n');
  await until('the answer', () => answer.includes('\r\n\r\n'));
  socket.destroy();
  return answer;
}
