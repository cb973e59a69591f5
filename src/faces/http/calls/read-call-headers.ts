import type { IncomingHttpHeaders } from 'node:http';
import { IDEMPOTENCY_KEY } from '../../../call/tool-call-request.js';
import { invalid } from './read-call.js';

/** The caller's `Idempotency-Key` (draft-ietf-httpapi-idempotency-key-header), taken as it is; undefined without one. Throws a 400 for what is none. */
export function readIdempotencyKey(headers: IncomingHttpHeaders): string | undefined {
  const given = headers['idempotency-key'];
  if (given === undefined || (typeof given === 'string' && IDEMPOTENCY_KEY.test(given))) return given as string | undefined;
  throw invalid([{ field: 'Idempotency-Key', issue: 'must be 1 to 255 visible ASCII characters, a new one for each new call' }]);
}
