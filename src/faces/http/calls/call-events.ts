import type { ServerResponse } from 'node:http';
import { type JsonObject, LongJson, type ResponseBody } from '@app/mcp-openapi';
import type { CallProgress } from '../../../call/progress/call-progress.js';
import { type ErrorFields, errorBody } from '../../../errors/error-body.js';
import type { CorrelatedRequest } from '../../../http/correlation.middleware.js';
import type { Admission } from '../../../throttler/admissions.service.js';
import { limitHeaders } from '../../../throttler/limit-answers.js';
import { EVENT_STREAM } from './asks-for-events.js';

/** So often something is sent, that nobody on the way takes the stream for dead. */
const KEEP_ALIVE_MS = 15_000;
const KEEP_ALIVE = ': \n\n';
/** Nothing on the way is to keep events or to collect them. */
const STREAM_HEADERS = { 'Cache-Control': 'no-cache', 'X-Accel-Buffering': 'no' };

/**
 * The answer to one call as server-sent events (HTML standard 9.2): `progress` and `log` as they come, then `result` or `error`. It begins with its
 * first event, or after 15 s: what fails before is answered as to everybody else. What its reader has not taken yet is waited for, and of
 * progress meanwhile the latest kept.
 */
export class CallEvents {
  private readonly response: ServerResponse;
  private readonly keepingAlive: NodeJS.Timeout;
  private latest: CallProgress | undefined;

  constructor(private readonly request: CorrelatedRequest & { readonly admission?: Admission }) {
    this.response = request.res as ServerResponse;
    this.keepingAlive = setInterval(() => this.keepAlive(), KEEP_ALIVE_MS).unref();
    this.response.once('close', () => clearInterval(this.keepingAlive));
  }

  /** Whether there is no other way left to answer. */
  get hasBegun(): boolean {
    return this.response.headersSent;
  }

  /** For {@link ToolCallRequest.onProgress}. */
  report(progress: CallProgress): void {
    if (this.isOver) return;
    if (!this.response.writableNeedDrain) return this.write(eventText('progress', JSON.stringify(progress)));
    if (!this.latest) this.response.once('drain', () => this.drained());
    this.latest = progress;
  }

  /** For {@link ToolCallRequest.onLog}: to a reader that takes nothing it is not told. */
  log(params: JsonObject): void {
    if (!this.isOver && !this.response.writableNeedDrain) this.write(eventText('log', JSON.stringify(params)));
  }

  /** The end of the answer: its body as an event; as all of the answer where nothing came before it. */
  result({ contentType, body, headers }: ResponseBody): ResponseBody {
    if (body instanceof LongJson) return this.last('result', body.within('{"status":200,"result":', '}'), headers);
    return this.last('result', `{"status":200,"result":${bodyToJson(contentType, body)}}`, headers);
  }

  /** The end of an answer that has begun: the failure that would have been answered with this status. */
  error(status: number, fields: ErrorFields): ResponseBody {
    return this.last('error', `{"status":${status},${errorBody(fields, this.request.context.correlationId).slice(1)}`);
  }

  private get isOver(): boolean {
    return this.response.writableEnded || this.response.destroyed;
  }

  private last(name: string, data: string | LongJson, headers?: ResponseBody['headers']): ResponseBody {
    clearInterval(this.keepingAlive);
    const before = this.latest ? eventText('progress', JSON.stringify(this.latest)) : '';
    this.latest = undefined;
    const body =
      typeof data === 'string' ? before + eventText(name, data) : data.within(`${before}event: ${name}\ndata: `, '\n\n', inLines);
    return { contentType: EVENT_STREAM, body, headers: { ...headers, ...STREAM_HEADERS } };
  }

  private drained(): void {
    const { latest } = this;
    this.latest = undefined;
    if (latest) this.report(latest);
  }

  /** While something waits to be taken the stream is none that seems dead, and a reader that is. */
  private keepAlive(): void {
    if (!this.isOver && !this.response.writableNeedDrain) this.write(KEEP_ALIVE);
  }

  private write(text: string): void {
    if (!this.hasBegun) this.begin();
    this.response.write(text);
  }

  private begin(): void {
    const { context, admission } = this.request;
    const headers = { ...(admission && limitHeaders(admission.limits)), ...STREAM_HEADERS };
    const flat = Object.entries(headers).flat();
    this.response.writeHead(200, ['X-Correlation-Id', context.correlationId, 'Content-Type', EVENT_STREAM, ...flat]);
  }
}

/** JSON as it was written; anything else as a JSON string, bytes as a data URI. */
function bodyToJson(contentType: string, body: string | Uint8Array): string {
  if (typeof body !== 'string') return JSON.stringify(`data:${contentType};base64,${Buffer.from(body).toString('base64')}`);
  return JSON_TYPE.test(contentType) ? body : JSON.stringify(body);
}

const JSON_TYPE = /^application\/(?:[\w.-]+\+)?json\b/;

function eventText(name: string, data: string): string {
  return `event: ${name}\ndata: ${inLines(data)}\n\n`;
}

/** JSON may stand on several lines, and each is one of the event. */
function inLines(data: string): string {
  return data.replaceAll(LINE_END, '\ndata: ');
}

const LINE_END = /\r\n|[\r\n]/g;
