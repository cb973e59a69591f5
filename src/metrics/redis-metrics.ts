import { Injectable } from '@nestjs/common';
import { InjectMetric } from '@willsoto/nestjs-prometheus';
import type { Counter, Gauge } from 'prom-client';
import { METRICS } from './metric-names.js';

/** How a command to Redis ended: `skipped` was not sent, `refused` was answered by an error that is this command's alone. */
type CommandEnd = 'answered' | 'failed' | 'refused' | 'skipped';

/** Samples of what Redis is asked. */
@Injectable()
export class RedisMetrics {
  private readonly counters: Readonly<Record<CommandEnd, Counter.Internal>>;

  constructor(
    @InjectMetric(METRICS.redisCommands.name) commands: Counter,
    @InjectMetric(METRICS.redisUp.name) private readonly up: Gauge,
    @InjectMetric(METRICS.redisBreaker.name) private readonly breaker: Gauge,
  ) {
    // There from the start: what appears with its first sample has no increase.
    const of = (end: CommandEnd) => {
      commands.inc({ outcome: end }, 0);
      return commands.labels(end);
    };
    this.counters = { answered: of('answered'), failed: of('failed'), refused: of('refused'), skipped: of('skipped') };
  }

  count(end: CommandEnd): void {
    this.counters[end].inc();
  }

  /** Reads the state whenever somebody reads the metrics. */
  show(state: () => { readonly isUp: boolean; readonly isOpen: boolean }): void {
    Object.assign(this.up, { collect: () => this.up.set(Number(state().isUp)) });
    Object.assign(this.breaker, { collect: () => this.breaker.set(Number(state().isOpen)) });
  }
}
