import type { Source } from './flow.js';
import { inTurn } from './in-turn.js';
import { leftOfRound, spentOfRound } from './round.js';
import { IDLE_MS, SLICE_MS } from './slice.js';

/**
 * Hands on the texts of one server, one after another, in slices of a few milliseconds, and has nothing more read from it while some of them
 * wait. What all of them hand on at once in a round of the event loop is a slice, too; of all that have more than that one has its turn in each.
 */
export class PacedTexts {
  private waiting: string[] = [];
  private next = 0;
  private spentMs = 0;
  private idleSince = 0;
  private whenDone: (() => void) | undefined;

  /** `source`: undefined where whoever reads waits for {@link done} before it reads on. */
  constructor(
    private readonly take: (text: string) => void,
    private readonly source?: Source,
  ) {}

  push(text: string): void {
    if (this.waiting.length > 0) return void this.waiting.push(text);
    const begin = performance.now();
    if (begin - this.idleSince > IDLE_MS) this.spentMs = 0;
    if (this.spentMs > leftOfRound()) return this.wait(text);
    this.take(text);
    this.idleSince = performance.now();
    this.spentMs += this.idleSince - begin;
    spentOfRound(this.idleSince - begin);
  }

  /** Runs `then` when everything that was pushed until now has been handed on: at once where nothing waits. */
  finally(then: () => void): void {
    if (this.waiting.length === 0) then();
    else this.whenDone = then;
  }

  /** Undefined where nothing waits. */
  done(): Promise<void> | undefined {
    return this.waiting.length === 0 ? undefined : new Promise((resolve) => this.finally(resolve));
  }

  /** Hands on for a slice; true where some are left. */
  private slice(): boolean {
    const end = performance.now() + SLICE_MS;
    while (this.next < this.waiting.length && performance.now() < end) this.take(this.waiting[this.next++] as string);
    if (this.next < this.waiting.length) return true;
    this.waiting = [];
    this.next = 0;
    this.spentMs = 0;
    const { whenDone } = this;
    this.whenDone = undefined;
    whenDone?.();
    this.source?.resume();
    return false;
  }

  private wait(text: string): void {
    this.waiting.push(text);
    this.source?.pause();
    inTurn(() => this.slice());
  }
}
