import { Injectable } from '@nestjs/common';
import { InjectMetric } from '@willsoto/nestjs-prometheus';
import type { Counter, Gauge } from 'prom-client';
import { fromZero } from './from-zero.js';
import { METRICS } from './metric-names.js';

/** `catalog`: reads of the tool catalogue; `results`: calls of tools whose results are kept. */
type Cache = 'catalog' | 'results';
const CACHES: readonly Cache[] = ['catalog', 'results'];

/** Samples of what the caches did. */
@Injectable()
export class CacheMetrics {
  private readonly hits: Readonly<Record<Cache, Counter.Internal>>;
  private readonly misses: Readonly<Record<Cache, Counter.Internal>>;
  private readonly stale: Counter.Internal;

  constructor(
    @InjectMetric(METRICS.cacheHits.name) hits: Counter,
    @InjectMetric(METRICS.cacheMisses.name) misses: Counter,
    @InjectMetric(METRICS.cacheStale.name) stale: Counter,
    @InjectMetric(METRICS.cacheHitRatio.name) ratio: Gauge,
  ) {
    this.hits = { catalog: fromZero(hits, { cache: 'catalog' }), results: fromZero(hits, { cache: 'results' }) };
    this.misses = { catalog: fromZero(misses, { cache: 'catalog' }), results: fromZero(misses, { cache: 'results' }) };
    this.stale = fromZero(stale, { cache: 'results' });
    Object.assign(ratio, { collect: () => Promise.all(CACHES.map((cache) => setRatio(ratio, cache, hits, misses))) });
  }

  hit(cache: Cache): void {
    this.hits[cache].inc();
  }

  miss(cache: Cache): void {
    this.misses[cache].inc();
  }

  /** A miss that was answered with a result that had grown old, since its server is away. */
  servedStale(): void {
    this.stale.inc();
  }
}

async function setRatio(ratio: Gauge, cache: Cache, hits: Counter, misses: Counter): Promise<void> {
  const [hit, missed] = await Promise.all([hits, misses].map((counter) => valueOf(counter, cache)));
  const all = (hit as number) + (missed as number);
  ratio.set({ cache }, all === 0 ? 1 : (hit as number) / all);
}

async function valueOf(counter: Counter, cache: Cache): Promise<number> {
  const { values } = await counter.get();
  return values.find(({ labels }) => labels['cache'] === cache)?.value ?? 0;
}
