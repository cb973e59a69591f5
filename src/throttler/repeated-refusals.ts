import { LRUCache } from 'lru-cache';
import { WINDOW_S } from './sliding-window.js';

/** The refusal of a caller within the window that the operator is told of. */
const TELLING = 3;
/** Beyond so many callers the one that was refused longest ago is forgotten. */
const MAX_CALLERS = 10_000;

/** Who is refused again and again. */
export class RepeatedRefusals {
  private readonly callers: LRUCache<string, number>;

  constructor(now = () => performance.now()) {
    this.callers = new LRUCache({ max: MAX_CALLERS, ttl: WINDOW_S * 1000, ttlResolution: 0, perf: { now } });
  }

  /** Notes a refusal. Whether it is the third within a minute; true once for each minute. */
  isTelling(caller: string): boolean {
    const count = (this.callers.get(caller) ?? 0) + 1;
    // The minute is that of the first.
    this.callers.set(caller, count, { noUpdateTTL: true });
    return count === TELLING;
  }

  get size(): number {
    return this.callers.size;
  }
}
