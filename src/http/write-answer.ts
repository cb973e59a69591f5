import type { ServerResponse } from 'node:http';
import type { ResponseBody } from '@app/mcp-openapi';
import type { CorrelatedRequest } from './correlation.middleware.js';

type CorrelatedResponse = ServerResponse & { readonly req: CorrelatedRequest };

/**
 * Writes an answer with its headers, and the correlation id, in one go. Headers that are there already (CORS and the like) go out with
 * them; those of `body` replace others of the same name.
 */
export function writeAnswer(response: ServerResponse, status: number, { contentType, body, headers }: ResponseBody): ServerResponse {
  const flat = ['X-Correlation-Id', (response as CorrelatedResponse).req.context.correlationId, 'Content-Type', contentType];
  // A 304 has no body, and its Content-Length would be that of the whole answer (RFC 9110 8.6).
  if (status !== 304) flat.push('Content-Length', `${typeof body === 'string' ? Buffer.byteLength(body) : body.length}`);
  for (const name in headers) flat.push(name, headers[name] as string);
  return response.writeHead(status, flat).end(body);
}
