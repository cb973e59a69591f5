import type { IncomingHttpHeaders } from 'node:http';

/** What an idempotency key is made of: 1 to 255 visible ASCII characters. */
export const IDEMPOTENCY_KEY = /^[\x21-\x7e]{1,255}$/;

/** What is told of a key that is none; a completion is one call of its caller. */
export const wrongKey = (what: 'call' | 'completion'): string =>
  `must be 1 to 255 visible ASCII characters, a new one for each new ${what}`;

/**
 * The caller's `Idempotency-Key` (draft-ietf-httpapi-idempotency-key-header), taken as it is; undefined without one. Throws what `refuse`
 * makes of the issue for what is none.
 */
export function readIdempotencyKey(
  headers: IncomingHttpHeaders,
  what: 'call' | 'completion',
  refuse: (issue: string) => Error,
): string | undefined {
  const given = headers['idempotency-key'];
  if (given === undefined || (typeof given === 'string' && IDEMPOTENCY_KEY.test(given))) return given;
  throw refuse(wrongKey(what));
}
