import type { Dispatcher } from 'undici';
import { eachRpcMessage } from '../call/call-answer.js';
import type { HttpEndpoint } from './http-endpoint.js';
import { httpError } from './http-error.js';
import { mediaTypeOf } from './headers/response-headers.js';
import { SseReader } from './events/sse-reader.js';

/** An answer to the question is short; one that goes on and on is an answer by then. */
const MAX_BYTES = 64 * 1024;

/**
 * Posts the question whether a server is there. Resolves when it is answered, also by a status that says that the session or the question is
 * unknown; on a stream by the first message. Rejects for a 5xx, which a proxy may say for a server that is gone, and with the signal, which
 * gives the place in the pool back.
 */
export async function httpPing(endpoint: HttpEndpoint, headers: Record<string, string>, body: string, signal: AbortSignal): Promise<void> {
  const { origin, path, exchanges } = endpoint;
  const response = await exchanges.request({ origin, path, method: 'POST', headers, body, signal });
  if (response.statusCode >= 500) {
    await response.body.dump();
    throw httpError(response.statusCode, '');
  }
  await read(response);
}

async function read({ headers, body }: Dispatcher.ResponseData): Promise<void> {
  let isAnswered = false;
  const reader = new SseReader((data) => eachRpcMessage(data, () => (isAnswered = true)));
  const isStream = mediaTypeOf(headers['content-type']) === 'text/event-stream';
  let bytes = 0;
  try {
    for await (const chunk of body as AsyncIterable<Buffer>) {
      bytes += chunk.length;
      if (bytes > MAX_BYTES) return;
      if (isStream) reader.feed(chunk);
    }
  } catch (error) {
    // Most end the stream behind the answer, and the connection is of use again.
    if (!isAnswered) throw error;
  }
}
