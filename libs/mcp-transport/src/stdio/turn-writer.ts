import type { Writable } from 'node:stream';
import type { PendingCall } from '../call/pending-call.js';

/** No more calls are taken while so much waits to be written; one message may exceed it. */
const MAX_WAITING_BYTES = 16 * 1024 * 1024;

interface Outgoing {
  readonly line: string;
  readonly bytes: number;
  /** Whose line it is, if it is a call. */
  readonly call: PendingCall | undefined;
  /** Told when it is written, or never will be. */
  readonly over: (() => void) | undefined;
}

/**
 * Writes lines to a pipe, in order: what one turn of the event loop says goes out as one write, and so does what is said while a write is
 * under way, so that whoever reads gets it at once and each message costs no system call of its own. What is not handed to the pipe yet
 * can be taken back.
 */
export class TurnWriter {
  private waiting: Outgoing[] = [];
  /** Of what waits and of what is being written. */
  private bytes = 0;
  private isDue = false;
  private isWriting = false;

  /** `onUnsent`: nobody has read this call, nor will. */
  constructor(
    private readonly pipe: Writable,
    private readonly onUnsent: (call: PendingCall) => void,
    private readonly maxWaitingBytes = MAX_WAITING_BYTES,
  ) {}

  /** Why another call cannot be taken; undefined if it can. */
  refusal(): { readonly kind: 'busy'; readonly message: string } | undefined {
    if (this.bytes < this.maxWaitingBytes) return undefined;
    return { kind: 'busy', message: `${this.bytes} bytes wait to be read` };
  }

  /** What waits to be written, and what is being written. */
  get waitingBytes(): number {
    return this.bytes;
  }

  /** Has a line, which is without its end, written at the end of this turn. A call is marked as sent when it is handed to the pipe. */
  write(line: string, call?: PendingCall, over?: () => void): void {
    const bytes = Buffer.byteLength(line) + 1;
    this.bytes += bytes;
    this.waiting.push({ line, bytes, call, over });
    this.flushSoon();
  }

  /** Whether a call was still to be written; it is not any more. */
  takeBack(call: PendingCall): boolean {
    const at = this.waiting.findIndex((outgoing) => outgoing.call === call);
    if (at === -1) return false;
    for (const { bytes } of this.waiting.splice(at, 1)) this.bytes -= bytes;
    return true;
  }

  /** Writes what waits, if the pipe takes anything at the moment; calls that are not written then are told as unsent. */
  close(): void {
    this.flush();
    this.dropWaiting();
  }

  private flushSoon(): void {
    if (this.isDue || this.isWriting) return;
    this.isDue = true;
    setImmediate(TurnWriter.flushNow, this);
  }

  private static flushNow(this: void, writer: TurnWriter): void {
    writer.isDue = false;
    writer.flush();
  }

  private flush(): void {
    if (this.isWriting || this.waiting.length === 0) return;
    const batch = this.waiting;
    this.waiting = [];
    this.isWriting = true;
    this.pipe.write(textOf(batch), (error) => this.written(batch, error));
    // A pipe that is broken by now has taken nothing of it.
    if (!this.pipe.writable) this.tellUnsent(batch);
  }

  private written(batch: readonly Outgoing[], error: Error | null | undefined): void {
    this.isWriting = false;
    this.tellOver(batch);
    if (!error) return this.waiting.length > 0 ? this.flushSoon() : undefined;
    // What broke in the middle may have been read, but for the last line: that was not written to its end.
    this.tellUnsent(batch.slice(-1));
    this.dropWaiting();
  }

  private dropWaiting(): void {
    const dropped = this.waiting;
    this.waiting = [];
    this.tellOver(dropped);
    this.tellUnsent(dropped);
  }

  private tellOver(lines: readonly Outgoing[]): void {
    for (const { bytes, over } of lines) {
      this.bytes -= bytes;
      over?.();
    }
  }

  private tellUnsent(lines: readonly Outgoing[]): void {
    for (const { call } of lines) if (call) this.onUnsent(call);
  }
}

function textOf(batch: readonly Outgoing[]): string {
  let text = '';
  for (const { line, call } of batch) {
    text += `${line}\n`;
    if (call) call.isSent = true;
  }
  return text;
}
