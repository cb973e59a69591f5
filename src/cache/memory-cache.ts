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
  /** Made for the first value: with room for 10,000 it takes 2 ms and 400 kB, and many gateways keep nothing. */
  private values: LRUCache<string, V> | undefined;

  /** `bytesOf` tells about how much memory a value takes. */
  constructor(
    private readonly bounds: Bounds,
    private readonly bytesOf: (value: V) => number,
    private readonly now = () => performance.now(),
  ) {}

  get size(): number {
    return this.values?.size ?? 0;
  }

  get(key: string): V | undefined {
    return this.values?.get(key);
  }

  /** Keeps a value in place of the one before; one that is too large is not kept, and neither is the one before. */
  set(key: string, value: V): void {
    this.values ??= empty<V>(this.bounds, this.now);
    this.values.set(key, value, { size: key.length + ENTRY_BYTES + this.bytesOf(value) });
  }

  /** Those of now; none is used by that. */
  entries(): (readonly [string, V])[] {
    return this.values ? [...this.values.entries()] : [];
  }

  delete(key: string): void {
    this.values?.delete(key);
  }

  clear(): void {
    this.values?.clear();
  }
}

function empty<V extends object>({ maxEntries, maxBytes, ttlMs }: Bounds, now: () => number): LRUCache<string, V> {
  return new LRUCache({
    max: maxEntries,
    maxSize: maxBytes,
    maxEntrySize: Math.floor(maxBytes * LARGEST_SHARE),
    ttl: ttlMs,
    // Else a timer is set for each look.
    ttlResolution: 0,
    perf: { now },
  });
}
