import { Injectable } from '@nestjs/common';
import { InjectMetric } from '@willsoto/nestjs-prometheus';
import type { Counter } from 'prom-client';
import { METRICS } from './metric-names.js';

const ALL = ['client', 'role', 'tool', 'system', 'places', 'memory'] as const;

/** What may refuse a call before it is made. */
type Refuser = (typeof ALL)[number];

/** Samples of calls that were not admitted. */
@Injectable()
export class RefusalMetrics {
  constructor(@InjectMetric(METRICS.callsRefused.name) private readonly refused: Counter) {
    // There from the start: what appears with its first sample has no increase.
    for (const by of ALL) refused.inc({ by }, 0);
  }

  count(by: Refuser): void {
    this.refused.inc({ by });
  }
}
