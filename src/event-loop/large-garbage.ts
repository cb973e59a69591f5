import { collectYoungGarbage } from './collect-garbage.js';

/** After so many bytes of large answers: each leaves some times its size behind. */
const COLLECT_AFTER_BYTES = 8 * 1024 * 1024;

/**
 * Has the garbage of large answers collected while it is young. V8 sees buffers as small, and lets hundreds of megabytes of them lie where
 * many large answers come at once.
 */
export class LargeGarbage {
  private bytes = 0;

  /** A large answer of this size has been made. */
  made(bytes: number): void {
    const before = this.bytes;
    this.bytes += bytes;
    if (before < COLLECT_AFTER_BYTES && this.bytes >= COLLECT_AFTER_BYTES) setImmediate(() => this.collect());
  }

  private collect(): void {
    this.bytes = 0;
    collectYoungGarbage();
  }
}
