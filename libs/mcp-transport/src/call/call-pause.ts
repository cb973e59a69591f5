import type { CallDeadline } from './call-deadline.js';
import type { UpstreamAnswer, UpstreamCall } from './upstream-answer.js';

/** Waits between the tries of a call, but not for a caller who has left, nor beyond the call's time. `wait` never rejects but for the signal. */
export async function pauseCall(
  call: UpstreamCall,
  deadline: CallDeadline,
  wait: (signal: AbortSignal) => Promise<unknown>,
): Promise<void> {
  if (callEnd(call, deadline)) return;
  const over = new AbortController();
  const end = () => over.abort();
  deadline.waiting = { timeUp: end };
  call.signal.addEventListener('abort', end);
  await wait(over.signal).catch(() => undefined);
  call.signal.removeEventListener('abort', end);
  deadline.waiting = undefined;
}

/** How a call ends that is over while nothing of it is on its way; undefined if it may go on. */
export function callEnd(call: UpstreamCall, deadline: CallDeadline): UpstreamAnswer | undefined {
  if (call.signal.aborted) return { kind: 'cancelled' };
  return deadline.over && { kind: 'timeout', sent: false, ...deadline.over };
}
