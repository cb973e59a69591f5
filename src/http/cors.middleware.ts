import cors from 'cors';
import type { NextFunction, Request, RequestHandler, Response } from 'express';
import { LIMIT_HEADERS } from './limit-headers.js';

/** What pages may send besides what every server behind the gateway asks of its callers. */
const REQUEST_HEADERS = [
  'authorization',
  'content-type',
  'x-session-id',
  'x-correlation-id',
  'idempotency-key',
  'traceparent',
  'tracestate',
  'x-request-id',
  'cache-control',
  'mcp-session-id',
  'mcp-protocol-version',
  'mcp-method',
  'mcp-name',
  'last-event-id',
];
/** What they may read besides the limits. */
const EXPOSED_HEADERS = [
  'Content-Disposition',
  'Location',
  'X-Correlation-Id',
  'Retry-After',
  'X-Output-Schema',
  'X-Cache',
  'Age',
  'Idempotent-Replayed',
  'Idempotency-Scope',
  'Mcp-Session-Id',
  'WWW-Authenticate',
];

/**
 * Answers preflights and names allowed origins, on errors too (Open WebUI's browser-side connections). Other origins get no header.
 * `forwardHeaders` are names or patterns with `*`.
 */
export function corsMiddleware(origins: readonly string[], forwardHeaders: readonly string[]): RequestHandler {
  const handle = cors({
    origin: origins.includes('*') ? '*' : [...origins],
    methods: ['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'],
    allowedHeaders: [...new Set([...REQUEST_HEADERS, ...forwardHeaders.map((pattern) => (pattern.includes('*') ? '*' : pattern))])],
    exposedHeaders: [...EXPOSED_HEADERS, ...LIMIT_HEADERS],
    credentials: false,
    maxAge: 600,
  });
  // Only browsers send an origin: all others are spared the work.
  return (request: Request, response: Response, next: NextFunction) =>
    request.headers.origin === undefined ? next() : handle(request, response, next);
}
