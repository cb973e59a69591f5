import { Injectable } from '@nestjs/common';
import { InjectMetric } from '@willsoto/nestjs-prometheus';
import type { Counter } from 'prom-client';
import { fromZero } from './from-zero.js';
import { METRICS } from './metric-names.js';
import { StateGauges } from './state-gauges.js';

/** `catalog`: reads of the tool catalogue; `results`: calls of tools whose results are kept. */
type Cache = 'catalog' | 'results';

/** Reads of one cache. */
class CacheReads {
  private hits = 0;
  private all = 0;

  constructor(
    private readonly hitCount: Counter.Internal,
    private readonly missCount: Counter.Internal,
  ) {}

  hit(): void {
    this.hits += 1;
    this.all += 1;
    this.hitCount.inc();
  }

  miss(): void {
    this.all += 1;
    this.missCount.inc();
  }

  /** Hits of all, 1 while there was none. */
  get ratio(): number {
    return this.all === 0 ? 1 : this.hits / this.all;
  }
}

/** Samples of what the caches did. */
@Injectable()
export class CacheMetrics {
  private readonly reads: Readonly<Record<Cache, CacheReads>>;
  private readonly stale: Counter.Internal;

  constructor(
    @InjectMetric(METRICS.cacheHits.name) hits: Counter,
    @InjectMetric(METRICS.cacheMisses.name) misses: Counter,
    @InjectMetric(METRICS.cacheStale.name) stale: Counter,
    gauges: StateGauges,
  ) {
    const of = (cache: Cache) => new CacheReads(fromZero(hits, { cache }), fromZero(misses, { cache }));
    this.reads = { catalog: of('catalog'), results: of('results') };
    this.stale = fromZero(stale, { cache: 'results' });
    gauges.show(METRICS.cacheHitRatio, () => Object.entries(this.reads).map(([cache, { ratio }]) => ({ labels: { cache }, value: ratio })));
  }

  hit(cache: Cache): void {
    this.reads[cache].hit();
  }

  miss(cache: Cache): void {
    this.reads[cache].miss();
  }

  /** A miss that was answered with a result that had grown old, since its server is away. */
  servedStale(): void {
    this.stale.inc();
  }
}
