import type { Source } from './flow.js';
import { inTurn } from './in-turn.js';
import { IDLE_MS, SLICE_MS } from './slice.js';

/** Leaves others their turn while a server's bytes come in many small pieces. */
export class PacedPieces {
  private since = 0;
  private last = 0;
  private isPaused = false;

  constructor(private readonly source: Source) {}

  /** A piece has been taken. */
  taken(): void {
    const now = performance.now();
    if (now - this.last > IDLE_MS) this.since = now;
    this.last = now;
    if (now - this.since <= SLICE_MS || this.isPaused) return;
    this.isPaused = true;
    this.source.pause();
    inTurn(() => this.goOn());
  }

  private goOn(): boolean {
    this.isPaused = false;
    this.since = this.last = performance.now();
    this.source.resume();
    return false;
  }
}
