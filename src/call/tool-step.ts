import type { ToolOutcome } from '@app/mcp-openapi';
import type { ToolCall } from './tool-call.js';

/** At once where nothing waits: a promise for each step would cost a call more than what the steps do. */
export type Outcome = ToolOutcome | Promise<ToolOutcome>;

/** All the steps after one. */
export type NextStep = (call: ToolCall) => Outcome;

/** A step ends the call with an outcome of its own, or lets it go on with `next`. It never throws for what a caller can do wrong. */
export interface ToolStep {
  run(call: ToolCall, next: NextStep): Outcome;
}

/** Injection token: the steps in the order that call.module.ts gives. */
export const TOOL_STEPS = Symbol('TOOL_STEPS');

/** All steps as one, each with those after it as its `next`. */
export function inOrder(steps: readonly ToolStep[]): NextStep {
  const none: NextStep = () => {
    throw new Error('The last step passed the call on.');
  };
  return steps.reduceRight<NextStep>((next, step) => (call) => step.run(call, next), none);
}
