import type { CallDeadline, Waiting } from './call-deadline.js';
import { type RpcMessage, rpcMessageToAnswer } from './call-answer.js';
import type { TimeLimit, UpstreamAnswer, UpstreamCall } from './upstream-answer.js';

/** What a transport does with a call that is over before its answer came. */
export interface CallCanceller {
  /** Releases what the call holds, and tells the server where that has got the call. */
  cancel(call: PendingCall, reason: string): void;
}

/** One try of a call, which waits for its answer, whatever the transport: its deadline, its caller's signal, its progress. Settled once. */
export class PendingCall implements Waiting {
  readonly answer: Promise<UpstreamAnswer>;
  /** Whether the server may have received it. */
  isSent = false;
  private settle!: (answer: UpstreamAnswer) => void;
  private readonly onAbort: () => void;
  private isSettled = false;

  constructor(
    readonly id: string,
    private readonly call: UpstreamCall,
    private readonly deadline: CallDeadline,
    private readonly canceller: CallCanceller,
  ) {
    this.answer = new Promise((resolve) => (this.settle = resolve));
    deadline.waiting = this;
    // By way of a constant: V8 puts a function that is assigned where it is written into old space, and the whole call with it.
    const onAbort = () => this.giveUp({ kind: 'cancelled' }, 'The caller left.');
    this.onAbort = onAbort;
    call.signal.addEventListener('abort', onAbort);
  }

  /** Takes a message that came on this call's way; true if it was meant for this call. */
  receive(message: RpcMessage, text: string): boolean {
    if (message.method === undefined && message.id === this.id) {
      this.finish(rpcMessageToAnswer(message, text));
      return true;
    }
    if (message.method !== 'notifications/progress' || message.params?.progressToken !== this.id) return false;
    if (this.isSettled) return true;
    this.deadline.extend();
    this.call.onProgress?.(message.params);
    return true;
  }

  timeUp(limit: TimeLimit, seconds: number): void {
    this.giveUp({ kind: 'timeout', sent: this.isSent, limit, seconds }, `No answer within ${limit} (${seconds} s).`);
  }

  /** The end; whatever comes later is ignored. */
  finish(answer: UpstreamAnswer): void {
    if (this.isSettled) return;
    this.isSettled = true;
    this.deadline.waiting = undefined;
    this.call.signal.removeEventListener('abort', this.onAbort);
    this.settle(answer);
  }

  private giveUp(answer: UpstreamAnswer, reason: string): void {
    if (this.isSettled) return;
    this.finish(answer);
    this.canceller.cancel(this, reason);
  }
}
