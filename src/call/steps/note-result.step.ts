import { Injectable } from '@nestjs/common';
import {
  type ArgumentsValidator,
  compileValidator,
  type FormatsMode,
  inTurns,
  isJsonObject,
  type JsonObject,
  type McpTool,
  perTool,
  type ResultNotes,
  type ToolOutcome,
} from '@app/mcp-openapi';
import type { TranslationSettings } from '../../config/upstream-settings.js';
import type { CatalogEntry } from '../../discovery/catalog-snapshot.js';
import { Turns } from '../../event-loop/turns.js';
import { CallMetrics } from '../../metrics/call-metrics.js';
import type { ToolCall } from '../tool-call.js';
import type { NextStep, Outcome, ToolStep } from '../tool-step.js';

/**
 * Notes on a result what faces should know of it: whether its structuredContent fits the tool's outputSchema (a server that breaks
 * its word is passed on, counted and named), whether its HTML may be shown, and what becomes of its bytes.
 */
@Injectable()
export class NoteResultStep implements ToolStep {
  private readonly validatorOf = perTool<JsonObject, ArgumentsValidator, [FormatsMode | undefined]>((outputSchema, formats) =>
    compileValidator(outputSchema, { formats }),
  );
  private readonly turns = new Turns();

  constructor(private readonly metrics: CallMetrics) {}

  run(call: ToolCall, next: NextStep): Outcome {
    const entry = call.entry as CatalogEntry;
    const outcome = next(call);
    return outcome instanceof Promise ? outcome.then((later) => this.noted(later, entry)) : this.noted(outcome, entry);
  }

  private noted(outcome: ToolOutcome, entry: CatalogEntry): Outcome {
    if (outcome.kind !== 'result') return outcome;
    const notes = notesOf(entry.tool, entry.upstream?.settings);
    const note = (isOutputMismatch: boolean): ToolOutcome => {
      if (isOutputMismatch) this.metrics.countOutputMismatch(entry);
      if (isOutputMismatch) return { ...outcome, notes: { ...notes, isOutputMismatch } };
      return notes === NO_NOTES ? outcome : { ...outcome, notes };
    };
    const isMismatch = this.isMismatch(outcome.result.value.structuredContent, entry);
    return isMismatch instanceof Promise ? isMismatch.then(note) : note(isMismatch);
  }

  private isMismatch(structuredContent: unknown, { tool: { outputSchema }, upstream }: CatalogEntry): boolean | Promise<boolean> {
    if (structuredContent === undefined || !isJsonObject(outputSchema)) return false;
    const problems = inTurns(this.validatorOf(outputSchema, upstream?.settings.formats).judge(structuredContent), this.turns.next);
    return problems instanceof Promise ? problems.then(({ length }) => length > 0) : problems.length > 0;
  }
}

const NO_NOTES: ResultNotes = {};

/** What holds for every result of a tool; the same object for the same tool. */
const notesOf = perTool<McpTool, ResultNotes, [TranslationSettings | undefined]>(({ annotations }, settings) => {
  const notes = {
    ...(settings?.inlineHtml && { inlineHtml: true }),
    ...(settings?.binary === 'keep' && { keepsBinary: true }),
    ...(isJsonObject(annotations) && annotations['readOnlyHint'] === true && { isReadOnly: true }),
  };
  return Object.keys(notes).length > 0 ? notes : NO_NOTES;
});
