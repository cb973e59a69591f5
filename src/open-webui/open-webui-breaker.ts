import type { PostEnd } from './post-status.js';

/** Posts that fail one after the other before none is made for a while. */
const FAILURES_TO_OPEN = 3;
const OPEN_MS = 10_000;

/** Keeps an Open WebUI that is away from costing anything: none is asked while it is, but one from time to time. */
export class OpenWebUiBreaker {
  private failures = 0;
  private openUntil = -Infinity;

  /** How many posts may be on their way at once, of `most`. */
  roomOf(most: number): number {
    if (this.failures < FAILURES_TO_OPEN) return most;
    return this.closedInMs > 0 ? 0 : 1;
  }

  /** When one may be tried. */
  get closedInMs(): number {
    return this.openUntil - performance.now();
  }

  note({ kind }: PostEnd): void {
    this.failures = kind === 'failed' ? this.failures + 1 : 0;
    if (this.failures >= FAILURES_TO_OPEN) this.openUntil = performance.now() + OPEN_MS;
  }
}
