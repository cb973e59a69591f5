import { fullJitter } from './full-jitter.js';
import type { UpstreamAnswer } from '@app/mcp-transport';

/** Tries of one call in all, and the pauses between them (requirements E2). */
const MAX_ATTEMPTS = 3;
const PAUSE = { firstMs: 100, longestMs: 400 } as const;

/**
 * Milliseconds after which a call may be sent again; undefined if this answer is the last. A call is sent again only when it surely
 * did not run, or when running it twice does no harm.
 */
export function pauseBeforeRetry(
  answer: UpstreamAnswer,
  call: { readonly attempt: number; readonly isIdempotent: boolean; readonly remainingMs: number },
): number | undefined {
  if (call.attempt >= MAX_ATTEMPTS) return undefined;
  const pauseMs = fullJitter(call.attempt - 1, PAUSE);
  if (answer.kind === 'unreachable') return pauseMs;
  const waitMs = refusedForMs(answer);
  // A wait that does not fit is the caller's to decide on.
  if (waitMs !== undefined) return waitMs + pauseMs < call.remainingMs ? waitMs + pauseMs : undefined;
  return call.isIdempotent && mayHaveRun(answer) ? pauseMs : undefined;
}

/** Whether nobody knows if the tool ran, for a reason that the next try may not meet. */
export function mayHaveRun(answer: UpstreamAnswer): boolean {
  return answer.kind === 'lost' || (answer.kind === 'http_status' && answer.status >= 500);
}

/** Whether the tool surely did not run in this try. */
export function hasNotRun(answer: UpstreamAnswer): boolean {
  return answer.kind === 'unreachable' || answer.kind === 'busy' || (answer.kind === 'timeout' && !answer.sent);
}

/** How long the server wants to be left alone before it takes the call. */
function refusedForMs(answer: UpstreamAnswer): number | undefined {
  if (answer.kind !== 'http_status' || answer.retryAfterSeconds === undefined) return undefined;
  return answer.status === 429 || answer.status === 503 ? answer.retryAfterSeconds * 1000 : undefined;
}
