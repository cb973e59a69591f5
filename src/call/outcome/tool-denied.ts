import type { FailedOutcome } from '../../errors/failed-outcome.js';

/** Longest name that an error repeats. */
const MAX_NAME_LENGTH = 200;

/** What a caller is answered who may not use the tool that they named: nothing that they have not said. */
export function toolDenied(name: string): FailedOutcome {
  const tool = name.slice(0, MAX_NAME_LENGTH);
  const message = `You are not permitted to use the tool "${tool}". Ask whoever runs the gateway for it.`;
  return { kind: 'rejected', type: 'permission_error', message, details: { reason: 'denied_tool', tool } };
}
