/** So many are remembered one by one. */
const MAX_REMEMBERED = 1_050;

/** Calls that a server was told to give up, and may still be at. */
export class GivenUpCalls {
  /** By id, until when. */
  private readonly until = new Map<string, number>();
  /** The same of those that are not remembered. */
  private othersUntil = 0;

  /** Whether none of them can be under way. */
  get isEmpty(): boolean {
    if (this.until.size === 0 && this.othersUntil === 0) return true;
    const now = performance.now();
    for (const [id, until] of this.until) if (until <= now) this.until.delete(id);
    if (this.othersUntil <= now) this.othersUntil = 0;
    return this.until.size === 0 && this.othersUntil === 0;
  }

  add(id: string, maxMs: number): void {
    this.until.set(id, performance.now() + maxMs);
    if (this.until.size <= MAX_REMEMBERED) return;
    const [oldest, until] = this.until.entries().next().value as [string, number];
    this.until.delete(oldest);
    this.othersUntil = Math.max(this.othersUntil, until);
  }

  answered(id: string): void {
    this.until.delete(id);
  }
}
