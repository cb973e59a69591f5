import type { IncomingFrame, OutgoingFrame } from './frames.js';

/** Something that was asked for, and is not answered yet. */
export interface Request {
  readonly frame: OutgoingFrame;
  /** Whether it was sent, and may have reached the gateway. */
  isSent: boolean;
  /** Whether the gateway has said that it got it. */
  isAccepted: boolean;
  /** Whether it may be sent again in another session: it is answered once, or asking twice does no harm. */
  readonly isRepeatable: boolean;
  /** True if the frame was its end. */
  hear(frame: IncomingFrame): boolean;
  fail(error: Error): void;
  /** The session goes on with another socket: what was said last may not have come. */
  resumed?(): void;
}

/** Requests by their correlation ids, in their order. */
export class Requests {
  private readonly pending = new Map<string, Request>();

  get size(): number {
    return this.pending.size;
  }

  add(request: Request): void {
    this.pending.set(request.frame.correlation_id, request);
  }

  get(id: string): Request | undefined {
    return this.pending.get(id);
  }

  hear(frame: IncomingFrame): void {
    const request = this.pending.get(frame.correlation_id ?? '');
    if (!request) return;
    request.isAccepted = true;
    if (request.hear(frame)) this.pending.delete(request.frame.correlation_id);
  }

  fail(id: string, error: Error): void {
    const request = this.pending.get(id);
    this.pending.delete(id);
    request?.fail(error);
  }

  all(): Request[] {
    return [...this.pending.values()];
  }
}
