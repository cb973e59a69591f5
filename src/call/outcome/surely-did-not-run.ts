import { outcomeToStatus, type ToolOutcome } from '@app/mcp-openapi';

/** Statuses of calls that were judged and not made, by the gateway or by the server: another one may have another outcome. */
const NOT_RUN = new Set([400, 403, 404, 409, 429, 503]);

/** Whether a call has certainly done nothing. */
export function surelyDidNotRun(outcome: ToolOutcome): boolean {
  return NOT_RUN.has(outcomeToStatus(outcome));
}
