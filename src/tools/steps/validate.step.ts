import { Injectable, Logger, type OnApplicationBootstrap } from '@nestjs/common';
import { type ArgumentsValidator, compileValidator, type McpTool, problemsToOutcome, type ToolOutcome } from '@app/mcp-openapi';
import type { CatalogEntry } from '../../discovery/catalog-snapshot.js';
import type { ToolCall } from '../tool-call.js';
import type { NextStep, ToolStep } from '../tool-step.js';

/** Judges the arguments by the tool's own inputSchema, before anything is sent. */
@Injectable()
export class ValidateStep implements ToolStep, OnApplicationBootstrap {
  private readonly logger = new Logger('validation');
  /** Compiled on a tool's first call; a validator goes with the snapshot that its tool belongs to. */
  private readonly validators = new WeakMap<McpTool, ArgumentsValidator>();

  /** The first compilation sets the compiler up, which takes a while: better now, while the servers start, than in somebody's call. */
  onApplicationBootstrap(): void {
    setImmediate(() => compileValidator({}).warnings);
  }

  async run(call: ToolCall, next: NextStep): Promise<ToolOutcome> {
    const entry = call.entry as CatalogEntry;
    const problems = this.validatorOf(entry).problems(call.args.value);
    return problems.length === 0 ? next() : problemsToOutcome(problems);
  }

  private validatorOf({ tool, server, upstream }: CatalogEntry): ArgumentsValidator {
    const compiled = this.validators.get(tool);
    if (compiled) return compiled;
    const validator = compileValidator(tool.inputSchema, { mode: upstream?.settings.validation });
    for (const warning of validator.warnings) this.logger.warn({ msg: 'schema not enforced', upstream: server, tool: tool.name, warning });
    this.validators.set(tool, validator);
    return validator;
  }
}
