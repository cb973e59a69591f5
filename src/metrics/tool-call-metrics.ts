import { Injectable } from '@nestjs/common';
import { InjectMetric } from '@willsoto/nestjs-prometheus';
import type { Counter } from 'prom-client';
import { perTool, type PublishedTool, type ToolOutcome } from '@app/mcp-openapi';
import { METRICS } from './metric-names.js';

/** Counts each tool call once, by how it ended. */
@Injectable()
export class ToolCallMetrics {
  /** Counters bound to a tool, for as long as the catalogue holds it. */
  private readonly countersOf = perTool<PublishedTool, Map<string, Counter.Internal>>(() => new Map());

  constructor(
    @InjectMetric(METRICS.toolCalls.name) private readonly calls: Counter,
    @InjectMetric(METRICS.outputMismatches.name) private readonly mismatches: Counter,
  ) {}

  /** A result broke the promise of its tool's outputSchema. */
  countOutputMismatch(entry: PublishedTool): void {
    this.mismatches.labels(entry.server, entry.publishedName).inc();
  }

  /** Drops the samples of a server that is gone. */
  async forget(server: string): Promise<void> {
    for (const metric of [this.calls, this.mismatches]) {
      const { values } = await metric.get();
      for (const { labels } of values) if (labels['server'] === server) metric.remove(labels as Record<string, string>);
    }
  }

  /** `outcome` undefined stands for a failure of the gateway itself. Names that are no tool share one label. */
  count(entry: PublishedTool | undefined, outcome: ToolOutcome | undefined): void {
    const label = labelOf(outcome);
    if (!entry) return this.calls.labels('', '', label).inc();
    const ofTool = this.countersOf(entry);
    let counter = ofTool.get(label);
    if (!counter) ofTool.set(label, (counter = this.calls.labels(entry.server, entry.publishedName, label)));
    counter.inc();
  }
}

function labelOf(outcome: ToolOutcome | undefined): string {
  if (!outcome) return 'internal_error';
  return 'type' in outcome ? outcome.type : outcome.kind;
}
