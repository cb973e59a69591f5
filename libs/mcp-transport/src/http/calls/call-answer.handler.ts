import type { IncomingHttpHeaders } from 'node:http';
import type { Dispatcher } from 'undici';
import { eachRpcMessage, type RpcMessage } from '../../call/call-answer.js';
import type { CallDeadline } from '../../call/call-deadline.js';
import type { CallCanceller, PendingCall } from '../../call/pending-call.js';
import type { UpstreamCall } from '../../call/upstream-answer.js';
import { Flow } from '../../inbox/flow.js';
import { inTurn } from '../../inbox/in-turn.js';
import { JoinedPieces } from '../../inbox/joined-pieces.js';
import { PacedPieces } from '../../inbox/paced-pieces.js';
import { PacedTexts } from '../../inbox/paced-texts.js';
import { mediaTypeOf } from '../headers/response-headers.js';
import { CallResumption } from './call-resumption.js';
import { unreadable } from './unreadable-answer.js';
import { saysForgotten } from './forgotten-session.js';
import { httpStatusAnswer } from './http-status-answer.js';
import { notSent } from './not-sent.js';
import { isMessageEvent, SseReader } from '../events/sse-reader.js';
import type { StreamableHttpTransport } from '../streamable-http.transport.js';

/** What belongs to a call beside its request, as the connection does it. */
export interface CallWay {
  /** The call is over before its answer came. */
  cancelled(call: CallAnswerHandler, reason: string): void;
  /** Opens the stream again behind an event; undefined where that cannot be. */
  readonly resume?: ((handler: Dispatcher.DispatchHandler, call: CallAnswerHandler, lastEventId: string) => void) | undefined;
  /** Answers what the server has asked in the stream, where it may ask there. */
  readonly reply?: ((call: CallAnswerHandler, text: string) => void) | undefined;
}

/**
 * Reads the HTTP answer to one `tools/call` as it comes, JSON or server-sent events, and counts its bytes.
 * Messages that are not for the call (requests of the server, say) go to the session that it was sent on.
 */
export class CallAnswerHandler implements Dispatcher.DispatchHandler, CallCanceller {
  /** The call that is to be sent. */
  readonly pending: PendingCall;
  private controller: Dispatcher.DispatchController | undefined;
  private isCancelled = false;
  private status = 0;
  private headers: IncomingHttpHeaders = {};
  private sse: SseReader | undefined;
  /** An answer that came at once, as most do; */
  private whole: Buffer | undefined;
  /** and one that comes in pieces. */
  private pieces: JoinedPieces | undefined;
  private texts: PacedTexts | undefined;
  private bytes = 0;
  /** Made for answers that do not come at once. */
  private ownFlow: Flow | undefined;
  private pace: PacedPieces | undefined;
  /** Of the stream that is being read: that of the call, or one that goes on with it. */
  private reading: Dispatcher.DispatchController | undefined;
  private lingering: NodeJS.Timeout | undefined;
  private resumption: CallResumption | undefined;

  constructor(
    call: UpstreamCall,
    deadline: CallDeadline,
    readonly session: StreamableHttpTransport,
    private readonly way: CallWay,
  ) {
    this.pending = session.calls.add(call, deadline, this);
  }

  cancel(call: PendingCall, reason: string): void {
    this.session.calls.noteGivenUp(call, this.session.endpoint.settings.maxCallDurationMs);
    this.abort();
    this.way.cancelled(this, reason);
  }

  /** Ends the request, also one that still waits for a connection. */
  private abort(): void {
    this.isCancelled = true;
    this.controller?.abort(new Error('cancelled'));
    this.resumption?.end();
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.controller = controller;
    if (this.isCancelled) return controller.abort(new Error('cancelled'));
    this.pending.isSent = true;
  }

  onResponseStart(_: Dispatcher.DispatchController, status: number, headers: IncomingHttpHeaders): void {
    this.status = status;
    this.headers = headers;
    // Those of one caller are none of the others'.
    if (headers['set-cookie'] && (!this.pending.call.credentials || this.session.isCallers)) this.session.noteCookies(headers);
    if (status < 200 || status >= 300 || mediaTypeOf(headers['content-type']) !== 'text/event-stream') return;
    const texts = (this.texts = new PacedTexts((data) => this.take(data), this.flow));
    this.sse = new SseReader((data, type) => isMessageEvent(type) && texts.push(data));
  }

  onResponseData(controller: Dispatcher.DispatchController, chunk: Buffer): void {
    const { maxResponseBytes } = this.session.endpoint.settings;
    this.bytes += chunk.length;
    if (this.bytes > maxResponseBytes) {
      this.pending.finish({ kind: 'unreadable', message: `The answer is larger than ${maxResponseBytes} bytes.` });
      return controller.abort(new Error('too large'));
    }
    this.reading = controller;
    if (this.sse) this.sse.feed(chunk);
    else this.keep(chunk);
    if (this.bytes > chunk.length) (this.pace ??= new PacedPieces(this.flow)).taken();
  }

  onResponseEnd(): void {
    clearTimeout(this.lingering);
    if (this.texts) return this.texts.finally(() => this.streamEnded('The response stream ended without an answer.'));
    if (this.bytes < LONG_BYTES) return this.bodyCame();
    inTurn(() => {
      this.bodyCame();
      return false;
    });
  }

  /** A long one has a turn of its own: reading it, and what becomes of it, holds the event loop. */
  private bodyCame(): void {
    if (this.ownFlow) this.session.endpoint.share.release(this.ownFlow);
    const body = this.body();
    const session = this.sessionAfter(body);
    if (session) return this.pending.finish({ ...httpStatusAnswer(this.status, this.headers), session });
    if (!this.isToldByStatus()) this.take(body);
    // A message for the call has settled it by now; this is for everything else.
    if (this.status >= 200 && this.status < 300) return this.pending.finish(unreadable(this.headers));
    this.pending.finish(httpStatusAnswer(this.status, this.headers));
  }

  onResponseError(_: Dispatcher.DispatchController, error: Error): void {
    clearTimeout(this.lingering);
    if (this.ownFlow) this.session.endpoint.share.release(this.ownFlow);
    if (!this.pending.isSent) return this.pending.finish(notSent(error));
    if (this.texts) this.texts.finally(() => this.streamEnded(error.message));
    else this.streamEnded(error.message);
  }

  /** Goes on where the server has said from where. */
  private streamEnded(reason: string): void {
    const { sse } = this;
    const { resume } = this.way;
    if (this.pending.isOver) return;
    if (!resume || sse?.lastEventId === undefined) return this.pending.finish({ kind: 'lost', message: reason });
    this.resumption = new CallResumption({
      ask: (handler) => {
        sse.restart();
        resume(handler, this, sse.lastEventId as string);
      },
      take: (chunk, controller) => this.onResponseData(controller, chunk),
      lastEventId: () => sse.lastEventId,
      isOver: () => this.pending.isOver,
      whenRead: (then) => this.texts?.finally(then),
      retryMs: () => sse.retryMs,
      give: (message) => this.pending.finish({ kind: 'lost', message }),
    });
    this.resumption.start();
  }

  private take(text: string): void {
    eachRpcMessage(text, (message, own) => this.takeMessage(message, own));
  }

  private takeMessage(message: RpcMessage, text: string): void {
    if (!this.pending.receive(message, text)) return this.takeOther(message, text);
    // A server that leaves the stream open after its answer would keep a place in the pool.
    if (this.sse && message.method === undefined) this.lingering = setTimeout(() => this.abort(), LINGER_MS).unref();
  }

  /** A response to something else is no sign that ours is still to come: this way carries one response only. */
  private takeOther(message: RpcMessage, text: string): void {
    const flood = message.method === undefined ? undefined : this.takeAside(message, text);
    if (flood !== undefined) this.pending.finish({ kind: 'unreadable', message: flood });
    else if (message.method !== undefined || !this.sse) return;
    else this.pending.finish(unreadable(this.headers));
    this.abort();
  }

  private takeAside(message: RpcMessage, text: string): string | undefined {
    const { reply } = this.way;
    const isForCall = this.pending.takeAside(message, text, reply && ((answer) => reply(this, answer)));
    return isForCall ? this.session.messages.counted() : this.session.messages.take(message);
  }

  /** Refused credentials and a limit are told by the status, whatever the body says of it. */
  private isToldByStatus(): boolean {
    return this.status === 401 || this.status === 403 || this.status === 429;
  }

  /** What the answer says of the session. */
  private sessionAfter(body: string): 'forgotten' | 'doubted' | undefined {
    if (this.session.sessionId === undefined || this.status < 400) return undefined;
    if (this.status !== 404 && !saysForgotten(body)) return undefined;
    return this.status < 500 ? 'forgotten' : 'doubted';
  }

  private body(): string {
    return this.whole?.toString() ?? this.pieces?.takeText() ?? '';
  }

  private get flow(): Flow {
    return (this.ownFlow ??= new Flow(() => this.reading));
  }

  /** Undefined for one in chunks; never beyond what is read of it. */
  private announcedBytes(): number | undefined {
    const announced = Number(this.headers['content-length']);
    return announced > 0 ? Math.min(announced, this.session.endpoint.settings.maxResponseBytes) : undefined;
  }

  private keep(chunk: Buffer): void {
    if (!this.whole && !this.pieces) return void (this.whole = chunk);
    this.session.endpoint.share.add(this.flow, chunk.length + (this.whole?.length ?? 0));
    this.pieces ??= new JoinedPieces({ expectedBytes: this.announcedBytes() });
    if (this.whole) this.pieces.add(this.whole);
    this.whole = undefined;
    this.pieces.add(chunk);
  }
}

const LINGER_MS = 1_000;
const LONG_BYTES = 256 * 1024;
