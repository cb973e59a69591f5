import { Injectable } from '@nestjs/common';
import { InjectMetric } from '@willsoto/nestjs-prometheus';
import type { Counter, Histogram } from 'prom-client';
import { perTool, type PublishedTool, type ToolOutcome } from '@app/mcp-openapi';
import { METRICS } from './metric-names.js';
import { ToolLabels } from './tool-labels.js';

/** Milliseconds of one call in the gateway, and waiting for its server; undefined where nothing was sent. */
interface CallTimes {
  readonly translationMs: number;
  readonly upstreamMs: number | undefined;
}

/** Samples of tool calls, whatever the face. Children of each metric are bound once: looking labels up costs more than counting. */
@Injectable()
export class CallMetrics {
  /** Counters bound to a tool, for as long as the catalogue holds it. */
  private readonly countersOf = perTool<PublishedTool, Map<string, Counter.Internal>>(() => new Map());
  private readonly labels = new ToolLabels();
  private total = 0;
  private faults = 0;
  private readonly upstreamTimers = new Map<string, Histogram.Internal<string>>();

  constructor(
    @InjectMetric(METRICS.toolCalls.name) private readonly calls: Counter,
    @InjectMetric(METRICS.outputMismatches.name) private readonly mismatches: Counter,
    @InjectMetric(METRICS.retries.name) private readonly retries: Counter,
    @InjectMetric(METRICS.translation.name) private readonly translation: Histogram,
    @InjectMetric(METRICS.upstream.name) private readonly upstream: Histogram,
  ) {}

  /** Counts a call once, by how it ended; `outcome` undefined stands for a failure of the gateway itself. Names that are no tool share one label. */
  count(entry: PublishedTool | undefined, outcome: ToolOutcome | undefined): void {
    const label = labelOf(outcome);
    this.total += 1;
    if (!outcome || outcome.kind === 'unavailable' || outcome.kind === 'unknown') this.faults += 1;
    if (!entry) return this.calls.labels('', '', label).inc();
    const ofTool = this.countersOf(entry);
    let counter = ofTool.get(label);
    if (!counter) ofTool.set(label, (counter = this.calls.labels(entry.server, this.labels.of(entry), label)));
    counter.inc();
  }

  /** Calls since the start, and those of them that failed at the gateway or at their servers. */
  get totals(): { readonly calls: number; readonly faults: number } {
    return { calls: this.total, faults: this.faults };
  }

  /** A call of a tool is over for its caller, too. */
  observe(server: string | undefined, { translationMs, upstreamMs }: CallTimes): void {
    this.translation.observe(translationMs / 1000);
    if (upstreamMs !== undefined && server !== undefined) this.upstreamTimer(server).observe(upstreamMs / 1000);
  }

  /** A result broke the promise of its tool's outputSchema. */
  countOutputMismatch(entry: PublishedTool): void {
    this.mismatches.labels(entry.server, this.labels.of(entry)).inc();
  }

  /** A call was sent again so many times. */
  countRetries(server: string, retries: number): void {
    if (retries > 0) this.retries.labels(server).inc(retries);
  }

  /** Drops the samples of a server that is gone. */
  async forget(server: string): Promise<void> {
    this.upstreamTimers.delete(server);
    this.labels.forget(server);
    this.upstream.remove(server);
    this.retries.remove(server);
    for (const metric of [this.calls, this.mismatches]) {
      const { values } = await metric.get();
      for (const { labels } of values) if (labels['server'] === server) metric.remove(labels as Record<string, string>);
    }
  }

  private upstreamTimer(server: string): Histogram.Internal<string> {
    let timer = this.upstreamTimers.get(server);
    if (!timer) this.upstreamTimers.set(server, (timer = this.upstream.labels(server)));
    return timer;
  }
}

function labelOf(outcome: ToolOutcome | undefined): string {
  if (!outcome) return 'internal_error';
  return 'type' in outcome ? outcome.type : outcome.kind;
}
