/** What can be held {@link InFlight}: it notes its place there. */
export interface Placed {
  place: number;
}

/**
 * Things that are held for a moment each, in no order. For those that come and go with each call, in place of a Set or a Map: of these V8
 * makes a new table every few calls, to which the old one leads, with all that it held. Once one such table has grown old, the collector keeps
 * every call after it until it next looks at all of its memory: with 100 calls in flight 50 KB of each.
 */
export class InFlight<T extends Placed> implements Iterable<T> {
  private readonly held: T[] = [];

  get size(): number {
    return this.held.length;
  }

  /** Not one that is held already. */
  add(one: T): void {
    one.place = this.held.push(one) - 1;
  }

  /** Harmless when repeated. */
  delete(one: T): void {
    const { place } = one;
    if (this.held[place] !== one) return;
    const last = this.held.pop() as T;
    if (last === one) return;
    this.held[place] = last;
    last.place = place;
  }

  /** Those that are held at this moment; they may be deleted meanwhile. */
  [Symbol.iterator](): Iterator<T> {
    return [...this.held].values();
  }

  find(is: (one: T) => boolean): T | undefined {
    return this.held.find(is);
  }
}
