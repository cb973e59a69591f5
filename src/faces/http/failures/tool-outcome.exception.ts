import { outcomeToStatus } from '@app/mcp-openapi';
import { type FailedOutcome, outcomeToFields } from '../../../errors/failed-outcome.js';
import { GatewayException } from '../../../errors/gateway.exception.js';

/** Carries an outcome that is not a result to the exception filter, which prints every error body. */
export class ToolOutcomeException extends GatewayException {
  constructor(outcome: FailedOutcome) {
    super(outcomeToStatus(outcome), outcomeToFields(outcome), outcome.kind === 'tool_error' ? {} : outcome.headers);
  }
}
