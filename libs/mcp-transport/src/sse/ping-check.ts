import { setTimeout as sleep } from 'node:timers/promises';

/** The stream that is looked at, and the calls that wait on it. */
interface CheckedStream {
  /** Sends a `ping`; true when the server has taken it, false when it has not, for whatever reason. Never rejects, and ends. */
  readonly ping: () => Promise<boolean>;
  /** One for each call in flight, which resolves when the call is over. */
  readonly callEnds: () => readonly Promise<unknown>[];
  readonly onDead: () => void;
}

/**
 * Finds out whether an event stream still brings anything, after a call on it timed out: a network can swallow it without a word.
 * One `ping` at a time is sent (MCP basic/utilities/ping). The stream is dead when the server took it, and nothing at all, not even a
 * comment, has come since, neither in `waitMs` nor until the calls that were in flight then are over. A server that does one thing
 * at a time takes no ping, or does not answer it, while it works.
 */
export class PingCheck {
  private isRunning = false;
  private hasHeard = false;

  constructor(
    private readonly stream: CheckedStream,
    private readonly waitMs: number,
  ) {}

  /** Something came on the stream. */
  heard(): void {
    this.hasHeard = true;
  }

  /** Harmless while a check is under way. */
  async run(): Promise<void> {
    if (this.isRunning) return;
    this.isRunning = true;
    this.hasHeard = false;
    const isTaken = await this.stream.ping();
    if (isTaken) {
      await sleep(this.waitMs, undefined, { ref: false });
      await Promise.all(this.stream.callEnds());
    }
    this.isRunning = false;
    if (isTaken && !this.hasHeard) this.stream.onDead();
  }
}
