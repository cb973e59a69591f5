import { LRUCache } from 'lru-cache';
import { WINDOW_S } from './sliding-window.js';

/** The refusal of a caller within the window that the operator is told of. */
const TELLING = 3;
/** Beyond so many callers the one that was refused longest ago is forgotten. */
const MAX_CALLERS = 10_000;

/** Who is refused again and again. */
export class RepeatedRefusals {
  /** Made for the first: an empty one takes 2 ms and 400 kB. */
  private callers: LRUCache<string, number> | undefined;

  constructor(private readonly now = () => performance.now()) {}

  /** Notes a refusal. Whether it is the third within a minute; true once for each minute. */
  isTelling(caller: string): boolean {
    this.callers ??= new LRUCache({ max: MAX_CALLERS, ttl: WINDOW_S * 1000, ttlResolution: 0, perf: { now: this.now } });
    const count = (this.callers.get(caller) ?? 0) + 1;
    // The minute is that of the first.
    this.callers.set(caller, count, { noUpdateTTL: true });
    return count === TELLING;
  }

  get size(): number {
    return this.callers?.size ?? 0;
  }
}
