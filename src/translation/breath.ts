import { setImmediate as nextTurn } from 'node:timers/promises';

/** Longest time that long work holds the event loop at a stretch. */
const MAX_STRETCH_MS = 8;

/** Lets long work take turns with everything else: `await breath.take()` between two pieces of it. */
export class Breath {
  private startedAt = performance.now();

  async take(): Promise<void> {
    if (performance.now() - this.startedAt < MAX_STRETCH_MS) return;
    await nextTurn();
    this.startedAt = performance.now();
  }
}
