import type { ServerResponse } from 'node:http';
import type { CorrelatedRequest } from '../../../http/correlation.middleware.js';
import { writeAnswer } from '../../../http/write-answer.js';
import type { EventStream, Reader } from '../session/event-stream.js';

export const EVENT_STREAM = 'text/event-stream';
const JSON_TYPE = 'application/json';
const KEEP_ALIVE = ': \n\n';
/** Blanks before JSON mean nothing (RFC 8259 section 2). */
const BLANK = ' ';
/** What is between a gateway and its client is not to keep back what breaks a silence. */
const UNBUFFERED = { 'Cache-Control': 'no-cache, no-transform', 'X-Accel-Buffering': 'no' };

type Headers = Readonly<Record<string, string>>;

interface AnswerOptions {
  /** What is said before the answer is kept on it, for a client who may come back; undefined where none may. */
  readonly newStream: (() => EventStream) | undefined;
  /** A stream may begin with an empty event, so that its client can come back to it (MCP 2025-11-25). */
  readonly isPrimed: boolean;
  /** Its client wants to hear nothing before it, so that it can be JSON after any silence: readers of event streams may take no event as large as an answer. */
  readonly isAlone?: boolean;
  readonly keepAliveMs: number;
}

/**
 * The answer to one POST: JSON where nothing comes before it, else server-sent events, as the client takes them. Silence is broken by
 * comments, or by blanks before JSON. What is said to a client who has left is kept, where it can come back for it.
 */
export class HttpAnswer {
  private readonly response: ServerResponse;
  private readonly takesEvents: boolean;
  private readonly takesJson: boolean;
  private readonly keepingAlive: NodeJS.Timeout;
  private stream: EventStream | undefined;
  private isDone = false;
  /** Blanks went out: nothing but JSON can follow. */
  private isJson = false;

  constructor(
    private readonly request: CorrelatedRequest,
    private readonly options: AnswerOptions,
    private readonly headers: Headers = {},
  ) {
    this.response = request.res as ServerResponse;
    const { accept = '' } = request.headers;
    this.takesEvents = accept.includes(EVENT_STREAM);
    this.takesJson = !this.takesEvents || /application\/(?:json|\*)|\*\/\*/.test(accept);
    this.keepingAlive = setInterval(() => this.keepAlive(), options.keepAliveMs).unref();
  }

  /** Whether its reader is gone before the end. */
  get isGone(): boolean {
    return this.response.destroyed && !this.response.writableFinished;
  }

  /** Says something before the answer. */
  say(text: string): void {
    if (this.isDone || this.isJson || !this.takesEvents || (this.isGone && !this.stream)) return;
    if (!this.options.newStream) return this.write(undefined, text);
    this.begun(this.options.newStream).say(text);
  }

  /** The answer itself. */
  end(status: number, text: string, headers: Headers = {}): void {
    if (this.isDone) return;
    this.isDone = true;
    clearInterval(this.keepingAlive);
    if (this.stream) {
      this.stream.say(text);
      return this.stream.end();
    }
    if (this.isGone) return;
    if (this.isJson || (!this.response.headersSent && (this.takesJson || status !== 200)))
      return void writeAnswer(this.response, status, { contentType: JSON_TYPE, body: text, headers: { ...this.headers, ...headers } });
    this.write(undefined, text);
    this.response.end();
  }

  private begun(newStream: () => EventStream): EventStream {
    if (this.stream) return this.stream;
    const stream = (this.stream = newStream());
    const reader: Reader = { write: (id, data) => this.write(id, data), end: () => void this.response.end() };
    stream.readBy(reader, 0);
    this.response.once('close', () => stream.leave(reader));
    return stream;
  }

  private write(id: string | undefined, data: string): void {
    if (this.isGone) return;
    this.begin();
    this.response.write(eventText(id, data));
  }

  private keepAlive(): void {
    if (this.isGone) return clearInterval(this.keepingAlive);
    if (this.response.writableNeedDrain) return;
    const { newStream, isPrimed, isAlone } = this.options;
    const { headersSent } = this.response;
    if (this.isJson || (!headersSent && this.takesJson && (isAlone || !this.takesEvents))) return this.pad();
    if (!headersSent && newStream && isPrimed) return this.begun(newStream).say('');
    this.begin();
    this.response.write(KEEP_ALIVE);
  }

  private pad(): void {
    if (!this.isJson) beginAnswer(this.request, { 'Content-Type': JSON_TYPE, ...this.headers });
    this.isJson = true;
    this.response.write(BLANK);
  }

  private begin(): void {
    if (!this.response.headersSent) beginEvents(this.request, this.headers);
  }
}

/** Begins an answer of server-sent events. */
export function beginEvents(request: CorrelatedRequest, headers: Headers = {}): ServerResponse {
  return beginAnswer(request, { 'Content-Type': EVENT_STREAM, ...headers });
}

function beginAnswer(request: CorrelatedRequest, headers: Headers): ServerResponse {
  const response = request.res as ServerResponse;
  // What answers a POST says the id itself; for all else it is there already.
  if (!response.hasHeader('X-Correlation-Id')) response.setHeader('X-Correlation-Id', request.context.correlationId);
  response.writeHead(200, { ...UNBUFFERED, ...headers });
  response.flushHeaders();
  return response;
}

/** An event; JSON that stands on several lines is several lines of data. */
export function eventText(id: string | undefined, data: string): string {
  const lines = data.includes('\n') || data.includes('\r') ? data.replaceAll(/\r\n|[\r\n]/g, '\ndata: ') : data;
  return `event: message\n${id === undefined ? '' : `id: ${id}\n`}data: ${lines}\n\n`;
}
