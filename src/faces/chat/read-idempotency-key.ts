import type { IncomingHttpHeaders } from 'node:http';
import { IDEMPOTENCY_KEY } from '../../call/tool-call-request.js';
import { invalidRequest } from './openai-error.js';

/** The caller's `Idempotency-Key`, for the calls of tools; undefined without one. Throws a 400 for what is none. */
export function readIdempotencyKey(headers: IncomingHttpHeaders): string | undefined {
  const given = headers['idempotency-key'];
  if (given === undefined || (typeof given === 'string' && IDEMPOTENCY_KEY.test(given))) return given as string | undefined;
  throw invalidRequest('Idempotency-Key must be 1 to 255 visible ASCII characters, a new one for each new completion.', 'Idempotency-Key');
}
