import { hash } from 'node:crypto';
import { Inject, Injectable } from '@nestjs/common';
import { SETTINGS, type Settings } from '../../../config/settings.js';
import type { Caller } from '../../../correlation/caller.js';
import { byClient } from '../../../throttler/by-client.js';
import { SOCKET_BOUNDS, type SocketBounds } from '../bounds.js';
import { type LeftBehind, SharedSessions } from '../shared/shared-sessions.service.js';
import { CallMemory } from './call-memory.js';
import { FrameLog, KeptFrames } from './kept-frames.js';
import { principalName } from '../../../correlation/principal.js';
import { newIdentity, type SessionIdentity, SocketSession } from './socket-session.js';

/** Policy violation (RFC 6455 7.4.1): what is said on this socket is heard on another one. */
export const TAKEN_OVER = [1008, 'the session goes on with another socket'] as const;

/** All sessions, those too whose socket is gone and whose clients may come back. */
@Injectable()
export class Sessions {
  /** By the digest of the token. */
  private readonly byToken = new Map<string, SocketSession>();
  /** Those without a socket, the first that lost it first. */
  private readonly detached = new Map<SocketSession, NodeJS.Timeout>();
  private readonly kept: KeptFrames;
  private readonly remembered = { count: 0 };

  constructor(
    private readonly shared: SharedSessions,
    @Inject(SOCKET_BOUNDS) private readonly bounds: SocketBounds,
    @Inject(SETTINGS) private readonly settings: Pick<Settings, 'maxSockets'>,
  ) {
    this.kept = new KeptFrames(bounds);
    shared.on('taken', (session) => this.giveUp(session));
  }

  get all(): Iterable<SocketSession> {
    return this.byToken.values();
  }

  open(caller: Caller): SocketSession {
    return this.make(newIdentity(), caller);
  }

  /** One that another replica has left, under its own name and token, and whose client has heard as much as `lastSeq`. */
  adopt(identity: SessionIdentity, caller: Caller, { frames, calls }: LeftBehind, lastSeq: number): SocketSession {
    const session = this.make(identity, caller);
    // What is there already is not written again.
    this.use(session);
    for (const frame of frames) session.log.keep(frame);
    session.log.skipTo(lastSeq);
    for (const [id, digest] of calls) session.memory.noteKnown(id, digest);
    return session;
  }

  /** Something is asked for in a session: from now on it is worth coming back to. */
  use(session: SocketSession): void {
    session.isUsed = true;
    this.shared.begin(session);
  }

  /** The session of this token, for the principal that it belongs to; undefined for everybody else, whatever is wrong. */
  find(token: string, { principal }: Caller): SocketSession | undefined {
    const session = this.byToken.get(digestOf(token));
    return session && session.principalName === principalName(principal) ? session : undefined;
  }

  private make(identity: SessionIdentity, caller: Caller): SocketSession {
    const memory = new CallMemory(this.bounds, this.remembered);
    const session = new SocketSession(identity, caller, new FrameLog(this.kept, this.bounds), memory);
    this.byToken.set(digestOf(session.token), session);
    return session;
  }

  /** A session has a socket again. */
  noteAttached(session: SocketSession): void {
    clearTimeout(this.detached.get(session));
    this.detached.delete(session);
  }

  /** A session's socket is gone: it is kept for a while. Where as many are kept as there may be sockets, who has most gives up the first. */
  keep(session: SocketSession): void {
    session.detach();
    if (session.isOver) return;
    // What its client said last may not have come: it comes back to say it again, also where nothing was asked for yet.
    this.shared.begin(session);
    this.detached.set(session, setTimeout(() => this.end(session), this.bounds.resumeMs).unref());
    if (this.detached.size > this.settings.maxSockets) this.end(this.firstOfWhoHasMost());
  }

  end(session: SocketSession): void {
    this.remove(session);
    this.shared.end(session);
  }

  /** Another replica may go on with it. Resolves when those know, or cannot be told. */
  release(session: SocketSession): Promise<void> {
    this.remove(session);
    return this.shared.release(session);
  }

  /** Another replica has gone on with it. */
  private giveUp(session: SocketSession): void {
    const { current } = session;
    this.remove(session);
    current?.close(...TAKEN_OVER);
  }

  private remove(session: SocketSession): void {
    this.noteAttached(session);
    this.byToken.delete(digestOf(session.token));
    session.close();
  }

  private firstOfWhoHasMost(): SocketSession {
    return byClient(this.detached.keys())[0]?.[0] as SocketSession;
  }
}

function digestOf(token: string): string {
  return hash('sha256', token, 'base64url');
}
