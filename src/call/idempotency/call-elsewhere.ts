import { setTimeout as sleep } from 'node:timers/promises';
import type { ToolOutcome } from '@app/mcp-openapi';
import type { CallSignal } from '@app/mcp-transport';
import { type CallRecord, type EndedRecord, type StartedRecord } from './call-record.js';
import type { CallRecordsInRedis } from './call-records-in-redis.service.js';

/** Between two looks at what another replica does. */
const PAUSES = { firstMs: 25, longestMs: 400 } as const;
/** Longest that Redis may say nothing of it. */
const SILENCE_MS = 10_000;

/** How another replica's call ended: with a record, without having been made, or unknown to anybody. */
type EndElsewhere =
  | { readonly kind: 'ended'; readonly record: EndedRecord }
  | { readonly kind: 'not_made' }
  | { readonly kind: 'unknown'; readonly outcome: ToolOutcome };

/** Waits for the end of a call that another replica makes, for `maxMs` at the most, or until those who ask for it have left. */
export async function callElsewhere(
  name: string,
  started: StartedRecord,
  records: Pick<CallRecordsInRedis, 'read' | 'lives' | 'mayHaveForgotten'>,
  { maxMs, signal }: { readonly maxMs: number; readonly signal: CallSignal },
): Promise<EndElsewhere> {
  const start = performance.now();
  const end = start + maxMs;
  let heardAt = start;
  for (let pause: number = PAUSES.firstMs; ; pause = Math.min(pause * 2, PAUSES.longestMs)) {
    // Before its record: a replica that ends between both has written it.
    const lives = await records.lives(started);
    const record: CallRecord | null | undefined = await records.read(name);
    if (record === null && !records.mayHaveForgotten(start)) return { kind: 'not_made' };
    if (record?.state === 'ended') return { kind: 'ended', record };
    if (record && lives === false) return unknown('The replica of the gateway that made this call has ended before its outcome was kept.');
    const now = performance.now();
    if (record && lives !== undefined) heardAt = now;
    if (now - heardAt > SILENCE_MS) return unknown('Another replica of the gateway makes this call, and Redis does not say how it ends.');
    if (now > end || signal.aborted) return unknown('Another replica of the gateway is still making this call.');
    await sleep(pause, undefined, { ref: false });
  }
}

function unknown(reason: string): EndElsewhere {
  return { kind: 'unknown', outcome: unknownOutcome(reason) };
}

/** What is answered of a call that may have been made, and that is not made again. */
export function unknownOutcome(reason: string): ToolOutcome {
  const message = `${reason} It may have run, and was not made again.`;
  return { kind: 'unknown', type: 'outcome_unknown', message, details: { reason: 'idempotency_key', outcome: 'unknown' } };
}
