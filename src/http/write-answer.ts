import type { ServerResponse } from 'node:http';
import { LongJson, type ResponseBody } from '@app/mcp-openapi';
import type { CorrelatedRequest } from './correlation.middleware.js';
import { LARGE_ANSWER_BYTES } from './connections/unread-answers.js';

type CorrelatedResponse = ServerResponse & { readonly req: CorrelatedRequest };

/**
 * Writes an answer with its headers, and the correlation id, in one go, or the rest of one that has begun. Headers that are there already
 * (CORS and the like) go out with them; those of `body` replace others of the same name.
 *
 * It goes out at the end of this turn of the event loop, one behind the other with all that are made in it: who reads them is woken by the
 * first, which is dear, and finds the others there.
 */
export function writeAnswer(response: ServerResponse, status: number, { contentType, body: given, headers }: ResponseBody): ServerResponse {
  const body = given instanceof LongJson ? given.toBytes() : given;
  const bytes = typeof body === 'string' ? Buffer.byteLength(body) : body.length;
  if (!response.headersSent)
    response.writeHead(status, flatHeaders((response as CorrelatedResponse).req, status, contentType, bytes, headers));
  setImmediate(end, response, body, bytes);
  return response;
}

function end(response: ServerResponse, body: string | Uint8Array, bytes: number): void {
  if (typeof body !== 'string') response.end(body);
  // While a long text waits to be read it would be held twice: as it is, and as the bytes that are written.
  else if (bytes >= LARGE_ANSWER_BYTES) response.end(Buffer.from(body));
  // ASCII, which is written quicker as what it is.
  else response.end(body, bytes === body.length ? 'latin1' : 'utf8');
  const { req } = response as CorrelatedResponse;
  req.delivery?.handedOver(req, bytes);
}

function flatHeaders(
  { context }: CorrelatedRequest,
  status: number,
  contentType: string,
  bytes: number,
  headers: ResponseBody['headers'],
): string[] {
  const flat = ['X-Correlation-Id', context.correlationId, 'Content-Type', contentType];
  // A 304 has no body, and its Content-Length would be that of the whole answer (RFC 9110 8.6).
  if (status !== 304) flat.push('Content-Length', `${bytes}`);
  for (const name in headers) flat.push(name, headers[name] as string);
  return flat;
}
