import { Injectable, Logger, type OnApplicationBootstrap } from '@nestjs/common';
import { type ArgumentsValidator, compileValidator, inTurns, type McpTool, type Problem, problemsToOutcome } from '@app/mcp-openapi';
import type { CatalogEntry } from '../../discovery/catalog-snapshot.js';
import { Turns } from '../../event-loop/turns.js';
import type { ToolCall } from '../tool-call.js';
import type { NextStep, Outcome, ToolStep } from '../tool-step.js';

/** Judges the arguments by the tool's own inputSchema, before anything is sent. */
@Injectable()
export class ValidateStep implements ToolStep, OnApplicationBootstrap {
  private readonly logger = new Logger('validation');
  /** Compiled on a tool's first call; a validator goes with the snapshot that its tool belongs to. */
  private readonly validators = new WeakMap<McpTool, ArgumentsValidator>();

  /** Those whose warnings nobody has read yet. */
  private readonly untold = new WeakSet<ArgumentsValidator>();
  private readonly turns = new Turns();

  /** The first compilation sets the compiler up, which takes a while: better now, while the servers start, than in somebody's call. */
  onApplicationBootstrap(): void {
    setImmediate(() => compileValidator({}).warnings);
  }

  run(call: ToolCall, next: NextStep): Outcome {
    const validator = this.validatorOf(call.entry as CatalogEntry);
    const problems = inTurns(validator.judge(call.args.value), this.turns.next);
    const go = (found: readonly Problem[]): Outcome => {
      this.tellWarnings(validator, call.entry as CatalogEntry);
      return found.length === 0 ? next(call) : problemsToOutcome(found);
    };
    return problems instanceof Promise ? problems.then(go) : go(problems);
  }

  private validatorOf({ tool, upstream }: CatalogEntry): ArgumentsValidator {
    const compiled = this.validators.get(tool);
    if (compiled) return compiled;
    const validator = compileValidator(tool.inputSchema, { mode: upstream?.settings.validation });
    this.validators.set(tool, validator);
    this.untold.add(validator);
    return validator;
  }

  /** After the first call: to know them the schema must be compiled. */
  private tellWarnings(validator: ArgumentsValidator, { tool, server }: CatalogEntry): void {
    if (!this.untold.delete(validator)) return;
    for (const warning of validator.warnings) this.logger.warn({ msg: 'schema not enforced', upstream: server, tool: tool.name, warning });
  }
}
