import type { WebSocket } from 'ws';
import type { RequestContext } from '../../correlation/request-context.js';
import { GatewayException } from '../../errors/gateway.exception.js';
import { badRequest } from '../../errors/gateway-errors.js';
import { unexpectedFailure } from '../../errors/unexpected-failure.js';
import { hasPrototypeKeys } from '../../http/body/prototype-keys.js';
import type { ConnectionTools } from './connection-tools.service.js';
import { failureToData } from './frames/failure-to-data.js';
import type { InboundType } from './frames/inbound-data.js';
import { legalIdOf, type ReadFrame, readObject } from './frames/inbound-frame.js';
import type { OutboundFrame } from './frames/outbound-frame.js';
import type { Listener } from './session/listener.js';
import type { SocketSession } from './session/socket-session.js';
import type { UpgradeRequest } from './upgrade/upgrade-request.js';

/** What does what a frame says. */
export type FrameHandler = (frame: ReadFrame) => Promise<unknown>;

/** So many frames are read ahead of the one that is being done. */
const READ_AHEAD = 4;
const MINUTE_MS = 60_000;
/** Of a frame beside its payload, which is short: head and mask (RFC 6455 5.2). */
const CONTROL_BYTES = 6;
/** Codes of RFC 6455 7.4.1. */
const POLICY_VIOLATION = 1008;
const TOO_LARGE = 1009;
const INTERNAL_ERROR = 1011;

/** One socket: reads its frames in their order, and writes those of the session that it serves. */
export class Connection implements Listener {
  readonly context: RequestContext;
  /** Once it has closed. */
  closeCode: number | undefined;
  framesIn = 0;
  framesOut = 0;
  /** Whether a sign of life has come since that was last asked. */
  isAlive = true;
  /** Bytes that had come when the last message was whole, and when that was. */
  wholeAt: { bytes: number; time: number };
  private waiting = 0;
  private last: Promise<void> = Promise.resolve();
  private passOn: ((text: string) => void) | undefined;
  private bad = { count: 0, until: 0 };
  private isGathering = false;

  constructor(
    readonly socket: WebSocket,
    readonly request: UpgradeRequest,
    public session: SocketSession,
    private readonly tools: ConnectionTools,
  ) {
    this.context = request.context;
    this.wholeAt = { bytes: request.socket.bytesRead, time: performance.now() };
    socket.on('error', (error: NodeJS.ErrnoException) => this.noteError(error));
    socket.on('close', (code: number) => (this.closeCode ??= code));
    for (const event of ['ping', 'pong'] as const) socket.on(event, (payload: Buffer) => this.noteControl(payload.length));
  }

  /** Has each frame done by the handler of its type, one after another. */
  serve(handlers: ReadonlyMap<string, FrameHandler>): void {
    this.socket.on('message', (bytes: Buffer, isBinary: boolean) => {
      this.noteWhole();
      this.waiting += 1;
      if (this.waiting > READ_AHEAD) this.socket.pause();
      this.last = this.last
        .then(() => this.take(bytes, isBinary, handlers))
        .catch(this.broken)
        .finally(() => this.taken());
    });
  }

  /** Hands a frame over to the network; false where nobody is there any more. */
  write({ type, bytes }: OutboundFrame): boolean {
    if (this.socket.readyState !== this.socket.OPEN) return false;
    this.framesOut += 1;
    this.tools.metrics.count('out', type);
    this.gather();
    this.socket.send(bytes, { binary: false }, () => undefined);
    return true;
  }

  /** The same for what another replica says. */
  writeText(text: string): void {
    if (this.socket.readyState !== this.socket.OPEN) return;
    this.framesOut += 1;
    this.gather();
    this.socket.send(text, () => undefined);
  }

  /** What comes from now on is passed on as it is. */
  divert(passOn: (text: string) => void): void {
    this.passOn = passOn;
  }

  /** Tells of what went wrong with a frame. */
  fail(error: unknown, correlationId: string | undefined): void {
    const id = correlationId ?? this.context.correlationId;
    const failure = error instanceof GatewayException ? error : new GatewayException(500, unexpectedFailure(error, id));
    if (failure.suspicion) this.tools.events.tell(failure.suspicion, this);
    this.session.send('error', correlationId, failureToData(failure.getStatus(), failure.fields, id));
    this.noteBad();
  }

  close(code: number, reason: string): void {
    this.socket.close(code, reason);
  }

  /** What is said in one turn of the event loop goes out at its end, as one write. */
  private gather(): void {
    if (this.isGathering) return;
    this.isGathering = true;
    this.request.socket.cork();
    setImmediate(() => {
      this.isGathering = false;
      this.request.socket.uncork();
    });
  }

  private async take(bytes: Buffer, isBinary: boolean, handlers: ReadonlyMap<string, FrameHandler>): Promise<void> {
    if (this.socket.readyState !== this.socket.OPEN) return;
    if (this.passOn && !isBinary) return this.passOn(bytes.toString());
    if (hasPrototypeKeys(bytes)) this.tools.events.tell('prototype_keys', this);
    let id: string | undefined;
    try {
      const { text, value } = readObject(bytes, isBinary);
      id = legalIdOf(value);
      const handler = typeof value.type === 'string' ? handlers.get(value.type) : undefined;
      if (!handler) throw unknownType([...handlers.keys()]);
      const type = value.type as InboundType;
      this.tools.metrics.count('in', type);
      await handler({ type, text, value });
    } catch (error) {
      this.fail(error, id);
    }
  }

  /** Not even a failure could be told. */
  private readonly broken = (err: unknown): void => {
    unexpectedFailure(err, this.context.correlationId);
    this.close(INTERNAL_ERROR, 'the gateway failed');
  };

  private taken(): void {
    this.waiting -= 1;
    if (this.waiting === 0 && this.socket.isPaused) this.socket.resume();
  }

  /** What is not read any more does not bring the client's own goodbye either. */
  private noteError({ code }: NodeJS.ErrnoException): void {
    if (code !== 'WS_ERR_UNSUPPORTED_MESSAGE_LENGTH') return;
    this.closeCode = TOO_LARGE;
    this.tools.events.tell('oversize_body', this);
  }

  private noteWhole(): void {
    this.framesIn += 1;
    this.isAlive = true;
    this.wholeAt = { bytes: this.request.socket.bytesRead, time: performance.now() };
  }

  /** Frames of the protocol itself are no part of a message, between whose parts they may come. */
  private noteControl(payloadBytes: number): void {
    this.isAlive = true;
    this.wholeAt.bytes += CONTROL_BYTES + payloadBytes;
  }

  private noteBad(): void {
    const now = performance.now();
    if (now > this.bad.until) this.bad = { count: 0, until: now + MINUTE_MS };
    this.bad.count += 1;
    if (this.bad.count >= this.tools.bounds.badFrames) this.close(POLICY_VIOLATION, 'too many frames that cannot be done');
  }
}

function unknownType(known: readonly string[]): GatewayException {
  return badRequest('validation_error', `The frame has no type that is known. Send one of ${known.join(', ')}.`, { types: known });
}
