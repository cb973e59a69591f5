/** Every limit is of calls in so many seconds. */
export const WINDOW_S = 60;

/** Hits are kept by the hundredth of a second: a window holds 6,000 slots at the most, however many hits. */
export const SLOTS_PER_SECOND = 100;

/** Of one window. */
export const SLOTS = WINDOW_S * SLOTS_PER_SECOND;

interface Slot {
  readonly at: number;
  hits: number;
  next: Slot | undefined;
}

/** The slot of a time in milliseconds. */
export function slotAt(ms: number): number {
  return Math.floor((ms * SLOTS_PER_SECOND) / 1000);
}

/** The hits of the last {@link WINDOW_S} seconds. Times are slots, and never go back. */
export class SlidingWindow {
  private oldest: Slot | undefined;
  private newest: Slot | undefined;
  private total = 0;

  /** How many hits the window holds that ends at `now`. */
  hits(now: number): number {
    while (this.oldest && now - this.oldest.at >= SLOTS) {
      this.total -= this.oldest.hits;
      this.oldest = this.oldest.next;
    }
    return this.total;
  }

  /** Whether the last hit was a second ago or longer, or there was none. */
  isSilent(now: number): boolean {
    return !this.newest || now - this.newest.at >= SLOTS_PER_SECOND;
  }

  add(now: number): void {
    this.total += 1;
    if (this.oldest && this.newest?.at === now) return void (this.newest.hits += 1);
    const slot: Slot = { at: now, hits: 1, next: undefined };
    if (this.oldest) (this.newest as Slot).next = slot;
    else this.oldest = slot;
    this.newest = slot;
  }

  /** Whole seconds, 1 at the least, until the oldest hit leaves the window. */
  secondsToNext(now: number): number {
    return this.oldest ? Math.max(1, Math.ceil((this.oldest.at + SLOTS - now) / SLOTS_PER_SECOND)) : 1;
  }
}
