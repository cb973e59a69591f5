import type { ServerResponse } from 'node:http';
import type { CorrelatedRequest } from '../../../http/correlation.middleware.js';

/** While nothing else is sent a comment is, so that nobody on the way takes the stream for dead. */
const KEEP_ALIVE_MS = 10_000;

type CorrelatedResponse = ServerResponse & { readonly req: CorrelatedRequest };

/** Server-sent events on a response. It opens with the first of them: until then the answer may be something else. */
export class EventStream {
  private readonly timer: NodeJS.Timeout;
  private isQuiet = true;

  constructor(private readonly response: ServerResponse) {
    this.timer = setInterval(() => this.keepAlive(), KEEP_ALIVE_MS).unref();
    response.once('close', () => this.stop());
  }

  get isOpen(): boolean {
    return this.response.headersSent;
  }

  data(value: object | string): void {
    this.write(`data: ${typeof value === 'string' ? value : JSON.stringify(value)}\n\n`);
  }

  /** Readers skip it. */
  comment(): void {
    this.write(': keep-alive\n\n');
  }

  /** With a last word, if there is one. */
  end(last?: string): void {
    if (last !== undefined) this.data(last);
    this.stop();
    this.response.end();
  }

  /** Nothing more is sent by itself. Harmless when repeated. */
  stop(): void {
    clearInterval(this.timer);
  }

  /** Resolves when the reader has taken enough for more to be sent, or is gone. */
  drained(): Promise<void> | undefined {
    const { response } = this;
    if (!response.writableNeedDrain || response.destroyed) return undefined;
    return new Promise((resolve) => {
      const go = (): void => {
        response.removeListener('drain', go).removeListener('close', go);
        resolve();
      };
      response.once('drain', go).once('close', go);
    });
  }

  private keepAlive(): void {
    if (this.isQuiet) this.comment();
    this.isQuiet = true;
  }

  private write(text: string): void {
    if (this.response.destroyed || this.response.writableEnded) return;
    if (!this.isOpen) this.open();
    this.isQuiet = false;
    this.response.write(text);
  }

  private open(): void {
    const { req } = this.response as CorrelatedResponse;
    this.response.writeHead(200, {
      'X-Correlation-Id': req.context.correlationId,
      'Content-Type': 'text/event-stream; charset=utf-8',
      'Cache-Control': 'no-cache',
      'X-Accel-Buffering': 'no',
    });
  }
}
