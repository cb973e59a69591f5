import { LRUCache } from 'lru-cache';

/** So many failures of one address are answered at once: a person mistypes a key. */
const FREE_FAILURES = 5;
/** The next one waits so long, and each after it twice as long as the one before, */
const FIRST_DELAY_MS = 100;
/** but no longer than this. */
const MAX_DELAY_MS = 2_000;
/** An address that has not failed for so long starts anew. */
const FORGET_MS = 60_000;
/** Beyond so many addresses the one that failed longest ago is forgotten. */
const MAX_ADDRESSES = 10_000;
/** So many answers wait at the same time; beyond them failures are answered at once, rather than hold more sockets. */
const MAX_WAITING = 1_000;

/**
 * How long the refusal of a caller waits, by the failures of its address. Only refusals wait: behind one address may be a whole team,
 * and whoever shows a valid key is served at once. Kept in memory, for this process alone.
 */
export class FailureDelay {
  private readonly failures: LRUCache<string, number>;
  private waiting = 0;

  constructor(now = () => performance.now()) {
    this.failures = new LRUCache({ max: MAX_ADDRESSES, ttl: FORGET_MS, ttlResolution: 0, perf: { now } });
  }

  /** Notes a failure. Resolves when it may be answered; undefined: at once. */
  noteFailure(address: string): Promise<void> | undefined {
    const count = (this.failures.get(address) ?? 0) + 1;
    this.failures.set(address, count);
    const delayMs = delayOf(count);
    if (delayMs === 0 || this.waiting >= MAX_WAITING) return undefined;
    this.waiting += 1;
    return new Promise((resolve) => {
      const end = (): void => {
        this.waiting -= 1;
        resolve();
      };
      setTimeout(end, delayMs).unref();
    });
  }

  /** How many addresses are remembered. */
  get size(): number {
    return this.failures.size;
  }
}

/** Milliseconds before the answer to an address's failure of this number. */
export function delayOf(failure: number): number {
  return failure <= FREE_FAILURES ? 0 : Math.min(FIRST_DELAY_MS * 2 ** (failure - FREE_FAILURES - 1), MAX_DELAY_MS);
}
