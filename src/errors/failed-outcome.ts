import { type ToolOutcome, toolErrorToText } from '@app/mcp-openapi';
import { type ErrorFields, overloadMessage, TEMPORARILY_UNAVAILABLE } from './error-body.js';

/** An outcome without a result. */
export type FailedOutcome = Exclude<ToolOutcome, { kind: 'result' }>;

/** A call that did not run, and may be made again after so many seconds. */
export function temporarilyUnavailable(details: Readonly<Record<string, unknown>>, retryAfterSeconds: number): FailedOutcome {
  return { kind: 'unavailable', type: 'upstream_unavailable', message: TEMPORARILY_UNAVAILABLE, details, retryAfterSeconds };
}

/** A call that did not run since the gateway has no room for it, and may be made again after so many seconds. */
export function overload(reason: string, details: Readonly<Record<string, unknown>>, retryAfterSeconds: number): FailedOutcome {
  return { kind: 'unavailable', type: 'overloaded', message: overloadMessage(reason), details: { reason, ...details }, retryAfterSeconds };
}

/** What a failed outcome says, for every face. */
export function outcomeToFields(outcome: FailedOutcome): ErrorFields {
  return outcome.kind === 'tool_error' ? { type: 'tool_error', message: toolErrorToText(outcome.result) } : outcome;
}
