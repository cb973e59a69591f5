const MIB = 1024 * 1024;

/** What clients of this face may hold, and how long. */
export interface McpBounds {
  /** Sessions of all clients together. */
  readonly maxSessions: number;
  /** One in which nothing is asked and nothing listened to for so long is ended. */
  readonly idleMs: number;
  /** Requests of one session that are being answered. */
  readonly maxRequests: number;
  /** Questions that one client is asked at once, and their characters: in a session, or since 2026-07-28 in the course of one request. */
  readonly maxQuestions: number;
  readonly maxQuestionCharacters: number;
  /** Event streams that one session can still go on with, and what is kept of all of them: events, characters. */
  readonly maxStreams: number;
  readonly maxEvents: number;
  readonly maxCharacters: number;
  /** The same of all sessions together, in characters. */
  readonly maxCharactersOfAll: number;
  /** Streams that listen for changes, over all clients and for one. */
  readonly maxListeners: number;
  readonly maxListenersOfClient: number;
  /** Resources that are watched for clients: of one client, and at one server. */
  readonly maxWatchedOfClient: number;
  readonly maxWatchedOfServer: number;
  /** Calls that wait for an answer of their client, who has to come back with it, and how long. */
  readonly maxSuspended: number;
  readonly maxSuspendedOfClient: number;
  readonly suspendedMs: number;
  /** Characters of answers to such calls that came while their client was away, of one client and of all. */
  readonly maxUnfetchedOfClient: number;
  readonly maxUnfetchedOfAll: number;
  /** Silence on a stream after which something is said. */
  readonly keepAliveMs: number;
  /** Items and characters of one page of a list. */
  readonly pageItems: number;
  readonly pageCharacters: number;
}

/** Those of production. */
export const BOUNDS: McpBounds = {
  maxSessions: 1_000,
  idleMs: 30 * 60_000,
  maxRequests: 200,
  maxQuestions: 50,
  maxQuestionCharacters: 4 * MIB,
  maxStreams: 50,
  maxEvents: 500,
  maxCharacters: MIB,
  maxCharactersOfAll: 32 * MIB,
  maxListeners: 1_000,
  maxListenersOfClient: 100,
  maxWatchedOfClient: 100,
  maxWatchedOfServer: 1_000,
  maxSuspended: 1_000,
  maxSuspendedOfClient: 200,
  suspendedMs: 5 * 60_000,
  maxUnfetchedOfClient: 16 * MIB,
  maxUnfetchedOfAll: 64 * MIB,
  keepAliveMs: 15_000,
  pageItems: 1_000,
  pageCharacters: 4 * MIB,
};

/** Injection token. */
export const MCP_BOUNDS = Symbol('MCP_BOUNDS');
