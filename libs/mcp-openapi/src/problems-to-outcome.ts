import { type Problem, problemToText } from './problem.js';
import type { ToolOutcome } from './tool-outcome.js';

/** The refusal of a call whose arguments have problems (at least one); `details` names the first and lists them all. */
export function problemsToOutcome(problems: readonly Problem[]): ToolOutcome {
  const message = `Invalid params: ${problems.map(problemToText).join('; ')}`;
  return { kind: 'rejected', type: 'validation_error', message, details: { ...problems[0], problems } };
}
