import type { NextFunction, Request, RequestHandler, Response } from 'express';
import type { CorrelatedRequest } from '../correlation/correlation.middleware.js';
import { payloadTooLarge, unsupportedMediaType } from '../errors/http-errors.js';
import { hasPrototypeKeys } from './prototype-keys.js';

/** A request whose body has been read. */
export type RequestWithBody = CorrelatedRequest & { rawBody: Buffer };

/**
 * Reads the body of a POST as bytes, counting while it reads, `maxBytes` at the most. Only JSON passes, uncompressed; an empty body passes
 * whatever it is called (Open WebUI sends some).
 */
export function rawBodyMiddleware(maxBytes: number): RequestHandler {
  return (request: Request, _: Response, next: NextFunction): void => {
    if (request.method !== 'POST') return next();
    const chunks: Buffer[] = [];
    let bytes = 0;
    request.on('data', (chunk: Buffer) => {
      bytes += chunk.length;
      if (bytes <= maxBytes) return void chunks.push(chunk);
      chunks.length = 0;
      request.removeAllListeners('data').removeAllListeners('end').resume();
      next(payloadTooLarge(maxBytes));
    });
    request.on('end', () => next(takeBody(request as RequestWithBody, chunks)));
  };
}

/** Gives what is wrong with the body. */
function takeBody(request: RequestWithBody, chunks: readonly Buffer[]): Error | undefined {
  const body = chunks.length === 1 ? (chunks[0] as Buffer) : Buffer.concat(chunks);
  request.rawBody = body;
  if (hasPrototypeKeys(body)) request.context.suspicion = 'prototype_keys';
  return body.length === 0 ? undefined : wrongMediaType(request);
}

function wrongMediaType({ headers }: Request): Error | undefined {
  const encoding = headers['content-encoding'];
  if (encoding !== undefined && encoding !== 'identity') return unsupportedMediaType(`Send the body uncompressed, not as "${encoding}".`);
  const type = headers['content-type'] ?? '';
  if (JSON_TYPE.test(type)) return undefined;
  return unsupportedMediaType('Send the body as JSON, with the header "Content-Type: application/json".');
}

const JSON_TYPE = /^\s*application\/(?:[\w.+-]+\+)?json\s*(?:;|$)/i;
