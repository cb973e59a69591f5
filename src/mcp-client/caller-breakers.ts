import { LRUCache } from 'lru-cache';
import { UpstreamBreaker } from './upstream-breaker.js';

/** Callers whose failures are counted; those who called least recently are forgotten first. */
const MAX_CALLERS = 1_000;

/** A breaker for each caller's credentials: what a server does to one caller keeps no other from it. */
export class CallerBreakers {
  /** Made for the first caller: an empty one takes 24 kB, and most servers get no credentials of callers. */
  private breakers: LRUCache<string, UpstreamBreaker> | undefined;

  constructor(private readonly onOpen: () => void) {}

  of(digest: string): UpstreamBreaker {
    this.breakers ??= new LRUCache({ max: MAX_CALLERS, memoMethod: () => new UpstreamBreaker(this.onOpen) });
    return this.breakers.memo(digest);
  }

  /** How many are not closed. */
  get open(): number {
    let open = 0;
    for (const { isClosed } of this.breakers?.values() ?? []) if (!isClosed) open += 1;
    return open;
  }

  connected(): void {
    for (const breaker of this.breakers?.values() ?? []) breaker.connected();
  }
}
