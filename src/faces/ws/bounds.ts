const MIB = 1024 * 1024;

/** What sockets may hold and how long they may take; what they may hold of one another is MAX_SOCKETS'. */
export interface SocketBounds {
  /** Calls of one socket that run or wait for a place; the others wait in its queue. */
  readonly callsAtOnce: number;
  readonly queuedCalls: number;
  readonly queuedBytes: number;
  /** Over all sockets. */
  readonly queuedBytesInAll: number;
  /** Calls of all sockets together that wait for a place among MAX_CONNECTIONS; the others wait before that, in turn. */
  readonly waitingForPlace: number;
  /** A socket that says nothing for so long is asked whether it is there, and closed when it has not answered after as long again. */
  readonly heartbeatMs: number;
  /** Longest that a frame may take to come whole. */
  readonly frameMs: number;
  /** Frames of all sockets that have not come whole. */
  readonly partialBytesInAll: number;
  /** Frames of one socket that are none, in a minute. */
  readonly badFrames: number;
  /** How long a session is kept without a socket. */
  readonly resumeMs: number;
  /** Frames of one session that are kept for a client who comes back. */
  readonly keptFrames: number;
  readonly keptBytes: number;
  /** Over all sessions. */
  readonly keptBytesInAll: number;
  /** Ids of one session's calls that are remembered. */
  readonly rememberedCalls: number;
}

/** Those of production. */
export const BOUNDS: SocketBounds = {
  callsAtOnce: 8,
  queuedCalls: 1_000,
  queuedBytes: 4 * MIB,
  queuedBytesInAll: 64 * MIB,
  waitingForPlace: 200,
  heartbeatMs: 30_000,
  frameMs: 30_000,
  partialBytesInAll: 64 * MIB,
  badFrames: 100,
  resumeMs: 300_000,
  keptFrames: 1_000,
  keptBytes: 4 * MIB,
  keptBytesInAll: 64 * MIB,
  rememberedCalls: 10_000,
};

/** Injection token of {@link SocketBounds}. */
export const SOCKET_BOUNDS = Symbol('SOCKET_BOUNDS');
