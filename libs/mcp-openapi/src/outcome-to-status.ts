import type { RejectionType, ToolOutcome, UnavailableType, UnknownType } from './tool-outcome.js';

/** HTTP status of each type of failure. Total: a new type does not compile until it has its row. */
const STATUS = {
  validation_error: 400,
  permission_error: 403,
  tool_not_found: 404,
  conflict: 409,
  rate_limit_error: 429,
  upstream_error: 502,
  outcome_unknown: 502,
  upstream_unavailable: 503,
  overloaded: 503,
  upstream_timeout: 504,
} as const satisfies Record<RejectionType | UnavailableType | UnknownType, number>;

/** HTTP status of an outcome; 422 tells a tool's own "no" apart from a malformed call. */
export function outcomeToStatus(outcome: ToolOutcome): number {
  switch (outcome.kind) {
    case 'result':
      return 200;
    case 'tool_error':
      return 422;
    case 'rejected':
    case 'unavailable':
    case 'unknown':
      return STATUS[outcome.type];
    default: {
      const exhaustive: never = outcome;
      return exhaustive;
    }
  }
}
