import type { SocketBounds } from '../bounds.js';
import type { SessionCall } from './session-call.js';

/** Bytes of all calls that wait in queues. */
export class QueuedBytes {
  private bytes = 0;

  constructor(private readonly bounds: Pick<SocketBounds, 'queuedBytesInAll'>) {}

  hasRoomFor(bytes: number): boolean {
    return this.bytes + bytes <= this.bounds.queuedBytesInAll;
  }

  change(bytes: number): void {
    this.bytes += bytes;
  }
}

/** The calls of one session: so many are under way, the others wait in their order. */
export class CallQueue {
  private readonly waiting = new Set<SessionCall>();
  private bytes = 0;
  private underWay = 0;

  constructor(
    private readonly bounds: Pick<SocketBounds, 'callsAtOnce' | 'queuedCalls' | 'queuedBytes'>,
    private readonly all: QueuedBytes,
    private readonly run: (call: SessionCall) => Promise<void>,
  ) {}

  /** How many are under way or wait. */
  get size(): number {
    return this.underWay + this.waiting.size;
  }

  /** Takes a call; false where there is no room for it. */
  add(call: SessionCall): boolean {
    if (this.underWay < this.bounds.callsAtOnce) {
      this.start(call);
      return true;
    }
    const isFull = this.waiting.size >= this.bounds.queuedCalls || this.bytes + call.bytes > this.bounds.queuedBytes;
    if (isFull || !this.all.hasRoomFor(call.bytes)) return false;
    this.waiting.add(call);
    call.wait();
    this.change(call.bytes);
    // One that is given up while it waits is told so at once, and not when it would have been its turn.
    call.signal.addEventListener('abort', () => this.takeOut(call) && void this.run(call));
    return true;
  }

  private start(call: SessionCall): void {
    this.underWay += 1;
    void this.run(call).finally(() => {
      this.underWay -= 1;
      this.next();
    });
  }

  private next(): void {
    const [call] = this.waiting;
    if (!call || !this.takeOut(call)) return;
    this.start(call);
  }

  private takeOut(call: SessionCall): boolean {
    if (!this.waiting.delete(call)) return false;
    this.change(-call.bytes);
    return true;
  }

  private change(bytes: number): void {
    this.bytes += bytes;
    this.all.change(bytes);
  }
}
