import type { TimeLimit } from './upstream-answer.js';

interface CallTimeLimits {
  readonly requestTimeoutMs: number;
  readonly maxCallDurationMs: number;
}

/** What a call is waiting for at the moment: an answer, a connection, the next try. */
export interface Waiting {
  timeUp(limit: TimeLimit, seconds: number): void;
}

/**
 * Ends a call that stays silent for `requestTimeoutMs`, or lasts `maxCallDurationMs` in all, over all its tries. One timer, so
 * that a call costs little; it is armed at once.
 */
export class CallDeadline {
  /** Who is told when the time is up. */
  waiting: Waiting | undefined;
  /** What ended the call, once it is over. */
  over: { readonly limit: TimeLimit; readonly seconds: number } | undefined;
  private readonly endsAt: number;
  private silentFrom: number;
  /** What is waited for meanwhile is not the server's. */
  private holders = 0;
  private isCleared = false;
  private timer: NodeJS.Timeout;
  private delayMs: number;

  constructor(private readonly limits: CallTimeLimits) {
    this.silentFrom = performance.now();
    this.endsAt = this.silentFrom + limits.maxCallDurationMs;
    this.delayMs = Math.min(limits.requestTimeoutMs, limits.maxCallDurationMs);
    this.timer = setTimeout(fire, this.delayMs, this);
  }

  /** What is left unless the upstream shows a sign of life. */
  get remainingMs(): number {
    return Math.min(this.silentUntil, this.endsAt) - performance.now();
  }

  /** The upstream showed a sign of life: the silence starts anew, the total goes on. */
  extend(): void {
    this.silentFrom = performance.now();
    const delayMs = Math.min(this.silentUntil - this.silentFrom, Math.max(0, this.endsAt - this.silentFrom));
    if (delayMs === this.delayMs) return void this.timer.refresh();
    clearTimeout(this.timer);
    this.delayMs = delayMs;
    this.timer = setTimeout(fire, delayMs, this);
  }

  /** From now on the upstream waits for somebody else, and is not silent; the total goes on. */
  hold(): void {
    this.holders += 1;
    if (!this.over) this.extend();
  }

  /** It has what it waited for, if all who hold have said so. */
  release(): void {
    this.holders -= 1;
    if (!this.over && !this.isCleared) this.extend();
  }

  clear(): void {
    this.isCleared = true;

    clearTimeout(this.timer);
  }

  end(): void {
    // By what was due first, not by the clock: timers fire up to a millisecond early.
    const isTotal = this.endsAt <= this.silentUntil;
    const limitMs = isTotal ? this.limits.maxCallDurationMs : this.limits.requestTimeoutMs;
    this.over = { limit: isTotal ? 'MAX_CALL_DURATION' : 'REQUEST_TIMEOUT', seconds: limitMs / 1000 };
    this.waiting?.timeUp(this.over.limit, this.over.seconds);
  }

  private get silentUntil(): number {
    return this.holders > 0 ? Infinity : this.silentFrom + this.limits.requestTimeoutMs;
  }
}

function fire(deadline: CallDeadline): void {
  deadline.end();
}
