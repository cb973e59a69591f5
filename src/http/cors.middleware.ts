import cors from 'cors';
import type { NextFunction, Request, RequestHandler, Response } from 'express';
import { LIMIT_HEADERS } from '../errors/limit-headers.js';

/** Answers preflights and names allowed origins, on errors too (Open WebUI's browser-side connections). Other origins get no header. */
export function corsMiddleware(origins: readonly string[]): RequestHandler {
  const handle = cors({
    origin: origins.includes('*') ? '*' : [...origins],
    methods: ['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'],
    allowedHeaders: ['authorization', 'content-type', 'x-session-id', 'x-correlation-id', 'idempotency-key'],
    exposedHeaders: ['Content-Disposition', 'Location', 'X-Correlation-Id', 'Retry-After', ...LIMIT_HEADERS],
    credentials: false,
    maxAge: 600,
  });
  // Only browsers send an origin: all others are spared the work.
  return (request: Request, response: Response, next: NextFunction) =>
    request.headers.origin === undefined ? next() : handle(request, response, next);
}
