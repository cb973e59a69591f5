import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Slices } from '@app/mcp-openapi';

/** Longest time that long work holds the event loop at a stretch. */
const MAX_STRETCH_MS = 8;

/** Lets long work take turns with everything else: `if (yielding.isDue) await yielding.yieldNow()` between two pieces of it. */
export class EventLoopYield {
  private startedAt = performance.now();

  /** Does all slices, however small they are: as many at a stretch as it bears. */
  async through<T>(slices: Slices<T>): Promise<T> {
    for (;;) {
      const step = slices.next();
      if (step.done) return step.value;
      if (this.isDue) await this.yieldNow();
    }
  }

  get isDue(): boolean {
    return performance.now() - this.startedAt >= MAX_STRETCH_MS;
  }

  async yieldNow(): Promise<void> {
    await nextTurn();
    this.startedAt = performance.now();
  }
}
