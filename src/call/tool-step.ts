import type { ToolOutcome } from '@app/mcp-openapi';
import type { ToolCall } from './tool-call.js';

export type NextStep = () => Promise<ToolOutcome>;

/** A step ends the call with an outcome of its own, or lets it go on with `next`. It never throws for what a caller can do wrong. */
export interface ToolStep {
  run(call: ToolCall, next: NextStep): Promise<ToolOutcome>;
}

/** Injection token: the steps in the order that tools.module.ts gives. */
export const TOOL_STEPS = Symbol('TOOL_STEPS');
