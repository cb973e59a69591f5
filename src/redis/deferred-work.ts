import type { Redis } from './redis.service.js';

const PAUSE_MS = 1_000;

/** Does later what could not be done while Redis was away: as soon as it is back, and each second until it is done. */
export class DeferredWork {
  private isDue = false;
  private isBusy = false;
  private next: NodeJS.Timeout | undefined;

  /** `work` resolves to whether nothing is left to do; `addLost` adds what a Redis that is back may have lost, and gives whether that is anything. */
  constructor(
    redis: Redis,
    private readonly work: () => Promise<boolean>,
    addLost: () => boolean = () => false,
  ) {
    redis.on('up', () => {
      this.isDue = addLost() || this.isDue;
      void this.tryNow();
    });
  }

  /** There is something to do. */
  ask(): void {
    this.isDue = true;
    this.next ??= setTimeout(() => void this.tryNow(), PAUSE_MS).unref();
  }

  private async tryNow(): Promise<void> {
    clearTimeout(this.next);
    this.next = undefined;
    if (!this.isDue || this.isBusy) return;
    this.isBusy = true;
    this.isDue = false;
    const isDone = await this.work();
    // Meanwhile there may be more to do.
    this.isDue ||= !isDone;
    this.isBusy = false;
    if (this.isDue) this.ask();
  }
}
