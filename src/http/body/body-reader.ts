import type { Request } from 'express';
import type { GatewayException } from '../../errors/gateway.exception.js';
import { payloadTooLarge, tooManyBodies, unsupportedMediaType } from '../../errors/gateway-errors.js';
import type { CorrelatedRequest } from '../correlation.middleware.js';
import { BodyMemory, PartialBody } from './partial-body.js';
import { hasPrototypeKeys } from './prototype-keys.js';

/**
 * Reads the bodies of requests as bytes, counting while it reads; all that are being read share one memory. Only JSON passes,
 * uncompressed; an empty body passes whatever it is called (Open WebUI sends some).
 */
export class BodyReader {
  constructor(
    private readonly maxBytes: number,
    private readonly memory = new BodyMemory(),
  ) {}

  /** What is wrong with a body, as far as its headers tell: 413 or 415. One that may be empty is judged when it has been read. */
  refusalOf(request: Request): GatewayException | undefined {
    const announced = announcedBytes(request);
    if (announced > this.maxBytes) return payloadTooLarge(this.maxBytes);
    return announced > 0 ? wrongMediaType(request) : undefined;
  }

  /**
   * The body of a request that is not refused by its headers; to be asked once, before anything else reads. Rejects with 413, 415 or 503;
   * never settles for a caller who leaves before the end.
   */
  read(request: CorrelatedRequest): Promise<Buffer> {
    return this.receive(request, announcedBytes(request)).then((body) => judged(request, body));
  }

  private receive(request: CorrelatedRequest, announced: number): Promise<Buffer> {
    return new Promise((resolve, reject) => {
      let whole: Buffer = NOTHING;
      let partial: PartialBody | undefined;
      const refuse = (refusal: Error): void => {
        partial?.release();
        request.removeAllListeners('data').removeAllListeners('end').resume();
        reject(refusal);
      };
      request.on('data', (chunk: Buffer) => {
        // Most bodies come at once, and are held by their calls alone.
        if (chunk.length === announced) return void (whole = chunk);
        partial ??= this.partialBody(request, announced > 0 ? announced : this.maxBytes);
        if (partial.length + chunk.length > this.maxBytes) return refuse(payloadTooLarge(this.maxBytes));
        if (!partial.add(chunk)) refuse(tooManyBodies());
      });
      request.on('end', () => resolve(partial ? partial.take() : whole));
    });
  }

  /** Its memory is free again when the request or its answer is over, however it ends. */
  private partialBody(request: CorrelatedRequest, maxBytes: number): PartialBody {
    const body = new PartialBody(this.memory, maxBytes);
    const release = () => body.release();
    request.once('close', release);
    request.res?.once('close', release);
    return body;
  }
}

const NOTHING = Buffer.alloc(0);

/** NaN for a body in chunks, or none. */
function announcedBytes({ headers }: Request): number {
  return Number(headers['content-length'] ?? NaN);
}

/** Throws what is wrong with a body. */
function judged(request: CorrelatedRequest, body: Buffer): Buffer {
  if (hasPrototypeKeys(body)) request.context.suspicion = 'prototype_keys';
  const wrong = body.length === 0 ? undefined : wrongMediaType(request);
  if (wrong) throw wrong;
  return body;
}

function wrongMediaType({ headers }: Request): GatewayException | undefined {
  const encoding = headers['content-encoding'];
  if (encoding !== undefined && encoding !== 'identity') return unsupportedMediaType(`Send the body uncompressed, not as "${encoding}".`);
  const type = headers['content-type'] ?? '';
  if (JSON_TYPE.test(type)) return undefined;
  return unsupportedMediaType('Send the body as JSON, with the header "Content-Type: application/json".');
}

const JSON_TYPE = /^\s*application\/(?:[\w.+-]+\+)?json\s*(?:;|$)/i;
