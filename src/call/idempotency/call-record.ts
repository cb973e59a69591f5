import type { ToolOutcome } from '@app/mcp-openapi';
import { outcomeToText, textToOutcome } from '../outcome/outcome-text.js';

/** What is kept of a call with an idempotency key. */
export type CallRecord = StartedRecord | EndedRecord;

/** It is being made, or its replica has died over it. */
export interface StartedRecord {
  readonly state: 'started';
  /** Digest of its arguments. */
  readonly args: string;
  readonly replica: string;
}

/** It has been made. */
export interface EndedRecord {
  readonly state: 'ended';
  readonly args: string;
  /** By {@link outcomeToText}, as UTF-8; undefined for one that is too large to keep. */
  readonly outcome: Buffer | undefined;
}

/** An outcome that is larger is not kept; that there was one is. */
const MAX_OUTCOME_BYTES = 12 * 1024 * 1024;

/** Of a call with these arguments, by their digest, that has ended so. */
export function endedRecord(args: string, outcome: ToolOutcome): EndedRecord {
  const bytes = Buffer.from(outcomeToText(outcome));
  return { state: 'ended', args, outcome: bytes.length > MAX_OUTCOME_BYTES ? undefined : bytes };
}

/** Of a call whose outcome nobody has any more. */
export function notKept(args: string): EndedRecord {
  return { state: 'ended', args, outcome: undefined };
}

/** The outcome that was kept; unknown where it was not. */
export function outcomeOf({ outcome }: EndedRecord): ToolOutcome {
  return outcome ? textToOutcome(outcome.toString()) : NOT_KEPT;
}

/** As it is kept in Redis, before encryption. */
export function recordToText(record: CallRecord): string {
  const { state, args } = record;
  if (state === 'started') return JSON.stringify([state, args, record.replica]);
  return `${JSON.stringify([state, args, record.outcome !== undefined])}\n${record.outcome?.toString() ?? ''}`;
}

/** Undefined for what is no record. */
export function textToRecord(text: string): CallRecord | undefined {
  const end = text.indexOf('\n');
  const [state, args, third] = JSON.parse(end === -1 ? text : text.slice(0, end)) as [string, string, unknown];
  if (state === 'started') return { state, args, replica: String(third) };
  if (state === 'ended') return { state, args, outcome: third === true ? Buffer.from(text.slice(end + 1)) : undefined };
  return undefined;
}

const NOT_KEPT: ToolOutcome = {
  kind: 'unknown',
  type: 'outcome_unknown',
  message:
    'The call with this Idempotency-Key has been made; its answer is not kept, for it was too large or too many came after it. It was not made again.',
  details: { reason: 'answer_not_kept' },
};
