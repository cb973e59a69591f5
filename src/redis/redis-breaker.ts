/** So many commands in a row that brought no answer. */
const MAX_FAILURES = 5;

/** Keeps requests from waiting for a Redis that answers nobody: open after five failures in a row, until a probe has been answered. */
export class RedisBreaker {
  private failures = 0;

  get isOpen(): boolean {
    return this.failures >= MAX_FAILURES;
  }

  /** An answer has come. What was sent before the breaker opened does not close it. */
  succeeded(): void {
    if (!this.isOpen) this.failures = 0;
  }

  /** True if that has opened it. */
  failed(): boolean {
    this.failures += 1;
    return this.failures === MAX_FAILURES;
  }

  close(): void {
    this.failures = 0;
  }
}
