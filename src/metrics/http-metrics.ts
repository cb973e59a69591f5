import { Injectable } from '@nestjs/common';
import { InjectMetric } from '@willsoto/nestjs-prometheus';
import type { Counter } from 'prom-client';
import { METRICS } from './metric-names.js';

const METHODS = new Set(['GET', 'POST', 'HEAD', 'OPTIONS', 'PUT', 'PATCH', 'DELETE']);

/** Samples of HTTP requests; each counter is bound to its labels once. */
@Injectable()
export class HttpMetrics {
  private readonly requestCounters = new Map<string, Counter.Internal>();

  constructor(@InjectMetric(METRICS.httpRequests.name) private readonly requests: Counter) {}

  /** One request is over. Labels are bounded: unknown methods share one. */
  count(method: string, status: number): void {
    const known = METHODS.has(method) ? method : 'other';
    const key = `${known} ${status}`;
    let counter = this.requestCounters.get(key);
    if (!counter) this.requestCounters.set(key, (counter = this.requests.labels(known, String(status))));
    counter.inc();
  }
}
