import { outcomeToStatus, type ToolOutcome, toolErrorToText } from '@app/mcp-openapi';
import type { ErrorFields } from './error-body.js';
import { GatewayException } from './gateway.exception.js';

/** An outcome without a result. */
export type FailedOutcome = Exclude<ToolOutcome, { kind: 'result' }>;

/** Carries an outcome that is not a result to the exception filter, which prints every error body. */
export class ToolOutcomeException extends GatewayException {
  constructor(outcome: FailedOutcome) {
    super(outcomeToStatus(outcome), outcomeToFields(outcome), outcome.kind === 'tool_error' ? {} : outcome.headers);
  }
}

/** What a failed outcome says, for every face. */
export function outcomeToFields(outcome: FailedOutcome): ErrorFields {
  return outcome.kind === 'tool_error' ? { type: 'tool_error', message: toolErrorToText(outcome.result) } : outcome;
}
