import { Injectable } from '@nestjs/common';
import { type McpTool, perTool } from '@app/mcp-openapi';
import { matchesPattern } from '../../config/name-patterns.js';
import type { ToolLimit } from '../../config/upstream-settings.js';
import type { CatalogEntry } from '../../discovery/catalog-snapshot.js';
import { CallLimits, type Verdict } from '../../throttler/call-limits.service.js';
import { rateLimited } from '../../throttler/limit-answers.js';
import type { ToolCall } from '../tool-call.js';
import type { NextStep, Outcome, ToolStep } from '../tool-step.js';

/** Refuses calls beyond the limit that the server's settings set for one client of the tool. */
@Injectable()
export class ToolLimitStep implements ToolStep {
  /** Infinity for a tool without one. */
  private readonly limitOf = perTool<McpTool, number, [readonly ToolLimit[]]>((tool, toolLimits) => {
    const named = toolLimits.filter(({ pattern }) => matchesPattern(tool.name, pattern));
    return Math.min(...named.map(({ limit }) => limit));
  });

  constructor(private readonly callLimits: CallLimits) {}

  run(call: ToolCall, next: NextStep): Outcome {
    const { server, tool, upstream } = call.entry as CatalogEntry;
    if (!upstream || upstream.settings.toolLimits.length === 0) return next(call);
    const limit = this.limitOf(tool, upstream.settings.toolLimits);
    if (limit === Infinity) return next(call);
    const verdict = this.callLimits.spendTool(call.context, `${server}/${tool.name}`, limit);
    return verdict instanceof Promise ? verdict.then((later) => go(later, call, next)) : go(verdict, call, next);
  }
}

function go(verdict: Verdict, call: ToolCall, next: NextStep): Outcome {
  if (verdict.isAdmitted) return next(call);
  call.limits = verdict;
  return rateLimited(verdict, (call.entry as CatalogEntry).publishedName);
}
