import { CallDeadline } from './call-deadline.js';
import { type RpcMessage, rpcMessageToAnswer } from './call-answer.js';
import type { UpstreamAnswer, UpstreamCall } from './upstream-answer.js';

/** What a transport does with a call that is over before its answer came. */
export interface CallCanceller {
  /** Releases what the call holds, and tells the server. */
  cancel(callId: string, reason: string): void;
}

export interface CallLimits {
  readonly requestTimeoutMs: number;
  readonly maxCallDurationMs: number;
  readonly maxResponseBytes: number;
}

/** One call that waits for its answer, whatever the transport: its deadline, its caller's signal, its progress. Settled once. */
export class PendingCall {
  readonly answer: Promise<UpstreamAnswer>;
  /** Whether the server may have received it. */
  isSent = false;
  private settle!: (answer: UpstreamAnswer) => void;
  private readonly deadline: CallDeadline;
  private readonly onAbort: () => void;
  private isSettled = false;

  constructor(
    readonly id: string,
    private readonly call: UpstreamCall,
    limits: CallLimits,
    private readonly canceller: CallCanceller,
  ) {
    this.answer = new Promise((resolve) => (this.settle = resolve));
    this.deadline = new CallDeadline(limits, (limit, seconds) =>
      this.giveUp({ kind: 'timeout', sent: this.isSent, limit, seconds }, `No answer within ${limit} (${seconds} s).`),
    );
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

  /** The end; whatever comes later is ignored. */
  finish(answer: UpstreamAnswer): void {
    if (this.isSettled) return;
    this.isSettled = true;
    this.deadline.clear();
    this.call.signal.removeEventListener('abort', this.onAbort);
    this.settle(answer);
  }

  private giveUp(answer: UpstreamAnswer, reason: string): void {
    if (this.isSettled) return;
    this.finish(answer);
    this.canceller.cancel(this.id, reason);
  }
}
