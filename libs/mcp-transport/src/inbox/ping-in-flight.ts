import { newCallId } from '../call/call-message.js';

/** One that is not answered in so long may have been lost: another is sent. */
const LOST_MS = 60_000;

interface Ping {
  readonly id: string;
  readonly sentAt: number;
  readonly answered: Promise<void>;
  readonly answer: () => void;
}

/**
 * The question whether a server is there, on a way that carries everything: a server that hangs reads none, so one is under way at a time,
 * and whoever asks meanwhile waits for the same answer. One that came after its asker had left counts for the next.
 */
export class PingInFlight {
  private current: Ping | undefined;

  /** Resolves when the server has answered, by whatever. Rejects when it cannot be sent, and with the signal. */
  async run(send: (id: string) => Promise<void>, signal: AbortSignal): Promise<void> {
    const ping = this.current && performance.now() - this.current.sentAt < LOST_MS ? this.current : await this.sent(send);
    await Promise.race([ping.answered, aborted(signal)]);
    if (this.current === ping) this.current = undefined;
  }

  /** Whether that is the id of the question. */
  receive(id: unknown): boolean {
    if (this.current === undefined || this.current.id !== id) return false;
    this.current.answer();
    return true;
  }

  private async sent(send: (id: string) => Promise<void>): Promise<Ping> {
    let answer!: () => void;
    const answered = new Promise<void>((resolve) => (answer = resolve));
    const ping = (this.current = { id: newCallId(), sentAt: performance.now(), answered, answer });
    try {
      await send(ping.id);
      return ping;
    } catch (error) {
      if (this.current === ping) this.current = undefined;
      throw error;
    }
  }
}

function aborted(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    if (signal.aborted) reject(signal.reason as Error);
    signal.addEventListener('abort', () => reject(signal.reason as Error), { once: true });
  });
}
