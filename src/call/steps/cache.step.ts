import { setImmediate as nextTurn } from 'node:timers/promises';
import { Injectable } from '@nestjs/common';
import type { ToolOutcome } from '@app/mcp-openapi';
import type { CatalogEntry } from '../../discovery/catalog-snapshot.js';
import { McpClient } from '../../mcp-client/mcp-client.service.js';
import type { Upstream } from '../../mcp-client/upstream.js';
import { CacheMetrics } from '../../metrics/cache-metrics.js';
import { surelyDidNotRun } from '../outcome/surely-did-not-run.js';
import { type CacheRule, cacheRuleOf, keepsResults } from '../results/cache-rule.js';
import { type KeptResult, now } from '../results/kept-result.js';
import { KeptResults, type ResultPlace } from '../results/kept-results.service.js';
import { resultKeyOf } from '../results/result-key.js';
import { ResultWrites } from '../results/result-writes.service.js';
import { SharedCalls } from '../shared-calls.js';
import type { ToolCall } from '../tool-call.js';
import type { NextStep, Outcome, ToolStep } from '../tool-step.js';

type Kept = Extract<CacheRule, { kind: 'kept' }>;

/**
 * Answers calls of tools whose results are kept with one of these, makes one call for all who ask for the same at once, and has what is
 * kept of a server forgotten by every replica when a call may have changed it. While a server is away an old result stands in.
 */
@Injectable()
export class CacheStep implements ToolStep {
  private readonly sharedCalls = new SharedCalls();

  constructor(
    private readonly results: KeptResults,
    private readonly writes: ResultWrites,
    private readonly mcpClient: McpClient,
    private readonly metrics: CacheMetrics,
  ) {}

  run(call: ToolCall, next: NextStep): Outcome {
    const { upstream, tool } = call.entry as CatalogEntry;
    if (!upstream || !keepsResults(upstream.settings)) return next(call);
    const rule = cacheRuleOf(tool, upstream);
    switch (rule.kind) {
      case 'kept':
        return this.kept(call, upstream, rule, next);
      case 'fallback':
        return this.withFallback(call, this.results.placeOf(resultKeyOf(call, this.mcpClient), upstream.name), next);
      case 'none':
        return this.write(call, upstream, next);
      default: {
        const exhaustive: never = rule;
        return exhaustive;
      }
    }
  }

  private kept(call: ToolCall, { name }: Upstream, rule: Kept, next: NextStep): Outcome {
    // A message of a write that another replica has answered may have come, and not been read.
    if (this.results.areShared && !call.wantsFresh) return nextTurn().then(() => this.found(call, name, rule, next));
    return this.found(call, name, rule, next);
  }

  private found(call: ToolCall, name: string, rule: Kept, next: NextStep): Outcome {
    const key = resultKeyOf(call, this.mcpClient);
    if (call.wantsFresh) return this.missed(call, this.results.placeOf(key, name), next);
    const known = this.results.known(key, name);
    if (known && isYoung(known, rule)) return this.hit(call, known);
    // One that has begun before a write is none to join after it.
    const place = this.results.placeOf(key, name);
    const since = `${place.epoch} ${key}`;
    const shared = this.sharedCalls.get(since);
    if (!shared) return this.sharedCalls.start(since, call, (first) => this.looked(first, place, rule, next));
    // What was asked was asked of another.
    return shared.join(call).then((outcome) => (shared.first.wasAsked ? next(call) : this.joined(call, shared.first, outcome)));
  }

  private async looked(call: ToolCall, at: ResultPlace, rule: Kept, next: NextStep): Promise<ToolOutcome> {
    const { kept, place } = await this.results.lookUp(at, call.context);
    return kept && isYoung(kept, rule) ? this.hit(call, kept) : this.missed(call, place, next);
  }

  private hit(call: ToolCall, { outcome, at }: KeptResult): ToolOutcome {
    this.metrics.hit('results');
    call.freshness = { cache: 'hit', ageSeconds: ageOf(at) };
    return outcome;
  }

  private joined(call: ToolCall, { freshness }: ToolCall, outcome: ToolOutcome): ToolOutcome {
    this.metrics.hit('results');
    call.freshness = freshness?.cache === 'miss' ? { cache: 'hit', ageSeconds: 0 } : freshness;
    return outcome;
  }

  private missed(call: ToolCall, place: ResultPlace, next: NextStep): Promise<ToolOutcome> {
    this.metrics.miss('results');
    call.freshness = { cache: 'miss', ageSeconds: undefined };
    return this.withFallback(call, place, next);
  }

  private async withFallback(call: ToolCall, place: ResultPlace, next: NextStep): Promise<ToolOutcome> {
    const outcome = await next(call);
    if (outcome.kind === 'result' && !call.wasAsked) this.results.keep(place, outcome);
    if (!isAway(outcome)) return outcome;
    const kept = this.results.known(place.key, place.server) ?? (await this.results.lookUp(place, call.context)).kept;
    if (!kept) return outcome;
    this.metrics.servedStale();
    call.freshness = { cache: 'stale', ageSeconds: ageOf(kept.at) };
    return kept.outcome;
  }

  private async write(call: ToolCall, { name }: Upstream, next: NextStep): Promise<ToolOutcome> {
    const outcome = await next(call);
    if (!surelyDidNotRun(outcome)) await this.writes.written(name, call.context);
    return outcome;
  }
}

function isYoung({ at }: KeptResult, { ttlMs }: Kept): boolean {
  return now() - at < ttlMs;
}

function ageOf(at: number): number {
  return Math.max(0, Math.floor((now() - at) / 1000));
}

/** The server, or what stands before it, gave no answer of its own: what it answered before may do. Harmless: its tool changes nothing. */
function isAway(outcome: ToolOutcome): boolean {
  if (outcome.kind === 'unknown') return true;
  if (outcome.kind !== 'unavailable') return false;
  const status = outcome.details?.['status'];
  return outcome.type === 'upstream_unavailable' || status === 502 || status === 504;
}
