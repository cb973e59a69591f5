const WINDOW_MS = 60_000;

/** At most `limit` calls in any 60 seconds. */
export class RateLimiter {
  /** When the calls of the last minute were made, oldest first: never more than `limit`. */
  private times: number[] = [];

  constructor(
    private readonly limit: number,
    private readonly now = () => performance.now(),
  ) {}

  /** Takes `count` calls, all or none: undefined when they may run, else the seconds until as many would. */
  take(count: number): number | undefined {
    const now = this.now();
    this.times = this.times.filter((time) => time > now - WINDOW_MS);
    const excess = this.times.length + count - this.limit;
    if (excess > 0) return Math.ceil(((this.times[Math.min(excess, this.times.length) - 1] ?? now) + WINDOW_MS - now) / 1000);
    for (let taken = 0; taken < count; taken++) this.times.push(now);
    return undefined;
  }
}
