import { Injectable } from '@nestjs/common';
import { InjectMetric } from '@willsoto/nestjs-prometheus';
import type { Counter, Gauge } from 'prom-client';
import { METRICS } from './metric-names.js';

/** Samples of WebSockets; each counter is bound to its labels once. */
@Injectable()
export class SocketMetrics {
  private readonly counters = new Map<string, Counter.Internal>();

  constructor(
    @InjectMetric(METRICS.openSockets.name) private readonly open: Gauge,
    @InjectMetric(METRICS.socketFrames.name) private readonly frames: Counter,
    @InjectMetric(METRICS.socketResumes.name) private readonly resumes: Counter,
  ) {}

  /** So many sockets are open now. */
  showOpen(count: number): void {
    this.open.set(count);
  }

  /** A frame of a type that is known. */
  count(direction: 'in' | 'out', type: string): void {
    const key = `${direction} ${type}`;
    let counter = this.counters.get(key);
    if (!counter) this.counters.set(key, (counter = this.frames.labels(direction, type)));
    counter.inc();
  }

  /** A client came back to its session, or to none. */
  countResume(outcome: 'resumed' | 'refused'): void {
    this.resumes.labels(outcome).inc();
  }
}
