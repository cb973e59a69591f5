import type { ServerResponse } from 'node:http';
import { drained } from './network/pour.ts';

const AT_ONCE = 20_000;
/** `1\r\nX\r\n`, the chunk of one byte (RFC 9112, 7.1). */
const CHUNK = Buffer.from('1\r\n_\r\n');
const AT = CHUNK.indexOf('_');

/** Answers 200 with a text, each byte of which is a chunk of its own; ends early where nobody reads any more. */
export async function answerInBytes(response: ServerResponse, contentType: string, text: string): Promise<void> {
  response.writeHead(200, { 'content-type': contentType, 'transfer-encoding': 'chunked' }).flushHeaders();
  await sendInBytes(response, text);
  response.socket?.write('0\r\n\r\n');
}

/** The same on an answer in chunks that has begun, and that goes on afterwards. */
export async function sendInBytes({ socket }: ServerResponse, text: string): Promise<void> {
  const bytes = Buffer.from(text);
  for (let from = 0; from < bytes.length && socket && !socket.destroyed; from += AT_ONCE)
    if (!socket.write(chunksOf(bytes.subarray(from, from + AT_ONCE)))) await drained(socket);
}

function chunksOf(bytes: Buffer): Buffer {
  const chunks = Buffer.alloc(bytes.length * CHUNK.length, CHUNK);
  bytes.forEach((byte, index) => (chunks[index * CHUNK.length + AT] = byte));
  return chunks;
}
