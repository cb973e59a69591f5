import { outcomeToStatus } from '@app/mcp-openapi';
import { type FailedOutcome, outcomeToFields } from '../../../errors/failed-outcome.js';
import { GatewayException } from '../../../errors/gateway.exception.js';

/** Carries an outcome that is not a result to the exception filter, which prints every error body. */
export class ToolOutcomeException extends GatewayException {
  /** `headers` go with those of the outcome. */
  constructor(outcome: FailedOutcome, headers?: Readonly<Record<string, string>>) {
    const own = outcome.kind === 'tool_error' ? undefined : outcome.headers;
    super(outcomeToStatus(outcome), outcomeToFields(outcome), { ...own, ...headers });
  }
}
