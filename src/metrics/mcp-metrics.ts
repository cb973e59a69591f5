import { Injectable } from '@nestjs/common';
import { InjectMetric } from '@willsoto/nestjs-prometheus';
import type { Counter } from 'prom-client';
import { fromZero } from './from-zero.js';
import { METRICS } from './metric-names.js';
import { StateGauges } from './state-gauges.js';

const REASONS = ['client', 'idle', 'room', 'gateway'] as const;
type SessionEnd = (typeof REASONS)[number];

/** Samples of MCP clients; each counter is bound to its labels once. */
@Injectable()
export class McpMetrics {
  private readonly ends: Readonly<Record<SessionEnd, Counter.Internal>>;
  private readonly counters = { legacy: new Map<string, Counter.Internal>(), modern: new Map<string, Counter.Internal>() };
  private sessions = 0;
  private streams = 0;

  constructor(
    gauges: StateGauges,
    @InjectMetric(METRICS.mcpSessionsEnded.name) ended: Counter,
    @InjectMetric(METRICS.mcpRequests.name) private readonly requests: Counter,
  ) {
    this.ends = Object.fromEntries(REASONS.map((reason) => [reason, fromZero(ended, { reason })])) as Record<SessionEnd, Counter.Internal>;
    gauges.show(METRICS.mcpSessions, () => [{ value: this.sessions }]);
    gauges.show(METRICS.mcpStreams, () => [{ value: this.streams }]);
  }

  opened(): void {
    this.sessions += 1;
  }

  ended(reason: SessionEnd): void {
    this.sessions -= 1;
    this.ends[reason].inc();
  }

  streamOpened(): void {
    this.streams += 1;
  }

  streamClosed(): void {
    this.streams -= 1;
  }

  /** A request of a method that is known, or `other`. */
  count(era: 'legacy' | 'modern', method: string): void {
    const ofEra = this.counters[era];
    let counter = ofEra.get(method);
    if (!counter) ofEra.set(method, (counter = this.requests.labels(era, method)));
    counter.inc();
  }
}
