import type { RequestContext } from './request-context.js';

/** From now on the time of a request is its server's: it waits for the answer to what was sent there, for it or for another like it. */
export function beginServerTime(context: RequestContext): void {
  context.sentAt = performance.now();
}

/** Its server has answered, or answers no more. */
export function endServerTime(context: RequestContext): void {
  context.upstreamMs = performance.now() - (context.sentAt as number);
  context.sentAt = undefined;
}
