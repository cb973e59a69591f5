import type { CallDeadline } from './call/call-deadline.js';
import type { TokenError } from './oauth/token-error.js';
import type { UpstreamAnswer, UpstreamCall } from './call/upstream-answer.js';

/** What the server said of itself when the connection was negotiated. */
export interface NegotiatedServer {
  readonly era: 'legacy' | 'modern';
  readonly protocolVersion: string;
  readonly serverInfo: Readonly<Record<string, unknown>> | undefined;
  readonly instructions: string | undefined;
  /** What it offers, as it wrote it. */
  readonly capabilities: Readonly<Record<string, unknown>>;
}

/**
 * What a server tells of its own accord besides changed tools: that a list is another one, or a resource that somebody subscribed to, or that it is
 * done with a link which somebody was to open (their params).
 */
export type ServerNotice =
  | { readonly kind: 'prompts' | 'resources' }
  | { readonly kind: 'updated' | 'elicitation'; readonly params: Readonly<Record<string, unknown>> };

/** As /v1/servers tells it. */
export type TransportName = 'stdio' | 'streamable-http' | 'sse';

/** How many connections of a pool calls hold, and how many calls wait for one. */
export interface PoolUse {
  readonly inUse: number;
  readonly waiting: number;
}

/** A negotiated connection to one MCP server. */
export interface UpstreamConnection {
  readonly server: NegotiatedServer;
  /** Over streamable HTTP, where each call holds a connection. */
  readonly pool?: PoolUse;
  /** All pages of `tools/list`, each tool as the server wrote it. */
  listTools(): Promise<unknown[]>;
  /** Sends a `tools/call` once. Never throws for what the server or the network does, and ends with the deadline, which it does not clear. */
  call(call: UpstreamCall, deadline: CallDeadline): Promise<UpstreamAnswer>;
  /**
   * Asks whether the server is there, by the cheapest question of its generation. Rejects when it answers with a fault, cannot be reached, or
   * has not answered by the time of the signal; over a way that carries everything the question stays, and the next waits for its answer, too.
   */
  ping(signal: AbortSignal): Promise<void>;
  /** Has the server tell when these resources change, and no others; rejects when it refuses. Undefined over ways that bring nothing outside of calls. */
  watch?(uris: readonly string[]): Promise<void>;
  close(): Promise<void>;
}

/** What a connection reports by itself. */
export interface ConnectionEvents {
  /** `notifications/tools/list_changed`, or its like of 2026-07-28. */
  onToolsChanged(): void;
  /** The connection is of no use any more; at least once, maybe more often. */
  onLost(reason: string): void;
  onNotice?(notice: ServerNotice): void;
  /** A line that a child wrote to stderr. */
  onStderr(line: string): void;
}

/** Makes connections to one upstream, one after another; keeps what it learnt (era, path) between them. */
export interface UpstreamConnector {
  /** How the server is reached, or is tried to be reached first. */
  readonly transport: TransportName;
  /** Where a server was found whose URL has no path. */
  readonly guessedPath?: string | undefined;
  /** Processes that were started. */
  readonly childStarts?: number;
  connect(events: ConnectionEvents): Promise<UpstreamConnection>;
  /** The last lines that the process of the last connection wrote to stderr. */
  lastWords?(): readonly string[];
  /** Why a person's grant is missing, or cannot be used, as the last refusal showed. */
  readonly grantProblem?: TokenError | undefined;
  /** Something was granted, or taken back. */
  grantChanged?(): void;
  /** Credentials that are not in the settings, to be taken out of what is shown. */
  secrets?(): readonly string[];
  /** Releases what outlives a connection. */
  close(): Promise<void>;
}
