import type { NextFunction, Request, RequestHandler, Response } from 'express';
import type { CorrelatedRequest } from './correlation.middleware.js';
import { payloadTooLarge, tooManyBodies, unsupportedMediaType } from '../errors/gateway-errors.js';
import { BodyMemory, PartialBody } from './partial-body.js';
import { hasPrototypeKeys } from './prototype-keys.js';

/** A request whose body has been read. */
export type RequestWithBody = CorrelatedRequest & { rawBody: Buffer };

/**
 * Reads the body of a POST as bytes, counting while it reads, `maxBytes` at the most; all that are being read share `memory`. Only JSON
 * passes, uncompressed; an empty body passes whatever it is called (Open WebUI sends some).
 */
export function rawBodyMiddleware(maxBytes: number, memory = new BodyMemory()): RequestHandler {
  return (request: Request, response: Response, next: NextFunction): void => {
    if (request.method !== 'POST') return next();
    const announced = Number(request.headers['content-length'] ?? NaN);
    if (announced > maxBytes) return next(payloadTooLarge(maxBytes));
    let whole: Buffer = NOTHING;
    let partial: PartialBody | undefined;
    const refuse = (refusal: Error): void => {
      partial?.release();
      request.removeAllListeners('data').removeAllListeners('end').resume();
      next(refusal);
    };
    request.on('data', (chunk: Buffer) => {
      // Most bodies come at once, and are held by their calls alone.
      if (chunk.length === announced) return void (whole = chunk);
      partial ??= partialBody(request, response, memory, announced > 0 ? announced : maxBytes);
      if (partial.length + chunk.length > maxBytes) return refuse(payloadTooLarge(maxBytes));
      if (!partial.add(chunk)) refuse(tooManyBodies());
    });
    request.on('end', () => next(takeBody(request as RequestWithBody, partial ? partial.take() : whole)));
  };
}

const NOTHING = Buffer.alloc(0);

/** Its memory is free again when the request or its answer is over, however it ends. */
function partialBody(request: Request, response: Response, memory: BodyMemory, maxBytes: number): PartialBody {
  const body = new PartialBody(memory, maxBytes);
  const release = () => body.release();
  request.once('close', release);
  response.once('close', release);
  return body;
}

/** Gives what is wrong with the body. */
function takeBody(request: RequestWithBody, body: Buffer): Error | undefined {
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
