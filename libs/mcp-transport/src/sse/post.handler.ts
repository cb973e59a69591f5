import type { IncomingHttpHeaders } from 'node:http';
import type { Dispatcher } from 'undici';
import { httpStatusAnswer } from '../http/calls/http-status-answer.js';
import { notSent } from '../http/calls/not-sent.js';
import type { PendingCall } from '../call/pending-call.js';
import type { UpstreamAnswer } from '../call/upstream-answer.js';

/** A receipt says "Accepted"; one that goes on and on is not read to its end. */
const MAX_RECEIPT_BYTES = 64 * 1024;

/** Reads the receipt of a POST whose answer comes on the event stream: only one that refuses the call, or none, ends it. */
export class PostHandler implements Dispatcher.DispatchHandler {
  private controller: Dispatcher.DispatchController | undefined;
  private isCancelled = false;
  private isReceived = false;
  private bytes = 0;

  constructor(
    private readonly pending: PendingCall,
    private readonly refused: (status: number) => UpstreamAnswer | undefined,
    private readonly noteCookies: (headers: IncomingHttpHeaders) => void,
  ) {}

  cancel(): void {
    this.isCancelled = true;
    if (!this.isReceived) this.controller?.abort(new Error('cancelled'));
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.controller = controller;
    if (this.isCancelled) return controller.abort(new Error('cancelled'));
    this.pending.isSent = true;
  }

  onResponseStart(_: Dispatcher.DispatchController, status: number, headers: IncomingHttpHeaders): void {
    this.isReceived = true;
    if (headers['set-cookie']) this.noteCookies(headers);
    if (status < 300) return;
    const answer = this.refused(status);
    this.pending.finish(answer ?? httpStatusAnswer(status, headers));
  }

  onResponseData(controller: Dispatcher.DispatchController, chunk: Buffer): void {
    this.bytes += chunk.length;
    if (this.bytes > MAX_RECEIPT_BYTES) controller.abort(new Error('the receipt is too long'));
  }

  onResponseEnd(): void {
    this.isReceived = true;
  }

  onResponseError(_: Dispatcher.DispatchController, error: Error): void {
    if (this.isReceived) return;
    this.pending.finish(this.pending.isSent ? { kind: 'lost', message: error.message } : notSent(error));
  }
}
