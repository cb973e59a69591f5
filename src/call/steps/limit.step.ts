import { Injectable } from '@nestjs/common';
import type { McpTool, ToolOutcome } from '@app/mcp-openapi';
import { matchesPattern } from '../../config/name-patterns.js';
import type { CatalogEntry } from '../../discovery/catalog-snapshot.js';
import { CallLimits } from '../../throttler/call-limits.service.js';
import { rateLimited } from '../../throttler/limit-answers.js';
import type { ToolCall } from '../tool-call.js';
import type { NextStep, ToolStep } from '../tool-step.js';

/** Refuses calls beyond the limit that the server's settings set for one client of the tool. */
@Injectable()
export class LimitStep implements ToolStep {
  private readonly limits = new WeakMap<McpTool, number>();

  constructor(private readonly callLimits: CallLimits) {}

  run(call: ToolCall, next: NextStep): Promise<ToolOutcome> {
    const limit = this.limitOf(call.entry as CatalogEntry);
    return limit === Infinity ? next() : this.within(limit, call, next);
  }

  private async within(limit: number, call: ToolCall, next: NextStep): Promise<ToolOutcome> {
    const { server, tool, publishedName } = call.entry as CatalogEntry;
    const verdict = await this.callLimits.spendTool(call.context, `${server}/${tool.name}`, limit);
    return verdict.isAdmitted ? next() : rateLimited(verdict, publishedName);
  }

  /** Infinity for a tool without one. */
  private limitOf({ tool, upstream }: CatalogEntry): number {
    const toolLimits = upstream?.settings.toolLimits ?? [];
    if (toolLimits.length === 0) return Infinity;
    let limit = this.limits.get(tool);
    if (limit === undefined) {
      const named = toolLimits.filter(({ pattern }) => matchesPattern(tool.name, pattern));
      this.limits.set(tool, (limit = Math.min(...named.map((each) => each.limit))));
    }
    return limit;
  }
}
