import { Injectable } from '@nestjs/common';
import {
  type ArgumentsValidator,
  compileValidator,
  inTurns,
  isJsonObject,
  type McpTool,
  type ResultNotes,
  type ToolOutcome,
  type ToolResult,
} from '@app/mcp-openapi';
import type { CatalogEntry } from '../../discovery/catalog-snapshot.js';
import { ToolCallMetrics } from '../../metrics/tool-call-metrics.js';
import { Turns } from '../../event-loop/turns.js';
import type { ToolCall } from '../tool-call.js';
import type { NextStep, ToolStep } from '../tool-step.js';

/**
 * Notes on a result what faces should know of it: whether its structuredContent fits the tool's outputSchema (a server that breaks
 * its word is passed on, counted and named), and whether its HTML may be shown.
 */
@Injectable()
export class NoteResultStep implements ToolStep {
  private readonly validators = new WeakMap<McpTool, ArgumentsValidator>();
  private readonly turns = new Turns();

  constructor(private readonly metrics: ToolCallMetrics) {}

  async run(call: ToolCall, next: NextStep): Promise<ToolOutcome> {
    const outcome = await next();
    if (outcome.kind !== 'result') return outcome;
    const notes = await this.notesOn(outcome.result, call.entry as CatalogEntry);
    return notes ? { ...outcome, notes } : outcome;
  }

  private async notesOn(result: ToolResult, entry: CatalogEntry): Promise<ResultNotes | undefined> {
    const inlineHtml = entry.upstream?.settings.inlineHtml === true;
    const isOutputMismatch = await this.isMismatch(result, entry.tool);
    if (isOutputMismatch) this.metrics.countOutputMismatch(entry);
    return inlineHtml || isOutputMismatch ? { inlineHtml, isOutputMismatch } : undefined;
  }

  private async isMismatch({ value }: ToolResult, tool: McpTool): Promise<boolean> {
    const { outputSchema } = tool;
    if (value.structuredContent === undefined || !isJsonObject(outputSchema)) return false;
    let validator = this.validators.get(tool);
    if (!validator) this.validators.set(tool, (validator = compileValidator(outputSchema)));
    const problems = await inTurns(validator.judge(value.structuredContent), this.turns.next);
    return problems.length > 0;
  }
}
