import { admittedHit, type CallStorage, CLIENT_THROTTLER, type Hit, type HitRecord, refusedHit } from './call-storage.js';
import { SlidingWindow, slotAt } from './sliding-window.js';

/** Beyond so many callers with calls in the window the one that was silent longest is forgotten. */
const MAX_WINDOWS = 10_000;

/** Counts in the memory of this process, which admits its share of each limit, rounded up, where it is one of several replicas. */
export class MemoryStorage implements CallStorage {
  private readonly system = new SlidingWindow();
  /** In the order of their last hits, to a second. */
  private readonly windows = new Map<string, SlidingWindow>();

  private readonly systemShare: number;

  constructor(
    systemLimit: number,
    private readonly replicas = 1,
    private readonly clock = () => performance.now(),
  ) {
    this.systemShare = this.shareOf(systemLimit);
  }

  increment(...hit: Hit): Promise<HitRecord> {
    return Promise.resolve(this.hit(...hit));
  }

  /** The window is that of every limit, whatever `_ttl` says; nobody is blocked for longer than it takes (`_blockDuration`). */
  hit(key: string, _ttl: number, limit: number, _blockDuration: number, throttler: string): HitRecord {
    const now = slotAt(this.clock());
    const isForSystem = throttler === CLIENT_THROTTLER;
    const share = this.shareOf(limit);
    const known = this.windows.get(key);
    if (known && known.hits(now) >= share) return refusedBy(known, share, now, false);
    if (isForSystem && this.system.hits(now) >= this.systemShare) return refusedBy(this.system, this.systemShare, now, true);
    if (isForSystem) this.system.add(now);
    const window = this.add(key, known, now);
    return admittedHit(share, window.hits(now), window.secondsToNext(now));
  }

  /** How many callers are remembered. */
  get size(): number {
    return this.windows.size;
  }

  private shareOf(limit: number): number {
    return Math.ceil(limit / this.replicas);
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

function refusedBy(window: SlidingWindow, limit: number, now: number, isOfSystem: boolean): HitRecord {
  return refusedHit(limit, window.hits(now), window.secondsToNext(now), isOfSystem);
}
