/** What the longest turn of this process's event loop cost in CPU time: it does not grow with what else runs on the machine, as a delay does. */
export class LongestTurn {
  private longestUs = 0;
  private usage = process.threadCpuUsage();
  private isWatching = true;

  constructor() {
    setImmediate(() => this.look());
  }

  /** Stops, and gives milliseconds. */
  stop(): number {
    this.isWatching = false;
    return this.longestUs / 1_000;
  }

  private look(): void {
    const usage = process.threadCpuUsage();
    const spent = usage.user + usage.system - this.usage.user - this.usage.system;
    this.longestUs = Math.max(this.longestUs, spent);
    this.usage = usage;
    if (this.isWatching) setImmediate(() => this.look());
  }
}
