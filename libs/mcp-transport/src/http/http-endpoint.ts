import { Agent, type Dispatcher, Pool } from 'undici';
import type { ClientInfo, HttpServerSettings } from '../server-settings.js';
import { type ForwardProxy, proxyFor } from '../proxy/proxies.js';
import { throughProxy } from '../proxy/through-proxy.js';
import type { TokenError } from '../oauth/token-error.js';
import { ReadingShare } from '../inbox/reading-share.js';
import type { GrantKeeper } from '../oauth/grant-record.js';
import { OAuthClient } from '../oauth/oauth-client.js';

/** Connections to one MCP server, kept alive, whatever they are for (requirements P6). */
const MAX_UPSTREAM_CONNECTIONS = 50;
/** Those that are left where calls hold theirs: a call is cancelled, and a list is read, whatever waits. */
const CONNECTIONS_ASIDE = 2;
/** Streams that stay open: one tells of changes, the other is that of the session of calls. */
const STANDING_STREAMS = 2;
/** All others are for calls; calls beyond them wait. */
export const MAX_CALL_CONNECTIONS = MAX_UPSTREAM_CONNECTIONS - CONNECTIONS_ASIDE - STANDING_STREAMS;
/** Of these, for callers who have few calls in flight, while others hold the rest. */
const RESERVED_CONNECTIONS = 4;
/** For everybody. */
export const OPEN_CONNECTIONS = MAX_CALL_CONNECTIONS - RESERVED_CONNECTIONS;
const CONNECT_TIMEOUT_MS = 5_000;
/** Longest that anything but a call and a stream may hold a connection: the network may swallow it without a word. */
export const MAX_EXCHANGE_MS = 20_000;

/** Where an MCP server answers over HTTP, and the connections to it. All requests of one endpoint go to one origin. */
export class HttpEndpoint {
  /** For calls. */
  readonly pool: Dispatcher;
  readonly reserve: Dispatcher;
  /** Those that hold a connection, or wait for one. */
  callsInFlight = 0;
  /** Those of them on the reserve. */
  reservedInFlight = 0;
  /** For streams that stay open, so that they never take a place in the pool. */
  readonly streams: Dispatcher;
  readonly origin: string;
  /** For answers to calls. */
  readonly share = new ReadingShare();
  /** Sent with every request, names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  /** On the way to it. */
  readonly proxy: ForwardProxy | undefined;
  private readonly oauth: OAuthClient | undefined;
  private readonly aside: Dispatcher;
  private currentPath = '/';

  constructor(
    url: URL,
    readonly settings: HttpServerSettings,
    readonly clientInfo: ClientInfo,
    keeper?: GrantKeeper,
  ) {
    this.origin = url.origin;
    this.moveTo(url);
    this.headers = settings.headers;
    // The deadlines of calls are ours: they know of progress.
    const { ca, insecure } = settings.tls;
    const connect = { timeout: CONNECT_TIMEOUT_MS, rejectUnauthorized: !insecure, ...(ca !== undefined && { ca }) };
    const options = { connect, headersTimeout: 0, bodyTimeout: 0, allowH2: false };
    const proxy = (this.proxy = proxyFor(url, settings.proxies));
    const poolOf = (connections: number): Dispatcher =>
      proxy ? throughProxy(proxy, { ...options, connections }) : new Pool(url.origin, { ...options, connections });
    const [pool, reserve, aside] = [OPEN_CONNECTIONS, RESERVED_CONNECTIONS, CONNECTIONS_ASIDE].map(poolOf) as [
      Dispatcher,
      Dispatcher,
      Dispatcher,
    ];
    const streams = proxy ? throughProxy(proxy, options) : new Agent(options);
    // Without a keeper a server of which each user grants tokens is asked for nobody.
    if (settings.oauth && (settings.oauth.kind === 'client_credentials' || keeper))
      this.oauth = new OAuthClient(settings, settings.oauth, keeper);
    const authorized = (to: Dispatcher): Dispatcher => (this.oauth ? to.compose(this.oauth.interceptor) : to);
    [this.pool, this.reserve, this.aside] = [authorized(pool), authorized(reserve), authorized(aside)];
    this.streams = authorized(streams);
  }

  /** For all that ends and is no call: handshake, lists, pings, cancellations. */
  get exchanges(): Dispatcher {
    return this.isFull ? this.aside : this.pool;
  }

  /** Whether a call has to wait for a connection, but for those that are reserved. */
  get isFull(): boolean {
    return this.callsInFlight - this.reservedInFlight >= OPEN_CONNECTIONS;
  }

  get hasReserve(): boolean {
    return this.reservedInFlight < RESERVED_CONNECTIONS;
  }

  /** How many calls hold a connection. */
  get callsServed(): number {
    return Math.min(this.callsInFlight - this.reservedInFlight, OPEN_CONNECTIONS) + this.reservedInFlight;
  }

  get path(): string {
    return this.currentPath;
  }

  get url(): string {
    return this.origin + this.currentPath;
  }

  /** Takes another place of the same origin for all requests from now on. */
  moveTo(url: URL): void {
    this.currentPath = url.pathname + url.search;
  }

  /** Follows a redirect that keeps the method (RFC 9110 15.4.8) within the origin, for this and all later requests; false if it leads elsewhere. */
  follow(location: string): boolean {
    const target = URL.parse(location, this.url);
    if (!target || target.origin !== this.origin || target.pathname + target.search === this.currentPath) return false;
    this.moveTo(target);
    return true;
  }

  /** Gets what requests are authorized with, where anything has to be got. Rejects with a TokenError. */
  async authorize(): Promise<void> {
    await this.oauth?.authorize();
  }

  /** Why a person's grant is missing, or cannot be used. */
  get grantProblem(): TokenError | undefined {
    return this.oauth?.problem;
  }

  /** Something was granted, or taken back. */
  grantChanged(): void {
    this.oauth?.grantChanged();
  }

  /** What was got, which must not be shown. */
  secrets(): readonly string[] {
    return this.oauth?.secrets() ?? [];
  }

  async close(): Promise<void> {
    await Promise.allSettled([
      this.pool.destroy(),
      this.reserve.destroy(),
      this.aside.destroy(),
      this.streams.destroy(),
      this.oauth?.close(),
    ]);
  }
}
