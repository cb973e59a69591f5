import type { RpcMessage } from './call-answer.js';
import { newCallId } from './call-message.js';
import type { CallDeadline } from './call-deadline.js';
import { type CallCanceller, PendingCall } from './pending-call.js';
import type { UpstreamAnswer, UpstreamCall } from './upstream-answer.js';

/** Calls in flight on one connection that carries all answers. */
const MAX_PENDING_CALLS = 1_050;

/** The calls that wait for answers which all come on one way, told apart by their ids. */
export class CallsInFlight {
  private readonly pending = new Map<string, PendingCall>();

  /** Why another call cannot be taken; undefined if it can. */
  refusal(): UpstreamAnswer | undefined {
    if (this.pending.size < MAX_PENDING_CALLS) return undefined;
    return { kind: 'busy', message: `${MAX_PENDING_CALLS} calls wait already` };
  }

  add(call: UpstreamCall, deadline: CallDeadline, canceller: CallCanceller): PendingCall {
    return new PendingCall(newCallId(), call, deadline, canceller, this.pending);
  }

  /** Hands a message to the call that it answers or reports on; false if it is about none, nor about one that is over. */
  receive(message: RpcMessage, text: string): boolean {
    const callId = callIdOf(message);
    if (callId === undefined) return false;
    return this.pending.get(callId)?.receive(message, text) === true || callId.startsWith('req_');
  }

  /** False if there is no such call. */
  finish(callId: string, answer: UpstreamAnswer): boolean {
    this.pending.get(callId)?.finish(answer);
    return callId.startsWith('req_');
  }

  /** One for each that waits, which resolves when it is over. */
  ends(): Promise<unknown>[] {
    return [...this.pending.values()].map(({ answer }) => answer);
  }

  /** Gives all the same answer. */
  finishAll(answer: UpstreamAnswer): void {
    for (const pending of this.pending.values()) pending.finish(answer);
  }
}

/** The id of the call that a message answers or reports on, if it is a text like ours. */
function callIdOf(message: RpcMessage): string | undefined {
  const id = message.method === undefined ? message.id : message.params?.progressToken;
  return typeof id === 'string' ? id : undefined;
}
