import { type ToolOutcome, toolErrorToText } from '@app/mcp-openapi';
import type { ErrorFields } from './error-body.js';

/** An outcome without a result. */
export type FailedOutcome = Exclude<ToolOutcome, { kind: 'result' }>;

/** What a failed outcome says, for every face. */
export function outcomeToFields(outcome: FailedOutcome): ErrorFields {
  return outcome.kind === 'tool_error' ? { type: 'tool_error', message: toolErrorToText(outcome.result) } : outcome;
}
