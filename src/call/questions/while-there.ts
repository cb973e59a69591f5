import type { CallSignal } from '@app/mcp-transport';

/** Aborted when who makes a call leaves, or has left. */
export function whileThere(caller: CallSignal): AbortSignal {
  const left = new AbortController();
  if (caller.aborted) left.abort();
  else caller.addEventListener('abort', () => left.abort());
  return left.signal;
}
