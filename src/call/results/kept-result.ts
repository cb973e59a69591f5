import type { ToolOutcome } from '@app/mcp-openapi';
import { outcomeToText, textToOutcome } from '../outcome/outcome-text.js';

/** Of the outcomes of calls the one that may be kept. */
export type Result = ToolOutcome & { readonly kind: 'result' };

/** A result that stands for others. */
export interface KeptResult {
  readonly outcome: Result;
  /** Milliseconds since 1970 when its server answered. */
  readonly at: number;
}

/** As it is kept for other replicas; `generation` is what it is of no use without. */
export function keptToText({ outcome, at }: KeptResult, generation: string): string {
  return `${JSON.stringify([generation, at])}\n${outcomeToText(outcome)}`;
}

/** Undefined for one of another generation. */
export function textToKept(text: string, generation: string): KeptResult | undefined {
  const end = text.indexOf('\n');
  const [of, at] = JSON.parse(text.slice(0, end)) as [string, number];
  return of === generation ? { at, outcome: textToOutcome(text.slice(end + 1)) as Result } : undefined;
}

/** Of now, by a clock that nobody sets while the process runs. */
export function now(): number {
  return performance.timeOrigin + performance.now();
}
