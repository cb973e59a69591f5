import type { IncomingHttpHeaders } from 'node:http';
import type { Dispatcher } from 'undici';
import { mediaTypeOf } from '../headers/response-headers.js';

/** Where the server says no `retry`. */
const FIRST_PAUSE_MS = 500;
/** A `retry` of next to nothing must not become a flood, one of an hour must not outlast the call. */
const SHORTEST_PAUSE_MS = 50;
const LONGEST_PAUSE_MS = 30_000;
/** So often in a row a GET may fail. */
const MAX_FAILURES = 5;

/** The call whose answer is to be gone on with. */
interface InterruptedCall {
  /** Opens the stream again behind the last event that came. */
  readonly ask: (handler: Dispatcher.DispatchHandler) => void;
  readonly take: (chunk: Buffer, controller: Dispatcher.DispatchController) => void;
  /** The last event that came. */
  readonly lastEventId: () => string | undefined;
  /** Runs `then` when all that came has been looked at. */
  readonly whenRead: (then: () => void) => void;
  /** Its answer is there, or nobody waits for it any more. */
  readonly isOver: () => boolean;
  readonly retryMs: () => number | undefined;
  /** It cannot be gone on with. */
  readonly give: (reason: string) => void;
}

/**
 * Goes on with the answer to a call whose stream has ended before it came, by GET with Last-Event-ID (MCP 2025-11-25 basic/transports
 * "Resumability and Redelivery"; the server may end a stream on purpose, SEP-1699), as often as that happens, until it is ended.
 */
export class CallResumption implements Dispatcher.DispatchHandler {
  private controller: Dispatcher.DispatchController | undefined;
  private timer: NodeJS.Timeout | undefined;
  private isEnded = false;
  private isStream = false;
  /** In a row that brought no stream, and no event with another id. */
  private failures = 0;
  private vain = 0;
  private askedFrom: string | undefined;

  constructor(private readonly call: InterruptedCall) {}

  /** Waits, and asks. */
  start(): void {
    if (this.isEnded) return;
    const pauseMs = Math.max(this.call.retryMs() ?? FIRST_PAUSE_MS, SHORTEST_PAUSE_MS) * 2 ** this.vain;
    this.timer = setTimeout(() => this.ask(), Math.min(pauseMs, LONGEST_PAUSE_MS));
  }

  /** Harmless when repeated. */
  end(): void {
    this.isEnded = true;
    clearTimeout(this.timer);
    this.controller?.abort(new Error('over'));
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.controller = controller;
    if (this.isEnded) controller.abort(new Error('over'));
  }

  onResponseStart(controller: Dispatcher.DispatchController, status: number, headers: IncomingHttpHeaders): void {
    this.isStream = status >= 200 && status < 300 && mediaTypeOf(headers['content-type']) === 'text/event-stream';
    if (this.isStream || status >= 500 || status === 429) return;
    this.refused(`The MCP server does not go on with the response stream (HTTP ${status}).`);
    controller.abort(new Error('over'));
  }

  onResponseData(controller: Dispatcher.DispatchController, chunk: Buffer): void {
    if (this.isStream) this.call.take(chunk, controller);
  }

  onResponseEnd(): void {
    this.call.whenRead(() => this.again('The response stream ended without an answer.'));
  }

  onResponseError(_: Dispatcher.DispatchController, error: Error): void {
    this.call.whenRead(() => this.again(error.message));
  }

  private ask(): void {
    this.isStream = false;
    this.askedFrom = this.call.lastEventId();
    this.call.ask(this);
  }

  /** What brings nothing new is asked for less and less often. */
  private again(reason: string): void {
    if (this.isEnded || this.call.isOver()) return;
    this.failures = this.isStream ? 0 : this.failures + 1;
    this.vain = this.call.lastEventId() === this.askedFrom ? this.vain + 1 : 0;
    if (this.failures >= MAX_FAILURES) return this.refused(reason);
    this.start();
  }

  private refused(reason: string): void {
    this.isEnded = true;
    this.call.give(reason);
  }
}
