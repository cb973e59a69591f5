import { isJsonObject } from '@app/mcp-openapi';
import type { BriefMap } from './brief-map.js';
import type { CallDeadline, Waiting } from './call-deadline.js';
import { type RpcMessage, rpcMessageToAnswer } from './call-answer.js';
import { CallQuestions, type Reply } from '../questions/call-questions.js';
import type { TimeLimit, UpstreamAnswer, UpstreamCall } from './upstream-answer.js';

/** What a transport does with a call that is over before its answer came. */
export interface CallCanceller {
  /** Releases what the call holds, and tells the server where that has got the call. */
  cancel(call: PendingCall, reason: string): void;
}

/**
 * One try of a call, which waits for its answer, whatever the transport: its deadline, its caller's signal, its progress. Settled once.
 * It listens to the signal itself, so that no function has to be made for each call.
 */
export class PendingCall implements Waiting {
  readonly answer: Promise<UpstreamAnswer>;
  /** Whether the server may have received it. */
  isSent = false;
  private settle!: (answer: UpstreamAnswer) => void;
  private isSettled = false;
  /** Made with the first. */
  private questions: CallQuestions | undefined;

  /** `others`: all that wait on the same way, by their ids; it is among them until it is settled. */
  constructor(
    readonly id: string,
    readonly call: UpstreamCall,
    private readonly deadline: CallDeadline,
    private readonly canceller: CallCanceller,
    private readonly others?: BriefMap<string, PendingCall>,
  ) {
    this.answer = new Promise((resolve) => (this.settle = resolve));
    deadline.waiting = this;
    call.signal.addEventListener('abort', this);
    others?.add(id, this);
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

  /** Takes what came on this call's way, and is neither its answer nor its progress; false if it is not for the call. `reply` answers a question. */
  takeAside(message: RpcMessage, text: string, reply: Reply | undefined): boolean {
    if (this.isSettled) return false;
    if (message.method === 'notifications/message') return this.takeLog(message.params);
    if (message.method === 'notifications/cancelled') return this.withdraw(message.params?.requestId);
    if (message.id === undefined || !reply) return false;
    return (this.questions ??= this.newQuestions()).take(message, text, reply);
  }

  /** The server takes back a question; false if it is none of this call's. */
  withdraw(id: unknown): boolean {
    return this.questions?.withdraw(id) ?? false;
  }

  get isOver(): boolean {
    return this.isSettled;
  }

  timeUp(limit: TimeLimit, seconds: number): void {
    this.giveUp({ kind: 'timeout', sent: this.isSent, limit, seconds }, `No answer within ${limit} (${seconds} s).`);
  }

  /** The caller has left. */
  handleEvent(): void {
    this.giveUp({ kind: 'cancelled' }, 'The caller left.');
  }

  /** The end; whatever comes later is ignored. */
  finish(answer: UpstreamAnswer): void {
    if (this.isSettled) return;
    this.isSettled = true;
    this.deadline.waiting = undefined;
    this.call.signal.removeEventListener('abort', this);
    this.others?.delete(this.id);
    this.questions?.end();
    this.settle(answer);
  }

  private newQuestions(): CallQuestions {
    return new CallQuestions(this.call, this.deadline, () => this.giveUp({ kind: 'cancelled' }, 'There is no room for its questions.'));
  }

  private takeLog(params: RpcMessage['params']): boolean {
    const { onLog } = this.call;
    if (!onLog || !isJsonObject(params)) return false;
    onLog(params);
    return true;
  }

  private giveUp(answer: UpstreamAnswer, reason: string): void {
    if (this.isSettled) return;
    this.finish(answer);
    this.canceller.cancel(this, reason);
  }
}
