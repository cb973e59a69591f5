import { LRUCache } from 'lru-cache';

/** So many wrong keys of one network are answered at once: a person mistypes one, and a team has some. */
const FREE_FAILURES = 5;
/** The next one waits so long, and each after it twice as long as the one before, */
const FIRST_DELAY_MS = 100;
/** but no longer than this. */
const MAX_DELAY_MS = 2_000;
/** A network from which no other wrong key came for so long starts anew. */
const FORGET_MS = 60_000;
/** Beyond so many networks the one that failed longest ago is forgotten. */
const MAX_NETWORKS = 10_000;
/** Beyond so many wrong keys the one that was shown longest ago is forgotten. */
const MAX_KEYS = 10_000;
/** So many answers wait at the same time; beyond them failures are answered at once, rather than hold more sockets. */
const MAX_WAITING = 1_000;

/**
 * How long the refusal of a wrong key waits, by how many others were tried from its network: guessing takes long, while one that was
 * refused before, wherever, tells nothing new and is refused at once. Only refusals wait: behind one address may be a whole team, and whoever
 * shows a valid key is served at once. Kept in memory, for this process alone; of keys the digests.
 */
export class FailureDelay {
  /** Both are made for the first wrong key: empty ones take 3 ms and 600 kB. */
  private failures: LRUCache<string, number> | undefined;
  private refused: LRUCache<string, true> | undefined;
  /** By digest: the same key at the same time must not tell sooner. */
  private readonly waits = new Map<string, Promise<void>>();
  private waiting = 0;

  constructor(private readonly now = () => performance.now()) {}

  /** Notes a wrong key, by its digest. Resolves when it may be refused; undefined: at once. */
  noteFailure(network: string, digest: string): Promise<void> | undefined {
    if (this.refused?.get(digest) || this.waiting >= MAX_WAITING) return undefined;
    const wait = this.waits.get(digest) ?? this.newWait(network, digest);
    if (!wait) return undefined;
    this.waiting += 1;
    return wait.then(() => void (this.waiting -= 1));
  }

  /** How many networks are remembered. */
  get size(): number {
    return this.failures?.size ?? 0;
  }

  private newWait(network: string, digest: string): Promise<void> | undefined {
    this.failures ??= new LRUCache({ max: MAX_NETWORKS, ttl: FORGET_MS, ttlResolution: 0, perf: { now: this.now } });
    const count = (this.failures.get(network) ?? 0) + 1;
    this.failures.set(network, count);
    const delayMs = delayOf(count);
    if (delayMs === 0) return this.noteRefused(digest);
    const wait = new Promise<void>((resolve) => setTimeout(resolve, delayMs).unref()).then(() => {
      this.waits.delete(digest);
      this.noteRefused(digest);
    });
    this.waits.set(digest, wait);
    return wait;
  }

  private noteRefused(digest: string): undefined {
    this.refused ??= new LRUCache({ max: MAX_KEYS });
    this.refused.set(digest, true);
  }
}

/** Milliseconds before the answer to a network's wrong key of this number. */
export function delayOf(failure: number): number {
  return failure <= FREE_FAILURES ? 0 : Math.min(FIRST_DELAY_MS * 2 ** (failure - FREE_FAILURES - 1), MAX_DELAY_MS);
}
