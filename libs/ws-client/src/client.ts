import { Connection, type ConnectionState } from './connection.js';
import { ClientClosedError, outcomeUnknown, tooManyCalls } from './errors.js';
import type { IncomingFrame, OutgoingFrame } from './frames.js';
import { toolList } from './lists.js';
import { Requests, type Request } from './request.js';
import { type Established, Session } from './session.js';
import type { SocketConstructor } from './socket.js';
import { type CallOptions, toolCall, type ToolResult } from './tool-call.js';

/** How a client is made. */
export interface ClientOptions {
  /** A key or token, as `Authorization: Bearer` would have it. */
  readonly key?: string;
  /** Told the state of the connection as it changes. */
  readonly onState?: (state: ConnectionState) => void;
  /** Told what the gateway says unasked: `tools_changed`, `server_state` (see {@link McpoClient.subscribe}). */
  readonly onEvent?: (event: { readonly type: string; readonly data: Readonly<Record<string, unknown>> }) => void;
  /** Makes sockets; the runtime's own unless it is given. */
  readonly WebSocket?: SocketConstructor;
}

/** So many calls wait for their answers at the most. */
const MAX_PENDING = 1_000;
/** What may be told unasked. */
type Topic = 'tools_changed' | 'server_state';

/**
 * A client of the gateway's WebSocket (`/v1/ws`): many calls at a time, each a promise. It connects by itself, comes back to its session
 * when the network was away, and gets what it missed; a call is made once, whatever becomes of the connection.
 */
export class McpoClient {
  private readonly connection: Connection;
  private readonly session = new Session();
  private readonly requests = new Requests();
  private readonly prefix = Math.random().toString(36).slice(2);
  private lastNumber = 0;
  private isEstablished = false;
  private isClosed = false;
  private topics: readonly Topic[] = [];
  private resumeTimer: ReturnType<typeof setTimeout> | undefined;

  constructor(
    url: string,
    private readonly options: ClientOptions = {},
  ) {
    const make = options.WebSocket ?? (globalThis as unknown as { WebSocket: SocketConstructor }).WebSocket;
    this.connection = new Connection(url, options.key, make, {
      onState: (state) => this.stateChanged(state),
      onOpen: () => this.opened(),
      onFrame: (frame) => this.hear(frame),
    });
    this.connection.connect();
  }

  /** Calls a tool. Rejects with a {@link ToolCallError}, with the signal's reason, or with a {@link ClientClosedError}. */
  call(name: string, args: object = {}, options: CallOptions = {}): Promise<ToolResult> {
    const { signal } = options;
    const id = this.newId();
    return new Promise((resolve, reject) => {
      if (signal?.aborted) return reject(signal.reason as Error);
      const cancel = (): void => this.cancel(id, signal?.reason as Error);
      const over = (): void => signal?.removeEventListener('abort', cancel);
      signal?.addEventListener('abort', cancel);
      const request = toolCall(id, name, args, options, {
        resolve: (result) => (over(), resolve(result)),
        reject: (error) => (over(), reject(error as Error)),
        send: (frame) => this.isEstablished && this.connection.send(frame),
      });
      this.ask(request);
    });
  }

  /** The tools that this caller may use, as MCP lists them. */
  async listTools(): Promise<readonly Readonly<Record<string, unknown>>[]> {
    const tools: Readonly<Record<string, unknown>>[] = [];
    let cursor: string | undefined;
    do {
      const page = await new Promise<{ tools: typeof tools; next: string | undefined }>((resolve, reject) =>
        this.ask(toolList(this.newId(), cursor, { resolve, reject })),
      );
      tools.push(...page.tools);
      cursor = page.next;
    } while (cursor !== undefined);
    return tools;
  }

  /** Says what `onEvent` is to be told from now on, in this session and any that follows. */
  subscribe(topics: readonly Topic[]): void {
    this.topics = topics;
    if (this.isEstablished) this.sendSubscription();
  }

  /** Ends the session: calls that have not been answered are cancelled. Harmless when repeated. */
  close(): void {
    this.isClosed = true;
    this.connection.close();
    for (const { frame } of this.requests.all()) this.requests.fail(frame.correlation_id, new ClientClosedError());
  }

  private ask(request: Request): void {
    if (this.isClosed) return request.fail(new ClientClosedError());
    if (this.requests.size >= MAX_PENDING) return request.fail(tooManyCalls(MAX_PENDING, request.frame.correlation_id));
    this.requests.add(request);
    if (this.isEstablished) this.send(request);
  }

  private send(request: Request): void {
    request.isSent = true;
    this.connection.send(request.frame);
  }

  private cancel(id: string, reason: Error): void {
    if (this.requests.get(id) && this.isEstablished) this.connection.send({ type: 'cancel', correlation_id: id });
    this.requests.fail(id, reason);
  }

  private opened(): void {
    const resume = this.session.opened(() => this.newId());
    if (resume) this.connection.send(resume);
  }

  private hear(frame: IncomingFrame): void {
    const established = this.session.hear(frame);
    if (established) return this.established(established);
    if (!this.session.isNews(frame)) return;
    if (frame.correlation_id !== undefined && this.requests.get(frame.correlation_id)) this.requests.hear(frame);
    else if (frame.type === 'tools_changed' || frame.type === 'server_state')
      this.options.onEvent?.({ type: frame.type, data: frame.data });
  }

  private established(established: Established): void {
    if (established.as === 'undecided') return this.resumeIn(established.retryMs);
    this.isEstablished = true;
    this.connection.established();
    if (established.as === 'new') this.begin();
    else
      for (const id of established.lostCalls)
        this.requests.fail(id, outcomeUnknown('The answer came while the connection was away, and was not kept.', id));
    if (established.as === 'resumed') for (const request of this.requests.all()) request.resumed?.();
    if (established.as === 'new' && this.topics.length > 0) this.sendSubscription();
    // Those that the gateway has not said to have: with the same ids, so that none is made twice.
    for (const request of this.requests.all()) if (!request.isAccepted) this.send(request);
  }

  /** Asks for the session again, on the same socket. */
  private resumeIn(ms: number): void {
    this.resumeTimer = setTimeout(() => {
      const resume = this.session.resume(() => this.newId());
      if (resume) this.connection.send(resume);
    }, ms);
  }

  /** Another session knows nothing of the one before. */
  private begin(): void {
    for (const request of this.requests.all()) {
      const { frame, isSent, isRepeatable } = request;
      if (isSent && !isRepeatable)
        this.requests.fail(frame.correlation_id, outcomeUnknown('The session was lost with the connection.', frame.correlation_id));
      request.isSent = request.isAccepted = false;
    }
  }

  private sendSubscription(): void {
    const frame: OutgoingFrame = { type: 'subscribe', correlation_id: this.newId(), data: { topics: this.topics } };
    this.connection.send(frame);
  }

  private stateChanged(state: ConnectionState): void {
    if (state !== 'open') {
      this.isEstablished = false;
      clearTimeout(this.resumeTimer);
    }
    this.options.onState?.(state);
  }

  private newId(): string {
    return `${this.prefix}-${(this.lastNumber += 1)}`;
  }
}
