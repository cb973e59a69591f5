import { setTimeout as sleep } from 'node:timers/promises';

/** A session that its server forgets before this did not last. */
const STEADY_MS = 10_000;
const FIRST_PAUSE_MS = 250;
/** Calls wait for it. */
const LONGEST_PAUSE_MS = 5_000;

/** When a session is opened in place of one that its server has forgotten: at once, and after growing pauses where one after another does not last. */
export class ReopeningPauses {
  private failures = 0;
  private openedAt = performance.now();

  async wait(): Promise<void> {
    this.failures = performance.now() - this.openedAt < STEADY_MS ? this.failures + 1 : 0;
    // A server may be started anew at any time.
    if (this.failures > 1) await sleep(Math.min(FIRST_PAUSE_MS * 2 ** (this.failures - 2), LONGEST_PAUSE_MS), undefined, { ref: false });
  }

  opened(): void {
    this.openedAt = performance.now();
  }
}
