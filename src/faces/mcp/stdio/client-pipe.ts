import type { Writable } from 'node:stream';

/** Characters that wait for the client: beyond the first, progress and log lines are left out, beyond the second the client is given up. */
const MAX_WAITING_ASIDE = 1024 * 1024;
const MAX_WAITING = 64 * 1024 * 1024;
/** A client that does not read is read so slowly that its end is seen all the same. */
const UNREAD_PAUSE_MS = 50;

const ASIDE = /^\{"jsonrpc":"2\.0","method":"notifications\/(?:progress|message)"/;

/** What is said to the client, a line each. Nothing waits for a client that does not read, and no more than a bound is kept for it. */
export class ClientPipe {
  constructor(
    private readonly output: Writable,
    /** It reads nothing, and is waited for no more. */
    private readonly onGivenUp: () => void,
  ) {}

  readonly say = (text: string): void => {
    const { output } = this;
    if (output.writableEnded || output.destroyed) return;
    if (output.writableLength > MAX_WAITING_ASIDE && ASIDE.test(text)) return;
    if (output.writableLength + text.length > MAX_WAITING && output.writableLength > 0) return this.onGivenUp();
    // A raw line break may stand between the tokens of a result, never inside a string.
    output.write(`${text.includes('\n') || text.includes('\r') ? text.replaceAll(/[\r\n]/g, ' ') : text}\n`);
  };

  /** Resolves when the client has read, or after a moment. */
  async room(): Promise<void> {
    const { output } = this;
    if (!output.writableNeedDrain) return;
    await new Promise<void>((resolve) => {
      const done = (): void => {
        clearTimeout(timer);
        output.off('drain', done).off('close', done);
        resolve();
      };
      const timer = setTimeout(done, UNREAD_PAUSE_MS);
      output.on('drain', done).on('close', done);
    });
  }
}
