import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Slices } from '@app/mcp-openapi';

/** Turns of the event loop, each for one piece of long work, whoever asks for them. */
export class Turns {
  private last: Promise<void> = Promise.resolve();

  /** Resolves in a later turn, which is nobody else's. */
  readonly next = (): Promise<void> => (this.last = this.last.then(() => nextTurn()));
}

/** Longest time that long work holds the event loop at a stretch. */
const MAX_STRETCH_MS = 8;

/** Lets long work take turns with everything else: `if (breath.isDue) await breath.take()` between two pieces of it. */
export class Breath {
  private startedAt = performance.now();

  /** Does all slices, however small they are: as many at a stretch as it bears. */
  async through<T>(slices: Slices<T>): Promise<T> {
    for (;;) {
      const step = slices.next();
      if (step.done) return step.value;
      if (this.isDue) await this.take();
    }
  }

  get isDue(): boolean {
    return performance.now() - this.startedAt >= MAX_STRETCH_MS;
  }

  async take(): Promise<void> {
    await nextTurn();
    this.startedAt = performance.now();
  }
}
