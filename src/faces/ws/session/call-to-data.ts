import { LongJson, memberText, outcomeToStatus } from '@app/mcp-openapi';
import type { AnsweredCall } from '../../../call/answered-call.js';
import { resultBody } from '../../../call/outcome/result-body.js';
import { type FailedOutcome, outcomeToFields } from '../../../errors/failed-outcome.js';
import { failureToData } from '../frames/failure-to-data.js';
import type { OutboundType } from '../frames/outbound-frame.js';

/** What is told of the end of a call: its type, and what it says as JSON text. */
export interface CallEnd {
  readonly type: Extract<OutboundType, 'tool_result' | 'tool_error'>;
  readonly data: string | LongJson;
}

/** Of one without a result, which is short. */
export interface FailedEnd extends CallEnd {
  readonly type: 'tool_error';
  readonly data: string;
}

/** `isLate`: the client's own time for it was over. */
export function answeredToEnd(answered: AnsweredCall, id: string, name: string, durationMs: number, isLate: boolean): CallEnd {
  const { outcome } = answered;
  const more = membersOf(answered, durationMs);
  if (outcome.kind !== 'result') return failureToEnd(isLate && outcome.kind === 'unknown' ? LATE : outcome, id, more);
  const { contentType, body } = resultBody(outcome);
  const content = memberText(outcome.result.text, 'content') ?? '[]';
  const before = `{"name":${JSON.stringify(answered.entry?.publishedName ?? name)},"result":`;
  if (body instanceof LongJson) return { type: 'tool_result', data: body.within(before, `,"content":${content}${more}}`) };
  const text = body as string;
  const result = contentType.startsWith('application/json') ? text : JSON.stringify(text);
  return { type: 'tool_result', data: `${before}${result},"content":${content}${more}}` };
}

/** `more`: members as JSON text, each after a comma. */
export function failureToEnd(outcome: FailedOutcome, id: string, more = ''): FailedEnd {
  return { type: 'tool_error', data: failureToData(outcomeToStatus(outcome), outcomeToFields(outcome), id, more) };
}

/** Of a call that was given up before it ran. */
export function notRun(id: string, isLate: boolean): FailedEnd {
  const details = { outcome: 'not_run' };
  if (isLate) return { type: 'tool_error', data: failureToData(504, { type: 'upstream_timeout', message: TOO_LATE, details }, id) };
  return { type: 'tool_error', data: failureToData(CLIENT_LEFT, { type: 'cancelled', message: CANCELLED, details }, id) };
}

function membersOf({ limits, freshness, repetition, outcome }: AnsweredCall, durationMs: number): string {
  const more: Record<string, unknown> = { duration_ms: Math.round(durationMs) };
  if (limits) {
    const { scope, limit, remaining, resetSeconds: reset_seconds } = limits;
    more.limits = { scope, limit, remaining, reset_seconds };
  }
  if (freshness) Object.assign(more, { cache: freshness.cache, age_seconds: freshness.ageSeconds });
  if (repetition?.isReplayed) more.is_replayed = true;
  if (repetition?.isLocal) more.idempotency_scope = 'replica';
  if (outcome.kind === 'result' && outcome.notes?.isOutputMismatch) more.output_schema = 'mismatch';
  return `,${JSON.stringify(more).slice(1, -1)}`;
}

/** As nginx has it over HTTP: nobody was there to be answered. */
const CLIENT_LEFT = 499;
const CANCELLED = 'The call was cancelled before it ran.';
const TOO_LATE = 'The call did not run: the time that it was given (timeout_ms) was over before it was its turn.';
const LATE: FailedOutcome = {
  kind: 'unknown',
  type: 'upstream_timeout',
  message: 'The call was given up: the time that it was given (timeout_ms) is over. It may have run.',
  details: { limit: 'timeout_ms', outcome: 'unknown' },
};
