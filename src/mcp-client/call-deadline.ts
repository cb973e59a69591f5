import type { TimeLimit } from './upstream-answer.js';

/**
 * Ends a call that stays silent for `requestTimeoutMs`, or lasts `maxCallDurationMs` in all. One timer, so that a call
 * costs little; it is armed at once.
 */
export class CallDeadline {
  private readonly endsAt: number;
  private timer: NodeJS.Timeout;
  private delayMs: number;

  constructor(
    private readonly limits: { readonly requestTimeoutMs: number; readonly maxCallDurationMs: number },
    private readonly onEnd: (limit: TimeLimit, seconds: number) => void,
  ) {
    this.endsAt = performance.now() + limits.maxCallDurationMs;
    this.delayMs = Math.min(limits.requestTimeoutMs, limits.maxCallDurationMs);
    this.timer = setTimeout(fire, this.delayMs, this);
  }

  /** The upstream showed a sign of life: the silence starts anew, the total goes on. */
  extend(): void {
    const delayMs = Math.min(this.limits.requestTimeoutMs, Math.max(0, this.endsAt - performance.now()));
    if (delayMs === this.delayMs) return void this.timer.refresh();
    clearTimeout(this.timer);
    this.delayMs = delayMs;
    this.timer = setTimeout(fire, delayMs, this);
  }

  clear(): void {
    clearTimeout(this.timer);
  }

  end(): void {
    const isTotal = performance.now() >= this.endsAt - 1;
    const limitMs = isTotal ? this.limits.maxCallDurationMs : this.limits.requestTimeoutMs;
    this.onEnd(isTotal ? 'MAX_CALL_DURATION' : 'REQUEST_TIMEOUT', limitMs / 1000);
  }
}

function fire(deadline: CallDeadline): void {
  deadline.end();
}
