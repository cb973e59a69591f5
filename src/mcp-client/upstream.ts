import { EventEmitter } from 'node:events';
import type { UpstreamSettings } from '../config/upstream-settings.js';
import {
  type CallDeadline,
  type CallerCredentials,
  causeOf,
  type ConnectionEvents,
  type GrantKeeper,
  isConnectionGone,
  type NegotiatedServer,
  type PoolUse,
  type UpstreamAnswer,
  type UpstreamCall,
  type UpstreamConnection,
  type UpstreamConnector,
} from '@app/mcp-transport';
import { isUsers } from '../grants/granted-server.js';
import { ConnectAttempts } from './connect-attempts.js';
import { connectorOf } from './connector-of.js';
import { fullJitter } from './full-jitter.js';
import { mayAskCallers } from './refusal.js';
import type { UpstreamEvents, UpstreamState, UpstreamStatus } from './upstream-status.js';
import { type PingResult, pinged } from './upstream-ping.js';
import { UpstreamCalls } from './upstream-calls.js';
import { UpstreamLifecycle } from './upstream-lifecycle.js';
import { RedactedTexts } from './redacted-texts.js';

/** Pauses between attempts to connect. */
const RECONNECT = { firstMs: 500, longestMs: 30_000 } as const;
/** A connection that ends before this is one more failure, however much it did: the pause after it is longer than the one before. */
const STEADY_MS = 10_000;

export type { UpstreamState, UpstreamStatus };

/** One MCP server: connects, stays connected, and finds it again by itself for as long as the gateway runs. */
export class Upstream extends EventEmitter<UpstreamEvents> {
  readonly name: string;
  /** What it says of failures, as it may be shown. */
  readonly words: RedactedTexts;
  private connection: UpstreamConnection | undefined;
  private readonly standing: UpstreamLifecycle;
  private server: NegotiatedServer | undefined;
  private connectedAt = 0;
  private readonly stopping = new AbortController();
  private readonly attempts = new ConnectAttempts(this.stopping.signal);
  private readonly connector: UpstreamConnector;
  private readonly calls: UpstreamCalls;
  private lose: (reason: string) => void = () => undefined;
  private running: Promise<void> = Promise.resolve();
  private watched: readonly string[] = [];

  /** `caller`: whose credentials the settings hold, where all requests are one caller's; `keeper`: of what a person grants for them. */
  constructor(
    readonly settings: UpstreamSettings,
    readonly caller?: CallerCredentials,
    keeper?: GrantKeeper,
  ) {
    super();
    this.name = settings.name;
    const connection = {
      current: () => this.connection,
      next: (call: UpstreamCall, deadline: CallDeadline) => this.connected(call, deadline),
      lose: (reason: string) => this.lose(reason),
      stopping: this.stopping.signal,
    };
    const noteRefused = () => this.standing.noteRefusedCall(this.connector.grantProblem);
    this.calls = new UpstreamCalls(settings, connection, () => this.emit('paused'), noteRefused);
    this.connector = connectorOf(settings, keeper);
    this.words = new RedactedTexts(settings, this.connector);
    this.standing = new UpstreamLifecycle(settings, caller !== undefined, this.words, () => {
      if (!this.isStopping) this.emit('state', this.status());
    });
  }

  start(): void {
    this.running = this.run();
  }

  /**
   * Ends the connection, over stdio the child with all its descendants, and what waits: calls in flight are answered as lost, those
   * after it as not sent. Nothing of it is left when this resolves; harmless when repeated.
   */
  async stop(): Promise<void> {
    this.stopping.abort();
    this.lose('The gateway is stopping.');
    this.attempts.hurry();
    // Ends an attempt to connect that is under way.
    if (!this.connection) await this.connector.close();
    await this.running;
    await this.connector.close();
  }

  status(): UpstreamStatus {
    const { name, server } = this;
    const { state, since, lastError } = this.standing;
    const { transport, guessedPath } = this.connector;
    return { name, state, since, transport, guessedPath, server, lastError };
  }

  /** `performance.now()` when the connection was made; 0 before the first. */
  get connectedSince(): number {
    return this.connectedAt;
  }

  /** Whether the server answers, asked on the connection that there is; no call waits for it, and none is counted. */
  ping(ms: number): Promise<PingResult> {
    return this.connection ? pinged(this.connection, this.words, ms) : Promise.resolve({ kind: 'late' });
  }

  /** For how many callers no call is sent for now, since too many of theirs have failed; all who bring no credentials are one. */
  get pausedFor(): number {
    return this.calls.pausedFor;
  }

  /** The connections over HTTP that calls hold, and the calls that wait for one; undefined over stdio, and while it is away. */
  get pool(): PoolUse | undefined {
    return this.connection?.pool;
  }

  /** Processes that were started for it; undefined where it is not run by the gateway. */
  get childStarts(): number | undefined {
    return this.connector.childStarts;
  }

  get isConnected(): boolean {
    return this.connection !== undefined;
  }

  /** Whether it tells its tools only to callers who bring credentials of their own, and it can get them; it stays so while it is away. */
  get asksCallers(): boolean {
    if (this.caller !== undefined || this.settings.kind === 'stdio') return false;
    return isUsers(this.settings) || (this.standing.isRefused && mayAskCallers(this.settings));
  }

  /** Whole seconds after which a call may find it again; at least 1. */
  get retryAfterSeconds(): number {
    return this.attempts.retryAfterSeconds;
  }

  /** Why there is no access token to connect with; undefined if that is not what is missing. */
  get noToken(): string | undefined {
    return this.standing.lackOfToken;
  }

  /** Something was granted for it, or taken back: it is tried at once, by a list where it is connected. */
  grantChanged(): void {
    this.connector.grantChanged?.();
    this.attempts.hurry();
    if (this.connection) this.emit('toolsChanged');
  }

  /** All tools as the server lists them now. Throws when it cannot be asked. */
  async listTools(): Promise<unknown[]> {
    if (!this.connection) throw new Error('not connected');
    const { lose, connection } = this;
    try {
      const tools = await connection.listTools();
      if (this.connection === connection) this.standing.noteListed(this.connector.grantProblem);
      return tools;
    } catch (error) {
      // The connection that failed, not one that has taken its place meanwhile.
      if (isConnectionGone(error)) lose(causeOf(error));
      else if (this.connection === connection && this.standing.noteRefusal(error, this.connector.grantProblem) && this.caller)
        this.emit('refused');
      throw error;
    }
  }

  /** Why there is no new list of it. */
  noteUnlisted(error: string, isListed: boolean): void {
    if (this.connection) this.standing.noteUnlisted(error, isListed);
  }

  /** Sends a call on this connection or the next, and notes on it how often it was sent again; see {@link UpstreamCalls.call}. */
  call(call: UpstreamCall): Promise<UpstreamAnswer> {
    return this.caller ? this.callAsCaller(call) : this.calls.call(call);
  }

  /** Its own headers are the caller's. */
  private async callAsCaller(call: UpstreamCall): Promise<UpstreamAnswer> {
    const own = { ...call, credentials: undefined };
    const answer = await this.calls.call(own);
    if (own.retries !== undefined) call.retries = own.retries;
    if (answer.kind === 'http_status' && answer.status === 401) this.emit('refused');
    return answer;
  }

  /** Has it tell when these resources change, on this connection and those after it; rejects where it refuses now. */
  async watch(uris: readonly string[]): Promise<void> {
    this.watched = uris;
    await this.connection?.watch?.(uris);
  }

  private async run(): Promise<void> {
    for (let failures = 0; !this.isStopping; failures++) {
      try {
        const reason = await this.connectUntilLost();
        if (performance.now() - this.connectedAt >= STEADY_MS) failures = 0;
        this.standing.enter('degraded', reason);
      } catch (error) {
        if (this.standing.noteFailure(error, this.connector.grantProblem) && this.caller) this.emit('refused');
        this.attempts.made();
        this.emit('failed');
      }
      await this.attempts.pause(fullJitter(failures, RECONNECT));
    }
  }

  /** Connects; resolves with the reason when the connection is lost, rejects when none could be made. */
  private async connectUntilLost(): Promise<string> {
    let lose!: (reason: string) => void;
    const lost = new Promise<string>((resolve) => (lose = resolve));
    const events: ConnectionEvents = {
      onToolsChanged: () => this.emit('toolsChanged'),
      onNotice: (notice) => this.emit('notice', notice),
      onLost: lose,
      onStderr: (line) => this.emit('stderr', line),
    };
    const connection = await this.connector.connect(events);
    this.lose = lose;
    if (this.isStopping) lose('The gateway is stopping.');
    this.connection = connection;
    this.connectedAt = performance.now();
    this.server = connection.server;
    this.calls.connected();
    this.standing.enter('up');
    if (this.watched.length > 0) void connection.watch?.(this.watched).catch(() => undefined);
    this.attempts.made();
    this.emit('up');
    const reason = await lost;
    this.connection = undefined;
    this.lose = () => undefined;
    await connection.close();
    return reason;
  }

  /** Waits for the next attempt to connect, but not for long, and has it made at once where it is still to come. */
  private async connected(call: UpstreamCall, deadline: CallDeadline): Promise<UpstreamConnection | undefined> {
    if (this.isStopping) return undefined;
    await this.attempts.awaitedBy(call, deadline);
    return this.connection;
  }

  private get isStopping(): boolean {
    return this.stopping.signal.aborted;
  }
}
