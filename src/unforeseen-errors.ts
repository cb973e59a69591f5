import { Logger } from '@nestjs/common';
import type { RequestContext } from './correlation/request-context.js';
import type { CallSlots } from './throttler/call-slots.js';

/** So many calls are named in the line, the oldest; it says how many there are. */
const MAX_CALLS = 50;
/** A failure may come again and again until the end. */
const MAX_TOLD = 10;

/**
 * Logs what nobody caught, with the calls that were in flight, and has `end` called for it, each time. To be called once the gateway serves:
 * what fails before ends the start.
 */
export function onUnforeseenError(calls: CallSlots, end: () => void): void {
  const logger = new Logger('gateway');
  let told = 0;
  const handle = (msg: string) => (thrown: unknown) => {
    try {
      told += 1;
      if (told <= MAX_TOLD) logger.fatal({ msg, err: toError(thrown), calls_in_flight: calls.inFlight, calls: described(calls) });
      end();
    } catch {
      // Whatever fails here would come here again.
      process.exit(1);
    }
  };
  process.on('uncaughtException', handle('uncaught exception'));
  process.on('unhandledRejection', handle('unhandled rejection'));
}

/** What is thrown and is no error may hold anything. */
function toError(thrown: unknown): Error {
  return thrown instanceof Error ? thrown : new Error(`What was thrown is no error (${typeof thrown}).`);
}

function described(calls: CallSlots) {
  const now = performance.now();
  return [...first(calls.contexts(), MAX_CALLS)].map(({ correlationId, tool, upstream, startedAt }) => ({
    correlation_id: correlationId,
    tool,
    upstream,
    since_ms: Math.round(now - startedAt),
  }));
}

function* first(contexts: Iterable<RequestContext>, count: number): Iterable<RequestContext> {
  let given = 0;
  for (const context of contexts) {
    if (given++ === count) return;
    yield context;
  }
}
