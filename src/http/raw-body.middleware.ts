import type { NextFunction, Request, Response } from 'express';
import { payloadTooLarge, unsupportedMediaType } from '../errors/http-errors.js';

/** Largest request body. */
export const MAX_BODY_BYTES = 1024 * 1024;

/** A request whose body has been read. */
export type RequestWithBody = Request & { rawBody: Buffer };

/**
 * Reads the body of a POST as bytes, counting while it reads. Only JSON passes, uncompressed; an empty body passes whatever it is
 * called (Open WebUI sends some).
 */
export function rawBodyMiddleware(request: Request, _: Response, next: NextFunction): void {
  if (request.method !== 'POST') return next();
  const chunks: Buffer[] = [];
  let bytes = 0;
  request.on('data', (chunk: Buffer) => {
    bytes += chunk.length;
    if (bytes <= MAX_BODY_BYTES) return void chunks.push(chunk);
    chunks.length = 0;
    request.removeAllListeners('data').removeAllListeners('end').resume();
    next(payloadTooLarge(MAX_BODY_BYTES));
  });
  request.on('end', () => {
    (request as RequestWithBody).rawBody = chunks.length === 1 ? (chunks[0] as Buffer) : Buffer.concat(chunks);
    next(bytes === 0 ? undefined : wrongMediaType(request));
  });
}

function wrongMediaType({ headers }: Request): Error | undefined {
  const encoding = headers['content-encoding'];
  if (encoding !== undefined && encoding !== 'identity') return unsupportedMediaType(`Send the body uncompressed, not as "${encoding}".`);
  const type = headers['content-type'] ?? '';
  if (JSON_TYPE.test(type)) return undefined;
  return unsupportedMediaType('Send the body as JSON, with the header "Content-Type: application/json".');
}

const JSON_TYPE = /^\s*application\/(?:[\w.+-]+\+)?json\s*(?:;|$)/i;
