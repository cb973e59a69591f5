import { Injectable } from '@nestjs/common';
import { InjectMetric } from '@willsoto/nestjs-prometheus';
import type { Counter, Histogram } from 'prom-client';
import type { RequestContext } from '../correlation/request-context.js';
import { METRICS } from './metric-names.js';

const METHODS = new Set(['GET', 'POST', 'HEAD', 'OPTIONS', 'PUT', 'PATCH', 'DELETE']);

/** Samples of requests. Children of each metric are bound once: looking labels up costs more than counting. */
@Injectable()
export class HttpMetrics {
  private readonly requestCounters = new Map<string, Counter.Internal>();
  private readonly upstreamTimers = new Map<string, Histogram.Internal<string>>();

  constructor(
    @InjectMetric(METRICS.httpRequests.name) private readonly requests: Counter,
    @InjectMetric(METRICS.translation.name) private readonly translation: Histogram,
    @InjectMetric(METRICS.upstream.name) private readonly upstream: Histogram,
  ) {}

  /** One request is over. Labels are bounded: unknown methods share one. */
  observe(method: string, status: number, context: RequestContext, translationMs: number): void {
    this.requestCounter(METHODS.has(method) ? method : 'other', status).inc();
    if (context.tool === undefined) return;
    this.translation.observe(translationMs / 1000);
    if (context.upstreamMs !== undefined && context.upstream !== undefined)
      this.upstreamTimer(context.upstream).observe(context.upstreamMs / 1000);
  }

  /** Drops the samples of a server that is gone. */
  forget(server: string): void {
    this.upstreamTimers.delete(server);
    this.upstream.remove(server);
  }

  private requestCounter(method: string, status: number): Counter.Internal {
    const key = `${method} ${status}`;
    let counter = this.requestCounters.get(key);
    if (!counter) this.requestCounters.set(key, (counter = this.requests.labels(method, String(status))));
    return counter;
  }

  private upstreamTimer(server: string): Histogram.Internal<string> {
    let timer = this.upstreamTimers.get(server);
    if (!timer) this.upstreamTimers.set(server, (timer = this.upstream.labels(server)));
    return timer;
  }
}
