/** Looks that a minute has, one every five seconds. */
const LOOKS = 12;

/** How much counters that only grow have grown within the last minute, looked at every five seconds. */
export class LastMinute<T extends Readonly<Record<string, number>>> {
  private readonly looks: T[] = [];

  /** `now`: the counters as they are. */
  growth(now: T): T {
    this.looks.push(now);
    if (this.looks.length > LOOKS + 1) this.looks.shift();
    const before = this.looks[0] as T;
    return Object.fromEntries(Object.entries(now).map(([name, value]) => [name, value - (before[name] as number)])) as T;
  }
}
