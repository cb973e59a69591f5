import { once } from 'node:events';
import type { Client } from '@modelcontextprotocol/client';
import type { Dispatcher } from 'undici';
import type { CallDeadline } from '../call/call-deadline.js';
import { callMessage, cancelMessage, newCallId } from '../call/call-message.js';
import { callEnd, pauseCall } from '../call/call-pause.js';
import { causeOf, SessionForgotten } from '../network-error.js';
import { callEnvelope, metaEnvelope } from '../modern-meta.js';
import { inRounds, isInputRequired } from '../questions/input-rounds.js';
import { MODERN_PING, pingMessage } from '../ping-message.js';
import { CallerSessions, type CredentialedCall } from '../call/caller-sessions.js';
import type { CallerCredentials } from '../call/caller-credentials.js';
import { negotiatedServer } from '../sdk-client.js';
import { listAllTools } from '../tool-list.js';
import type { UpstreamAnswer, UpstreamCall } from '../call/upstream-answer.js';
import type { ConnectionEvents, NegotiatedServer, PoolUse, UpstreamConnection } from '../upstream-connection.js';
import { CallAnswerHandler, type CallWay } from './calls/call-answer.handler.js';
import { CallSession } from './calls/call-session.js';
import { type HttpStatusAnswer, isForgotten, isOfSession, isRefused, isUnauthorized } from './calls/refused-session.js';
import { type HttpEndpoint, MAX_EXCHANGE_MS, MAX_CALL_CONNECTIONS } from './http-endpoint.js';
import { httpPing } from './http-ping.js';
import { lastEventIdHeader } from './headers/last-event-id.js';
import { paramHeaders } from './headers/param-headers.js';
import { CORRELATION_HEADER, encodeHeaderValue, POST_HEADERS, requestHeaders } from './headers/request-headers.js';
import { WatchedResources } from '../watched-resources.js';
import type { StreamableHttpTransport } from './streamable-http.transport.js';

/** Calls that wait for a free connection. */
const MAX_QUEUED_CALLS = 1_000;

/** The session that lists tools and learns of changes. */
export interface Discovery {
  readonly client: Client;
  readonly transport: StreamableHttpTransport;
}

/** Opens a session for calls, apart from the one that discovery holds; with credentials one of that caller's own. */
export type OpenSession = (credentials?: CallerCredentials) => Promise<StreamableHttpTransport>;

/**
 * A negotiated connection over streamable HTTP. Lists go through the SDK's client; each call is one POST of our own on the call session, or on
 * one of its caller's own where it carries credentials and the server has sessions. A session that the server has forgotten is opened anew once,
 * for any number of callers, and their calls are sent again once: they surely did not run.
 */
export class HttpConnection implements UpstreamConnection {
  readonly server: NegotiatedServer;
  private readonly metaEnvelope: string;
  private readonly session: CallSession;
  private readonly callers: CallerSessions<CallSession>;
  private readonly watched: WatchedResources;
  private readonly way: CallWay;
  private hasListed = false;

  constructor(
    private readonly endpoint: HttpEndpoint,
    private readonly discovery: Discovery,
    session: StreamableHttpTransport,
    openSession: OpenSession,
    private readonly events: ConnectionEvents,
    /** The session of discovery was forgotten before it listed anything. */
    private readonly onForgottenAtOnce: () => void,
  ) {
    this.session = new CallSession(session, openSession);
    this.callers = new CallerSessions(async (credentials) => {
      const open = () => openSession(credentials);
      return new CallSession(await open(), open);
    });
    this.server = negotiatedServer(discovery.client);
    this.metaEnvelope = metaEnvelope(this.server, endpoint.clientInfo);
    this.watched = new WatchedResources(discovery.client);
    discovery.transport.messages.notice = (notice) => events.onNotice?.(notice);
    const { tellCancelled: cancelled, resume, reply } = this;
    this.way = this.server.era === 'legacy' ? { cancelled, resume, reply } : { cancelled };
  }

  get pool(): PoolUse {
    const { callsInFlight, callsServed: inUse } = this.endpoint;
    return { inUse, waiting: callsInFlight - inUse };
  }

  async listTools(): Promise<unknown[]> {
    const { client, transport } = this.discovery;
    const { maxListBytes } = this.endpoint.settings;
    try {
      const tools = await listAllTools({ client, receivedBytes: () => transport.receivedBytes, maxListBytes });
      this.hasListed = true;
      return tools;
    } catch (error) {
      if (transport.sessionId === undefined || !isOfSession(error)) throw error;
      if (!this.hasListed) this.onForgottenAtOnce();
      throw new SessionForgotten(causeOf(error), { cause: error });
    }
  }

  call(call: UpstreamCall, deadline: CallDeadline): Promise<UpstreamAnswer> {
    const { endpoint } = this;
    if (endpoint.callsInFlight >= MAX_CALL_CONNECTIONS + MAX_QUEUED_CALLS) return Promise.resolve(BUSY);
    const isReserved = call.holdsFew === true && endpoint.isFull && endpoint.hasReserve;
    // Of a call that is made again as well.
    if (isReserved || call.isReserved) call.isReserved = isReserved;
    // A server without sessions and cookies has nothing to keep apart but the headers.
    const isShared = call.credentials === undefined || !this.session.current.isKept;
    const answer = isShared ? this.callOn(this.session, call, deadline) : this.callAsCaller(call as CredentialedCall, deadline);
    endpoint.callsInFlight += 1;
    if (!isReserved) return answer.then(this.answered, this.failed);
    endpoint.reservedInFlight += 1;
    return answer.finally(() => (endpoint.reservedInFlight -= 1)).then(this.answered, this.failed);
  }

  /** In the session of discovery: it waits for no call. */
  ping(signal: AbortSignal): Promise<void> {
    const headers: Record<string, string> = { ...this.discovery.transport.sessionHeaders(), ...POST_HEADERS };
    if (this.server.era === 'modern') headers['mcp-method'] = MODERN_PING;
    return httpPing(this.endpoint, headers, pingMessage(newCallId(), this.metaEnvelope), signal);
  }

  watch(uris: readonly string[]): Promise<void> {
    return this.watched.watch(uris);
  }

  async close(): Promise<void> {
    await Promise.allSettled([this.session.close(), this.callers.close(), this.discovery.client.close()]);
  }

  private callAsCaller(call: CredentialedCall, deadline: CallDeadline): Promise<UpstreamAnswer> {
    return this.callers.call(call, deadline, async (session) => {
      const used = session.current;
      const answer = await this.callOn(session, call, deadline);
      // Nothing tells whether it is the call or the session that is refused: the next call opens another.
      session.isOver ||= isRefused(answer, used) || isUnauthorized(answer) || answer === FORGOTTEN;
      return answer === FORGOTTEN ? { ...FORGOTTEN, isOnlyCallers: true } : answer;
    });
  }

  private callOn(session: CallSession, call: UpstreamCall, deadline: CallDeadline): Promise<UpstreamAnswer> {
    const used = session.current;
    return this.sendOnce(call, deadline, used).then((answer) => {
      if (isRefused(answer, used)) this.events.onToolsChanged();
      if (isForgotten(answer)) return this.callAgain(session, used, answer, call, deadline);
      if (!isInputRequired(answer)) return answer;
      return inRounds(answer, call, deadline, (more) => this.sendOnce(call, deadline, used, more));
    });
  }

  /** On another session than the one that is forgotten. */
  private async callAgain(
    session: CallSession,
    forgotten: StreamableHttpTransport,
    answer: HttpStatusAnswer,
    call: UpstreamCall,
    deadline: CallDeadline,
  ): Promise<UpstreamAnswer> {
    await pauseCall(call, deadline, (signal) => Promise.race([session.renew(forgotten), once(signal, 'abort')]));
    // Words may mislead: what the status says stands where no session is to be had.
    if (session.current === forgotten) return callEnd(call, deadline) ?? (answer.status === 404 ? FORGOTTEN : answer);
    return callEnd(call, deadline) ?? (await this.sendOnce(call, deadline, session.current));
  }

  private sendOnce(call: UpstreamCall, deadline: CallDeadline, session: StreamableHttpTransport, more?: string): Promise<UpstreamAnswer> {
    const { origin, path } = this.endpoint;
    const pool = this.poolFor(call);
    const handler = new CallAnswerHandler(call, deadline, session, this.way);
    const { pending } = handler;
    const body = callMessage(pending.id, call, callEnvelope(this.metaEnvelope, call), more);
    setImmediate(dispatch, pool, { origin, path, method: 'POST', headers: this.headers(call, session), body }, handler);
    return pending.answer;
  }

  private poolFor({ isReserved }: UpstreamCall): Dispatcher {
    return isReserved ? this.endpoint.reserve : this.endpoint.pool;
  }

  private headers(call: UpstreamCall, session: StreamableHttpTransport): string[] | Record<string, string> {
    const isLegacy = this.server.era === 'legacy';
    if (isLegacy && !call.credentials) return session.callHeaders(call.correlationId, call.trace);
    const headers: Record<string, string> = {
      ...session.sessionHeaders(),
      ...POST_HEADERS,
      [CORRELATION_HEADER]: call.correlationId,
      ...call.trace,
    };
    if (call.credentials) Object.assign(headers, call.credentials.headers);
    if (isLegacy) return headers;
    if (call.request) return Object.assign(headers, requestHeaders(call.request));
    headers['mcp-method'] = 'tools/call';
    headers['mcp-name'] = encodeHeaderValue(call.tool);
    return Object.assign(headers, paramHeaders(call.inputSchema, call.args.value));
  }

  /** Since 2026-07-28 a stream that ends has cancelled its call. */
  private readonly resume = (handler: Dispatcher.DispatchHandler, { pending, session }: CallAnswerHandler, lastEventId: string): void => {
    const { origin, path } = this.endpoint;
    const own = { accept: 'text/event-stream', ...lastEventIdHeader(lastEventId), [CORRELATION_HEADER]: pending.call.correlationId };
    const headers = { ...session.sessionHeaders(), ...pending.call.credentials?.headers, ...own };
    this.poolFor(pending.call).dispatch({ origin, path, method: 'GET', headers }, handler);
  };

  private readonly answered = (answer: UpstreamAnswer): UpstreamAnswer => {
    this.endpoint.callsInFlight -= 1;
    return answer;
  };

  private readonly failed = (error: unknown): never => {
    this.endpoint.callsInFlight -= 1;
    throw error;
  };

  /** Closing the response stream cancels since 2026-07-28; older servers are told besides. */
  private readonly tellCancelled = (call: CallAnswerHandler, reason: string): void => {
    if (call.pending.isSent && this.server.era === 'legacy') this.tell(call, cancelMessage(call.pending.id, reason));
  };

  /** The call itself holds its connection until then. */
  private readonly reply = (call: CallAnswerHandler, text: string): void => this.tell(call, text);

  private tell({ pending, session }: CallAnswerHandler, body: string): void {
    const { origin, path, exchanges } = this.endpoint;
    const headers = { ...session.sessionHeaders(), ...POST_HEADERS, ...pending.call.credentials?.headers };
    const signal = AbortSignal.timeout(MAX_EXCHANGE_MS);
    const told = exchanges.request({ origin, path, method: 'POST', headers, body, signal });
    told.then((response) => response.body.dump()).catch(() => undefined);
  }
}

/**
 * Hands a call to the network at the end of the turn of the event loop in which it was made, one behind the other with all that were: a server
 * is woken by the first of them, which is dear, and finds the others there.
 */
function dispatch(pool: Dispatcher, request: Dispatcher.DispatchOptions, handler: CallAnswerHandler): void {
  if (!handler.pending.isOver) pool.dispatch(request, handler);
}

const BUSY = { kind: 'busy', message: `${MAX_QUEUED_CALLS} calls wait already` } as const;
const FORGOTTEN = { kind: 'unreachable', message: 'The MCP server has forgotten the session and opens no new one.' } as const;
