import { setTimeout as sleep } from 'node:timers/promises';
import { type CallDeadline, pauseCall, type UpstreamCall } from '@app/mcp-transport';

/** How long a call waits for a connection that is being made. */
const CONNECT_WAIT_MS = 5_000;

/** When a server is tried again: after pauses, which a call that needs it cuts short. */
export class ConnectAttempts {
  private nextAt = 0;
  private cutShort: () => void = () => undefined;
  private readonly waiting = new Set<() => void>();

  constructor(private readonly stopping: AbortSignal) {}

  /** Whole seconds until the next; at least 1. */
  get retryAfterSeconds(): number {
    return Math.max(1, Math.ceil((this.nextAt - performance.now()) / 1000));
  }

  /** The next is made at once, where one is still to come. */
  hurry(): void {
    this.cutShort();
  }

  /** One has ended, well or not. */
  made(): void {
    for (const resolve of [...this.waiting]) resolve();
  }

  async pause(ms: number): Promise<void> {
    if (this.stopping.aborted) return;
    this.nextAt = performance.now() + ms;
    const pausing = new AbortController();
    this.cutShort = () => pausing.abort();
    await sleep(ms, undefined, { signal: pausing.signal }).catch(() => undefined);
    this.cutShort = () => undefined;
  }

  /** Has a call wait for the one that it hurries on, but not for long. */
  async awaitedBy(call: UpstreamCall, deadline: CallDeadline): Promise<void> {
    await pauseCall(call, deadline, async (over) => {
      const ended = new AbortController();
      let resolve!: () => void;
      const attempted = new Promise<void>((made) => this.waiting.add((resolve = made)));
      this.hurry();
      const signal = AbortSignal.any([over, ended.signal, this.stopping]);
      await Promise.race([attempted, sleep(CONNECT_WAIT_MS, undefined, { signal }).catch(() => undefined)]);
      this.waiting.delete(resolve);
      ended.abort();
    });
  }
}
