import { outcomeToStatus } from './outcome-to-status.js';
import type { ToolOutcome } from './tool-outcome.js';

const result = { value: {}, text: '{}' };

describe('outcomeToStatus', () => {
  it.each<[ToolOutcome, number]>([
    [{ kind: 'result', result }, 200],
    [{ kind: 'tool_error', result }, 422],
    [{ kind: 'rejected', type: 'validation_error', message: '' }, 400],
    [{ kind: 'rejected', type: 'permission_error', message: '' }, 403],
    [{ kind: 'rejected', type: 'tool_not_found', message: '' }, 404],
    [{ kind: 'rejected', type: 'conflict', message: '' }, 409],
    [{ kind: 'rejected', type: 'rate_limit_error', message: '' }, 429],
    [{ kind: 'unavailable', type: 'upstream_error', message: '' }, 502],
    [{ kind: 'unavailable', type: 'upstream_unavailable', message: '' }, 503],
    [{ kind: 'unknown', type: 'outcome_unknown', message: '' }, 502],
    [{ kind: 'unknown', type: 'upstream_timeout', message: '' }, 504],
  ])('[AC3] %j is %d', (outcome, status) => {
    expect(outcomeToStatus(outcome)).toBe(status);
  });
});
