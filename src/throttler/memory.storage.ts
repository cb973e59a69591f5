import { type CallStorage, CLIENT_THROTTLER, type Hit, type HitRecord } from './call-storage.js';
import { SlidingWindow, slotAt } from './sliding-window.js';

/** Beyond so many callers with calls in the window the one that was silent longest is forgotten. */
const MAX_WINDOWS = 10_000;

/** Counts in the memory of this process. */
export class MemoryStorage implements CallStorage {
  private readonly system = new SlidingWindow();
  /** In the order of their last hits, to a second. */
  private readonly windows = new Map<string, SlidingWindow>();

  constructor(
    private readonly systemLimit: number,
    private readonly clock = () => performance.now(),
  ) {}

  increment(...hit: Hit): Promise<HitRecord> {
    return Promise.resolve(this.hit(...hit));
  }

  /** The window is that of every limit, whatever `_ttl` says; nobody is blocked for longer than it takes (`_blockDuration`). */
  hit(key: string, _ttl: number, limit: number, _blockDuration: number, throttler: string): HitRecord {
    const now = slotAt(this.clock());
    const isForSystem = throttler === CLIENT_THROTTLER;
    const window = this.windows.get(key);
    if (window && window.hits(now) >= limit) return refused(window, now, false);
    if (isForSystem && this.system.hits(now) >= this.systemLimit) return refused(this.system, now, true);
    if (isForSystem) this.system.add(now);
    return admitted(this.add(key, window, now), now);
  }

  /** How many callers are remembered. */
  get size(): number {
    return this.windows.size;
  }

  private add(key: string, known: SlidingWindow | undefined, now: number): SlidingWindow {
    const window = known ?? new SlidingWindow();
    if (!known) this.forget(now);
    // Not for each hit: a Map takes ever longer to find a key that is deleted and set again and again.
    if (window.isSilent(now)) {
      this.windows.delete(key);
      this.windows.set(key, window);
    }
    window.add(now);
    return window;
  }

  /** Makes room for one more. */
  private forget(now: number): void {
    for (const [key, window] of this.windows) {
      if (this.windows.size < MAX_WINDOWS && window.hits(now) > 0) return;
      this.windows.delete(key);
    }
  }
}

function refused(window: SlidingWindow, now: number, isOfSystem: boolean): HitRecord {
  const seconds = window.secondsToNext(now);
  return { totalHits: window.hits(now), timeToExpire: seconds, isBlocked: true, timeToBlockExpire: seconds, isOfSystem };
}

function admitted(window: SlidingWindow, now: number): HitRecord {
  const timeToExpire = window.secondsToNext(now);
  return { totalHits: window.hits(now), timeToExpire, isBlocked: false, timeToBlockExpire: 0, isOfSystem: false };
}
