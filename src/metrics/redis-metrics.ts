import { Injectable } from '@nestjs/common';
import { InjectMetric } from '@willsoto/nestjs-prometheus';
import type { Counter } from 'prom-client';
import { fromZero } from './from-zero.js';
import { METRICS } from './metric-names.js';
import { StateGauges } from './state-gauges.js';

/** How a command to Redis ended: `skipped` was not sent, `refused` was answered by an error that is this command's alone. */
type CommandEnd = 'answered' | 'failed' | 'refused' | 'skipped';

/** Samples of what Redis is asked. */
@Injectable()
export class RedisMetrics {
  private readonly counters: Readonly<Record<CommandEnd, Counter.Internal>>;

  constructor(
    @InjectMetric(METRICS.redisCommands.name) commands: Counter,
    private readonly gauges: StateGauges,
  ) {
    const of = (outcome: CommandEnd) => fromZero(commands, { outcome });
    this.counters = { answered: of('answered'), failed: of('failed'), refused: of('refused'), skipped: of('skipped') };
  }

  count(end: CommandEnd): void {
    this.counters[end].inc();
  }

  /** Reads the state whenever somebody reads the metrics. */
  show(state: () => { readonly isUp: boolean; readonly isOpen: boolean }): void {
    this.gauges.show(METRICS.redisUp, () => [{ value: Number(state().isUp) }]);
    this.gauges.show(METRICS.redisBreaker, () => [{ value: Number(state().isOpen) }]);
  }
}
