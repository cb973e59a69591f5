import type { Tool } from '@modelcontextprotocol/sdk/types.js';
import type { PlanStore } from '../data/plan-store.js';

/** What a tool says: its value, or a sentence why it will not (isError). */
export type ToolAnswer =
  { readonly kind: 'value'; readonly value: object; readonly png?: Buffer } | { readonly kind: 'refusal'; readonly sentence: string };

/** What a tool works with beside its arguments. */
export interface ToolContext {
  readonly store: PlanStore;
  /** Aborted when the caller cancels or its session ends. */
  readonly signal: AbortSignal;
  /** Digest of the caller's token. */
  readonly createdBy: string | undefined;
  /** Tells a caller that asked for it how far the call is; nothing for another. */
  progress(done: number, total: number, message: string): Promise<void>;
}

export interface PlannerTool {
  /** As tools/list gives it. */
  readonly definition: Tool;
  /** Called only with arguments that fit the inputSchema and whose plan and bucket exist. */
  run(args: unknown, context: ToolContext): ToolAnswer | Promise<ToolAnswer>;
}

/** A tool whose handler sees its arguments by the type that its inputSchema guarantees. */
export function defineTool<Args>(
  definition: Tool,
  run: (args: Args, context: ToolContext) => ToolAnswer | Promise<ToolAnswer>,
): PlannerTool {
  return { definition, run: (args, context) => run(args as Args, context) };
}

export function answer(value: object): ToolAnswer {
  return { kind: 'value', value };
}

export function refuse(sentence: string): ToolAnswer {
  return { kind: 'refusal', sentence };
}

export function refuseUnknownTask(id: string): ToolAnswer {
  return refuse(`There is no task "${id}".`);
}

/** Looks and changes nothing. */
export const READS = { readOnlyHint: true, openWorldHint: false } as const;
/** Adds, and adds again when called again. */
export const ADDS = { readOnlyHint: false, destructiveHint: false, idempotentHint: false, openWorldHint: false } as const;
/** Changes to a state that can be had back; a second call changes nothing more. */
export const CHANGES = { readOnlyHint: false, destructiveHint: false, idempotentHint: true, openWorldHint: false } as const;
/** What was there before is lost; a second call changes nothing more. */
export const OVERWRITES = { readOnlyHint: false, destructiveHint: true, idempotentHint: true, openWorldHint: false } as const;
