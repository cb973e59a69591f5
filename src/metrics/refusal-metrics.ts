import { Injectable } from '@nestjs/common';
import { InjectMetric } from '@willsoto/nestjs-prometheus';
import type { Counter } from 'prom-client';
import { fromZero } from './from-zero.js';
import { METRICS } from './metric-names.js';

const ALL = ['client', 'role', 'tool', 'system', 'places', 'memory'] as const;

/** What may refuse a call before it is made. */
type Refuser = (typeof ALL)[number];

/** Samples of calls that were not admitted. */
@Injectable()
export class RefusalMetrics {
  constructor(@InjectMetric(METRICS.callsRefused.name) private readonly refused: Counter) {
    for (const by of ALL) fromZero(refused, { by });
  }

  count(by: Refuser): void {
    this.refused.inc({ by });
  }
}
