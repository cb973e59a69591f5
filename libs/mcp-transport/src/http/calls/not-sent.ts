import type { UpstreamAnswer } from '../../call/upstream-answer.js';
import { TokenError } from '../../oauth/token-error.js';

/** The answer to a call that failed before anything of it was sent. */
export function notSent(error: Error): UpstreamAnswer {
  const { message } = error;
  return { kind: 'unreachable', message, ...(error instanceof TokenError && { noToken: message }) };
}
