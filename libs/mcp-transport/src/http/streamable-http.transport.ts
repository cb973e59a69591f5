import type { IncomingHttpHeaders } from 'node:http';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { type JSONRPCMessage, SdkError, SdkErrorCode, type Transport, type TransportSendOptions } from '@modelcontextprotocol/client';
import type { Dispatcher } from 'undici';
import { eachRpcMessage, isError, type RpcMessage } from '../call/call-answer.js';
import type { TraceHeaders } from '../call/upstream-answer.js';
import { CallsInFlight } from '../call/calls-in-flight.js';
import { JoinedPieces } from '../inbox/joined-pieces.js';
import { ServerMessages } from '../inbox/server-messages.js';
import { leniently } from '../lenient-message.js';
import { EventMessages } from './events/event-messages.js';
import { type HttpEndpoint, MAX_EXCHANGE_MS } from './http-endpoint.js';
import { httpError } from './http-error.js';
import { redirectProblem } from './redirect-problem.js';
import { headerOf, mediaTypeOf } from './headers/response-headers.js';
import { bodyDerivedHeaders, CORRELATION_HEADER, POST_HEADERS } from './headers/request-headers.js';
import { isAnswerTo, isInitialize, isInitialized, isListen, isRequest, noAnswer, type Request } from './sdk-messages.js';
import { SessionCookies, withCookies } from './headers/session-cookies.js';
import { StandingStream } from './events/standing-stream.js';
import { StreamOfCalls } from './events/stream-of-calls.js';

/** Characters from which on an answer is handed on in a turn of its own. */
const LONG_ANSWER = 100_000;
/** A message of the handshake, a list or a notification may be this large, decoded. */
const MAX_MESSAGE_BYTES = 32 * 1024 * 1024;
const GOODBYE_TIMEOUT_MS = 1_000;

/**
 * Streamable HTTP of every generation for the SDK's Client, on undici instead of `fetch`: the SDK keeps handshake, lists
 * and notifications; calls go past it, on the session that it negotiated. Opens the standing GET stream where it `listens`: to what concerns the
 * whole connection, or to what servers send there in the course of the calls of this session; sessions of single callers, of which there may be
 * many, `never` do.
 * Where it has `headers` of a caller they go with every request, and no redirect is followed: it would move all others, too.
 */
export class StreamableHttpTransport implements Transport {
  readonly hasPerRequestStream = true;
  onmessage?: Transport['onmessage'];
  onclose?: () => void;
  onerror?: (error: Error) => void;
  /** Why the session is lost, once its standing stream has told. */
  ownEnd: string | undefined;
  /** Of answers, and of streams. */
  receivedBytes = 0;
  /** What its server sends besides answers, on whatever stream. */
  readonly messages = new ServerMessages({
    deliver: (message) => this.onmessage?.(message),
    answer: (answer) => this.send(answer),
  });
  /** Those of this session. */
  readonly calls = new CallsInFlight();
  private readonly cookies = new SessionCookies();
  private ownSessionId: string | undefined;
  private protocolVersion: string | undefined;
  private fixedHeaders: readonly string[] | undefined;
  private readonly closing = new AbortController();
  private standing: StandingStream | undefined;
  private ending: Promise<void> | undefined;

  constructor(
    readonly endpoint: HttpEndpoint,
    private readonly options: {
      readonly listens: 'to changes' | 'for calls' | 'never';
      readonly headers?: Readonly<Record<string, string>> | undefined;
    },
  ) {}

  async start(): Promise<void> {}

  /** Undefined where the server has none. */
  get sessionId(): string | undefined {
    return this.ownSessionId;
  }

  /** Whether the server knows the session again, by its id or by cookies: what is done in it is kept apart. */
  get isKept(): boolean {
    return this.ownSessionId !== undefined || this.cookies.header !== undefined;
  }

  /** Whether it is one caller's alone. */
  get isCallers(): boolean {
    return this.options.headers !== undefined;
  }

  /** Takes over the cookies that an answer in this session sets. */
  noteCookies(headers: IncomingHttpHeaders): void {
    if (this.cookies.note(headers, this.endpoint.path)) this.fixedHeaders = undefined;
  }

  setProtocolVersion(version: string): void {
    this.protocolVersion = version;
    this.fixedHeaders = undefined;
  }

  /** Headers that tie a request to this session; the endpoint's own and the caller's included. */
  sessionHeaders(): Record<string, string> {
    const headers: Record<string, string> = { ...this.endpoint.headers, ...this.options.headers };
    if (this.sessionId !== undefined) headers['mcp-session-id'] = this.sessionId;
    if (this.protocolVersion !== undefined) headers['mcp-protocol-version'] = this.protocolVersion;
    return withCookies(headers, this.cookies.header);
  }

  /** Headers of a POST on this session for a call, as names and values in turn: calls have nearly all in common. */
  callHeaders(correlationId: string, trace?: TraceHeaders): string[] {
    this.fixedHeaders ??= Object.entries({ ...this.sessionHeaders(), ...POST_HEADERS })
      .filter(([name]) => name !== CORRELATION_HEADER)
      .flat();
    const headers = [...this.fixedHeaders, CORRELATION_HEADER, correlationId];
    return trace ? [...headers, ...Object.entries(trace).flat()] : headers;
  }

  async send(message: JSONRPCMessage, options: TransportSendOptions = {}): Promise<void> {
    const response = await this.post(message, options);
    if (isInitialize(message)) this.noteSessionId(headerOf(response, 'mcp-session-id'));
    if (!isRequest(message)) {
      await response.body.dump();
      if (isInitialized(message) && response.statusCode < 300) await this.listen();
      if (response.statusCode >= 300) throw httpError(response.statusCode, '');
      return;
    }
    const type = mediaTypeOf(response.headers['content-type']);
    if (isGood(response) && type === 'text/event-stream') return void this.readStream(response, message, options);
    await this.readBody(response, type, message);
  }

  /** Once, however often it is asked for. */
  close(): Promise<void> {
    return (this.ending ??= this.end());
  }

  private async end(): Promise<void> {
    if (this.closing.signal.aborted) return;
    this.standing?.close();
    await this.sayGoodbye();
    this.closing.abort();
    this.onclose?.();
  }

  /** Of the answer to `initialize`: servers since 2026-07-28 have no sessions, whatever they say. */
  private noteSessionId(id: string | undefined): void {
    this.ownSessionId ??= id;
    this.fixedHeaders = undefined;
  }

  private async post(message: JSONRPCMessage, options: TransportSendOptions, isFollowed = false): Promise<Dispatcher.ResponseData> {
    const dispatcher = isListen(message) ? this.endpoint.streams : this.endpoint.exchanges;
    const headers = { ...this.sessionHeaders(), ...POST_HEADERS, ...bodyDerivedHeaders(message), ...options.headers };
    const signals = [this.closing.signal];
    if (options.requestSignal) signals.push(options.requestSignal);
    if (!isListen(message)) signals.push(AbortSignal.timeout(MAX_EXCHANGE_MS));
    const signal = AbortSignal.any(signals);
    const { origin, path } = this.endpoint;
    const response = await dispatcher.request({ origin, path, method: 'POST', headers, body: JSON.stringify(message), signal });
    this.noteCookies(response.headers);
    if (isFollowed || (response.statusCode !== 307 && response.statusCode !== 308)) return response;
    await response.body.dump();
    const location = headerOf(response, 'location');
    if (this.options.headers || !this.endpoint.follow(location ?? ''))
      throw httpError(response.statusCode, '', redirectProblem(response.statusCode, location, this.endpoint.url));
    return this.post(message, options, true);
  }

  private async readBody(response: Dispatcher.ResponseData, type: string, message: Request): Promise<void> {
    const text = await this.bodyText(response);
    // The answer comes on the stream that listens, then.
    if (text === '' && response.statusCode === 202 && this.standing) return;
    const isLong = text.length > LONG_ANSWER;
    // Reading a long list, parsing it and what the SDK does with it are each long enough for a turn of the event loop.
    if (isLong) await nextTurn();
    const messages: RpcMessage[] = [];
    eachRpcMessage(text, (received) => messages.push(received));
    if (isLong) await nextTurn();
    const answer = messages.find((received) => isAnswerTo(message, received));
    // From 2026-07-28 on a JSON-RPC error comes with an HTTP error status too.
    if (answer && (isGood(response) || isError(answer))) return void this.onmessage?.(leniently({ ...answer, id: message.id }));
    const { url } = this.endpoint;
    if (response.statusCode >= 300)
      throw httpError(response.statusCode, text, redirectProblem(response.statusCode, headerOf(response, 'location'), url));
    throw new SdkError(SdkErrorCode.ClientHttpUnexpectedContent, noAnswer(message, response.headers, messages), { contentType: type });
  }

  /** Reads a response stream in the background. One that ends without the answer is answered with an error, or the SDK would wait on. */
  private async readStream(response: Dispatcher.ResponseData, message: Request, options: TransportSendOptions): Promise<void> {
    let isAnswered = false;
    let flood: string | undefined;
    const take = (received: RpcMessage) => {
      isAnswered ||= isAnswerTo(message, received);
      flood ??= this.messages.take(received);
    };
    const noise = () => void (flood ??= this.messages.counted());
    const messages = new EventMessages(take, noise);
    const feed = (chunk: Uint8Array) => {
      const read = messages.feed(chunk);
      if (flood !== undefined) throw new Error(flood);
      return read;
    };
    await this.readBounded(response, feed).catch((error: Error) => this.onerror?.(error));
    options.onRequestStreamEnd?.();
    if (isAnswered || options.requestSignal?.aborted || isListen(message)) return;
    const error = { code: -32_000, message: 'The response stream ended without an answer.' };
    this.onmessage?.({ jsonrpc: '2.0', id: message.id, error });
  }

  private async bodyText(response: Dispatcher.ResponseData): Promise<string> {
    const pieces = new JoinedPieces();
    await this.readBounded(response, (chunk) => void pieces.add(chunk));
    return pieces.takeText();
  }

  private async readBounded(response: Dispatcher.ResponseData, take: (chunk: Buffer) => void | Promise<void>): Promise<void> {
    let bytes = 0;
    for await (const chunk of response.body as AsyncIterable<Buffer>) {
      bytes += chunk.length;
      this.receivedBytes += chunk.length;
      if (bytes > MAX_MESSAGE_BYTES) throw new Error(`The answer is larger than ${MAX_MESSAGE_BYTES} bytes.`);
      await take(chunk);
    }
  }

  private async listen(): Promise<void> {
    if (this.options.listens === 'never') return;
    if (this.options.listens === 'for calls') {
      if (this.sessionId !== undefined) await (this.standing = new StreamOfCalls(this)).run();
      return;
    }
    const standing = (this.standing = new StandingStream(this, (message) => this.messages.take(message)));
    standing.onlost = (reason) => {
      this.ownEnd = reason;
      this.closing.abort();
      this.onerror?.(new Error(reason));
      this.onclose?.();
    };
    void standing.run();
  }

  /** Ends the session at the server (MCP basic/transports "Session Management"); a server that does not answer ends it by itself. */
  private async sayGoodbye(): Promise<void> {
    if (this.sessionId === undefined) return;
    const { origin, path, exchanges } = this.endpoint;
    const signal = AbortSignal.timeout(GOODBYE_TIMEOUT_MS);
    const goodbye = exchanges.request({ origin, path, method: 'DELETE', headers: this.sessionHeaders(), signal });
    await goodbye.then((response) => response.body.dump()).catch(() => undefined);
  }
}

function isGood({ statusCode }: Dispatcher.ResponseData): boolean {
  return statusCode >= 200 && statusCode < 300;
}
