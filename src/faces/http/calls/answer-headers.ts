import type { Freshness, Repetition } from '../../../call/tool-call.js';

type Headers = Readonly<Record<string, string>>;

/** Whether a result is another call's, and its age in seconds (RFC 9111 5.1). */
export function freshnessHeaders({ cache, ageSeconds }: Freshness): Headers {
  return { 'X-Cache': cache, ...(ageSeconds !== undefined && { Age: `${ageSeconds}` }) };
}

/** How a call fared with its Idempotency-Key: whether this is the outcome of an earlier one, and whether this replica alone could tell. */
export function repetitionHeaders({ isReplayed, isLocal }: Repetition): Headers {
  return { ...(isReplayed && { 'Idempotent-Replayed': 'true' }), ...(isLocal && { 'Idempotency-Scope': 'replica' }) };
}
