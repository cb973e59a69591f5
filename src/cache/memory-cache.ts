import { LRUCache } from 'lru-cache';

/** Bounds of a {@link MemoryCache}. */
interface Bounds {
  readonly maxEntries: number;
  readonly maxBytes: number;
  readonly ttlMs: number;
}

/** What takes more of the whole than this share is not kept. */
const LARGEST_SHARE = 1 / 4;
/** Of an entry, beside its value. */
const ENTRY_BYTES = 300;

/** Values in memory, bounded in number, bytes and time: the one that was used least recently makes room. */
export class MemoryCache<V extends object> {
  private readonly values: LRUCache<string, V>;

  /** `bytesOf` tells about how much memory a value takes. */
  constructor(
    { maxEntries, maxBytes, ttlMs }: Bounds,
    private readonly bytesOf: (value: V) => number,
    now = () => performance.now(),
  ) {
    this.values = new LRUCache({
      max: maxEntries,
      maxSize: maxBytes,
      maxEntrySize: Math.floor(maxBytes * LARGEST_SHARE),
      ttl: ttlMs,
      // Else a timer is set for each look.
      ttlResolution: 0,
      perf: { now },
    });
  }

  get size(): number {
    return this.values.size;
  }

  get(key: string): V | undefined {
    return this.values.get(key);
  }

  /** Keeps a value in place of the one before; one that is too large is not kept, and neither is the one before. */
  set(key: string, value: V): void {
    this.values.set(key, value, { size: key.length + ENTRY_BYTES + this.bytesOf(value) });
  }

  delete(key: string): void {
    this.values.delete(key);
  }

  clear(): void {
    this.values.clear();
  }
}
