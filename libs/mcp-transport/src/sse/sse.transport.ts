import type { IncomingHttpHeaders } from 'node:http';
import type { JSONRPCMessage, Transport } from '@modelcontextprotocol/client';
import type { Dispatcher } from 'undici';
import type { RpcMessage } from '../call/call-answer.js';
import type { CallDeadline } from '../call/call-deadline.js';
import { callMessage, cancelMessage, newCallId } from '../call/call-message.js';
import { EventMessages } from '../http/events/event-messages.js';
import { type HttpEndpoint, MAX_EXCHANGE_MS } from '../http/http-endpoint.js';
import { httpError } from '../http/http-error.js';
import { redirectProblem } from '../http/redirect-problem.js';
import { headerOf, mediaTypeOf } from '../http/headers/response-headers.js';
import { SessionCookies, withCookies } from '../http/headers/session-cookies.js';
import { SharedWay } from '../inbox/shared-way.js';
import { pingMessage } from '../ping-message.js';
import { HANDSHAKE_TIMEOUT_MS } from '../sdk-client.js';
import type { UpstreamAnswer, UpstreamCall } from '../call/upstream-answer.js';
import { PingCheck } from './ping-check.js';
import { PostHandler } from './post.handler.js';

/** Longest that a ping may stay unanswered. */
const PING_TIMEOUT_MS = 5_000;

/**
 * HTTP+SSE for the SDK's Client (MCP 2024-11-05 basic/transports "HTTP with SSE"): one event stream brings every answer, and its
 * first event says where to POST. Calls are written and read here, as text, beside the SDK's messages. A stream that
 * is merely silent stays; one that ends, or brings no answer to a ping after a call has timed out, is a lost connection.
 */
export class SseTransport implements Transport {
  onmessage?: Transport['onmessage'];
  onclose?: () => void;
  onerror?: (error: Error) => void;
  /** Told once why the stream of a connection that was made has ended. */
  onlost: (reason: string) => void = () => undefined;
  private readonly cookies = new SessionCookies();
  readonly way = new SharedWay(
    {
      deliver: (message) => this.onmessage?.(message),
      answer: (answer) => this.send(answer),
    },
    (text) => {
      if (!this.isEnded) this.post(text).catch(() => undefined);
    },
  );
  private readonly closing = new AbortController();
  private readonly pingCheck: PingCheck;
  private messagePath: string | undefined;
  private protocolVersion: string | undefined;
  private announced: () => void = () => undefined;

  /** With `headers` of a caller they go with every request, and no redirect is followed: it would move all others, too. */
  constructor(
    private readonly endpoint: HttpEndpoint,
    private readonly headers?: Readonly<Record<string, string>>,
  ) {
    const waitMs = Math.min(PING_TIMEOUT_MS, endpoint.settings.requestTimeoutMs);
    const onDead = () => this.end('The MCP server did not answer a ping after a call that timed out.');
    this.pingCheck = new PingCheck({ ping: () => this.ping(), callEnds: () => this.way.calls.ends(), onDead }, waitMs);
  }

  /** Opens the stream; resolves when the server has said where to POST. */
  async start(): Promise<void> {
    const waiting = setTimeout(() => this.end('The MCP server did not say in time where to send messages.'), HANDSHAKE_TIMEOUT_MS);
    try {
      const response = await this.open();
      const isAnnounced = new Promise<void>((resolve) => (this.announced = resolve));
      await Promise.race([isAnnounced, this.read(response).then((reason) => Promise.reject(new Error(reason)))]);
    } finally {
      clearTimeout(waiting);
    }
  }

  setProtocolVersion(version: string): void {
    this.protocolVersion = version;
  }

  async send(message: JSONRPCMessage): Promise<void> {
    this.way.asked.sent(message);
    await this.post(JSON.stringify(message));
  }

  /** Sends one `tools/call`. */
  call(call: UpstreamCall, deadline: CallDeadline): Promise<UpstreamAnswer> {
    const refusal = this.isEnded ? ENDED : this.way.calls.refusal();
    if (refusal) return Promise.resolve(refusal);
    const pending = this.way.calls.add(call, deadline, {
      cancel: ({ id }, reason) => {
        handler.cancel();
        this.way.calls.noteGivenUp(pending, this.endpoint.settings.maxCallDurationMs);
        if (pending.isSent && !this.isEnded) this.post(cancelMessage(id, reason)).catch(() => undefined);
        if (pending.isSent && deadline.over && !this.isEnded) void this.pingCheck.run();
      },
    });
    const handler = new PostHandler(
      pending,
      (status) => this.refused(status),
      (received) => this.noteCookies(received),
    );
    const headers = { ...this.postHeaders(), 'x-correlation-id': call.correlationId, ...call.trace };
    this.endpoint.pool.dispatch({ ...this.target(), headers, body: callMessage(pending.id, call, '') }, handler);
    return pending.answer;
  }

  /** Whether the server is there: it may refuse the POST, and answers on the stream. */
  askPing(signal: AbortSignal): Promise<void> {
    return this.way.ping.run((id) => this.post(pingMessage(id, ''), signal), signal);
  }

  async close(): Promise<void> {
    this.end('The connection was closed.');
  }

  private async open(): Promise<Dispatcher.ResponseData> {
    const response = await this.get();
    const location = headerOf(response, 'location');
    if (this.headers || !isRedirect(response.statusCode) || location === undefined || !this.endpoint.follow(location))
      return checked(response, this.endpoint.url);
    await response.body.dump();
    return checked(await this.get(), this.endpoint.url);
  }

  private async get(): Promise<Dispatcher.ResponseData> {
    const { origin, path, streams } = this.endpoint;
    const own = { ...this.endpoint.headers, ...this.headers, accept: 'text/event-stream' };
    const headers = withCookies(own, this.cookies.header);
    const response = await streams.request({ origin, path, method: 'GET', headers, signal: this.closing.signal });
    this.noteCookies(response.headers);
    return response;
  }

  /** Reads until the stream ends; resolves with the reason. */
  private async read(response: Dispatcher.ResponseData): Promise<string> {
    const { maxResponseBytes } = this.endpoint.settings;
    const noise = () => this.endIf(this.way.messages.counted());
    const takesOther = (type: string | undefined, data: string): boolean => {
      if (type === 'endpoint') this.takeEndpoint(data);
      return type === 'endpoint';
    };
    const options = { maxCharacters: maxResponseBytes, onTooLarge: () => this.tooLarge(maxResponseBytes), takesOther };
    const messages = new EventMessages(this.takeMessage, noise, options);
    try {
      for await (const chunk of response.body as AsyncIterable<Uint8Array>) {
        this.pingCheck.heard();
        await messages.feed(chunk);
      }
      return this.end('The event stream of the MCP server ended.');
    } catch (error) {
      return this.end((error as Error).message);
    }
  }

  private readonly takeMessage = (message: RpcMessage, text: string): void => {
    this.endIf(this.way.take(message, text));
  };

  private endIf(flood: string | undefined): void {
    if (flood !== undefined) this.end(flood);
  }

  /** Said once; messages, and the credentials that go with them, never leave the origin. */
  private takeEndpoint(location: string): void {
    if (this.messagePath !== undefined) return;
    const target = URL.parse(location, this.endpoint.url);
    if (target?.origin !== this.endpoint.origin)
      return void this.end('The MCP server wants messages to be sent to another origin, which is not followed.');
    this.messagePath = target.pathname + target.search;
    this.announced();
  }

  /** Its id is like a call's: the answer is taken as one to a call that is over. */
  private ping(): Promise<boolean> {
    return this.post(pingMessage(newCallId(), '')).then(
      () => true,
      () => false,
    );
  }

  private async post(body: string, until = AbortSignal.timeout(MAX_EXCHANGE_MS)): Promise<void> {
    const signal = AbortSignal.any([this.closing.signal, until]);
    const response = await this.endpoint.pool.request({ ...this.target(), headers: this.postHeaders(), body, signal });
    this.noteCookies(response.headers);
    await response.body.dump();
    if (response.statusCode >= 300) throw httpError(response.statusCode, '');
  }

  private target(): { origin: string; path: string; method: 'POST' } {
    return { origin: this.endpoint.origin, path: this.messagePath ?? this.endpoint.path, method: 'POST' };
  }

  private postHeaders(): Record<string, string> {
    const headers: Record<string, string> = { ...this.endpoint.headers, ...this.headers, 'content-type': 'application/json' };
    if (this.protocolVersion !== undefined) headers['mcp-protocol-version'] = this.protocolVersion;
    return withCookies(headers, this.cookies.header);
  }

  private noteCookies(headers: IncomingHttpHeaders): void {
    this.cookies.note(headers, this.target().path);
  }

  /** A server that does not know the session any more has not run the call, and will run none. */
  private refused(status: number): UpstreamAnswer | undefined {
    if (status !== 404) return undefined;
    const reason = 'The MCP server has forgotten the session.';
    queueMicrotask(() => this.end(reason));
    return { kind: 'unreachable', message: reason };
  }

  /** Whose answer it is cannot be told, nor where it ends. */
  private tooLarge(maxBytes: number): void {
    const message = `An answer was larger than ${maxBytes} bytes.`;
    this.way.calls.finishAll({ kind: 'unreadable', message });
    this.end(message);
  }

  get isEnded(): boolean {
    return this.closing.signal.aborted;
  }

  /** Ends it with the reason, once; gives the reason that it ended for. */
  private end(reason: string): string {
    if (this.isEnded) return (this.closing.signal.reason as Error).message;
    this.closing.abort(new Error(reason));
    this.way.calls.finishAll({ kind: 'lost', message: reason });
    this.onlost(reason);
    this.onclose?.();
    return reason;
  }
}

const ENDED: UpstreamAnswer = { kind: 'unreachable', message: 'The event stream of the MCP server has ended.' };

function isRedirect(status: number): boolean {
  return status === 301 || status === 302 || status === 307 || status === 308;
}

/** The response if it is an event stream. */
async function checked(response: Dispatcher.ResponseData, url: string): Promise<Dispatcher.ResponseData> {
  if (response.statusCode === 200 && mediaTypeOf(response.headers['content-type']) === 'text/event-stream') return response;
  await response.body.dump();
  const { statusCode } = response;
  if (statusCode !== 200) throw httpError(statusCode, '', redirectProblem(statusCode, headerOf(response, 'location'), url));
  throw new Error('The MCP server offers no event stream there.');
}
