import { Injectable, Logger, type OnApplicationBootstrap } from '@nestjs/common';
import {
  type ArgumentsValidator,
  compileValidator,
  inTurns,
  type McpTool,
  perTool,
  type Problem,
  problemsToOutcome,
} from '@app/mcp-openapi';
import type { TranslationSettings } from '../../config/upstream-settings.js';
import type { CatalogEntry } from '../../discovery/catalog-snapshot.js';
import { Turns } from '../../event-loop/turns.js';
import type { ToolCall } from '../tool-call.js';
import type { NextStep, Outcome, ToolStep } from '../tool-step.js';

/** Judges the arguments by the tool's own inputSchema, before anything is sent. */
@Injectable()
export class ValidateStep implements ToolStep, OnApplicationBootstrap {
  private readonly logger = new Logger('validation');
  /** Those whose warnings nobody has read yet. */
  private readonly untold = new WeakSet<ArgumentsValidator>();
  /** Compiled on a tool's first call; a validator goes with the snapshot that its tool belongs to. */
  private readonly validatorOf = perTool<McpTool, ArgumentsValidator, [TranslationSettings | undefined]>(({ inputSchema }, settings) => {
    const validator = compileValidator(inputSchema, { mode: settings?.validation, formats: settings?.formats });
    this.untold.add(validator);
    return validator;
  });
  private readonly turns = new Turns();

  /** The first compilation sets the compiler up, which takes a while: better now, while the servers start, than in somebody's call. */
  onApplicationBootstrap(): void {
    setImmediate(() => compileValidator({}).warnings);
  }

  run(call: ToolCall, next: NextStep): Outcome {
    const { tool, upstream } = call.entry as CatalogEntry;
    const validator = this.validatorOf(tool, upstream?.settings);
    const problems = inTurns(validator.judge(call.args.value), this.turns.next);
    const go = (found: readonly Problem[]): Outcome => {
      this.tellWarnings(validator, call.entry as CatalogEntry);
      return found.length === 0 ? next(call) : problemsToOutcome(found);
    };
    return problems instanceof Promise ? problems.then(go) : go(problems);
  }

  /** After the first call: to know them the schema must be compiled. */
  private tellWarnings(validator: ArgumentsValidator, { tool, server }: CatalogEntry): void {
    if (!this.untold.delete(validator)) return;
    for (const warning of validator.warnings) this.logger.warn({ msg: 'schema not enforced', upstream: server, tool: tool.name, warning });
  }
}
