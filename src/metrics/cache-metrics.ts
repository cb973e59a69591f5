import { Injectable } from '@nestjs/common';
import { InjectMetric } from '@willsoto/nestjs-prometheus';
import type { Counter } from 'prom-client';
import { METRICS } from './metric-names.js';

/** `catalog`: reads of the tool catalogue; `results`: calls of tools whose results are kept. */
type Cache = 'catalog' | 'results';

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
  ) {
    this.hits = { catalog: fromZero(hits, 'catalog'), results: fromZero(hits, 'results') };
    this.misses = { catalog: fromZero(misses, 'catalog'), results: fromZero(misses, 'results') };
    this.stale = fromZero(stale, 'results');
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

/** There from the start, so that a rate of its first increase can be told. */
function fromZero(counter: Counter, cache: Cache): Counter.Internal {
  counter.inc({ cache }, 0);
  return counter.labels(cache);
}
