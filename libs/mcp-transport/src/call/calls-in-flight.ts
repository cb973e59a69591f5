import type { Reply } from '../questions/call-questions.js';
import { BriefMap } from './brief-map.js';
import type { RpcMessage } from './call-answer.js';
import { GivenUpCalls } from './given-up-calls.js';
import { newCallId } from './call-message.js';
import type { CallDeadline } from './call-deadline.js';
import { type CallCanceller, PendingCall } from './pending-call.js';
import type { UpstreamAnswer, UpstreamCall } from './upstream-answer.js';

/** Calls in flight on one connection that carries all answers. */
const MAX_PENDING_CALLS = 1_050;

/** The calls that wait for answers which all come on one way, told apart by their ids. */
export class CallsInFlight {
  private readonly pending = new BriefMap<string, PendingCall>();
  private readonly givenUp = new GivenUpCalls();

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
    if (message.method === undefined) this.givenUp.answered(callId);
    return this.pending.get(callId)?.receive(message, text) === true || callId.startsWith('req_');
  }

  /**
   * Hands a message that names no call to the only one that it can be about; false if there is none, or several, of which those count that were
   * given up: their server may still be at them.
   */
  receiveAside(message: RpcMessage, text: string, reply: Reply): boolean {
    if (message.method === 'notifications/cancelled') return this.withdraw(message.params?.requestId);
    if (this.pending.size !== 1 || !this.givenUp.isEmpty) return false;
    const [only] = this.pending.values();
    return (only as PendingCall).takeAside(message, text, reply);
  }

  /** The server may go on with this call, whose caller has left, until it answers, or no call can last any longer. */
  noteGivenUp({ id, isSent }: PendingCall, maxMs: number): void {
    if (isSent) this.givenUp.add(id, maxMs);
  }

  private withdraw(id: unknown): boolean {
    return this.pending.values().some((call) => call.withdraw(id));
  }

  /** False if there is no such call. */
  finish(callId: string, answer: UpstreamAnswer): boolean {
    this.pending.get(callId)?.finish(answer);
    return callId.startsWith('req_');
  }

  /** One for each that waits, which resolves when it is over. */
  ends(): Promise<unknown>[] {
    return this.pending.values().map(({ answer }) => answer);
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
