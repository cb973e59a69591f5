import { Inject, Injectable } from '@nestjs/common';
import { SETTINGS, type Settings } from '../../../config/settings.js';
import { GatewayException } from '../../../errors/gateway.exception.js';
import { badRequest, notFound } from '../../../errors/gateway-errors.js';
import { SocketMetrics } from '../../../metrics/socket-metrics.js';
import { SOCKET_BOUNDS, type SocketBounds } from '../bounds.js';
import type { Connection } from '../connection.js';
import type { InboundFrame } from '../frames/inbound-frame.js';
import { Sessions } from './sessions.service.js';
import type { SocketSession } from './socket-session.js';

/** Policy violation (RFC 6455 7.4.1): what is said on this socket is heard on another one. */
const TAKEN_OVER = 1008;

/** Lets a client go on with the session of a socket that is gone. */
@Injectable()
export class Resumption {
  constructor(
    private readonly sessions: Sessions,
    private readonly metrics: SocketMetrics,
    @Inject(SOCKET_BOUNDS) private readonly bounds: SocketBounds,
    @Inject(SETTINGS) private readonly settings: Pick<Settings, 'maxBodyBytes'>,
  ) {}

  /** The first frame of a socket. */
  greet(session: SocketSession): void {
    session.send('connection_established', undefined, JSON.stringify(this.welcome(session)));
  }

  /**
   * The session of the token takes the place of the socket's own: all that was said in it after `last_seq` is said now, in its order, and then that
   * this is all. Throws a 404 for a token that is nobody's, or another's, or too old.
   */
  resume(connection: Connection, { correlationId, data }: InboundFrame<'resume'>): void {
    const own = connection.session;
    if (own.isUsed) throw new GatewayException(409, TOO_LATE);
    const session = this.sessions.find(data.resume_token, own.caller);
    if (!session || session === own) {
      this.metrics.countResume('refused');
      throw notFound('There is no session with this resume_token: it may have been too long ago. Go on with the one that this socket has.');
    }
    if (data.last_seq > session.log.lastSeq)
      throw badRequest('validation_error', `last_seq: the last frame of this session was ${session.log.lastSeq}.`);
    this.take(session, connection);
    this.tell(session, connection, correlationId, data.last_seq);
    this.metrics.countResume('resumed');
  }

  private take(session: SocketSession, connection: Connection): void {
    const { session: own } = connection;
    const before = session.current;
    connection.session = session;
    session.attach(connection, own.caller);
    this.sessions.noteAttached(session);
    this.sessions.end(own);
    before?.close(TAKEN_OVER, 'the session goes on with another socket');
  }

  private tell(session: SocketSession, connection: Connection, correlationId: string | undefined, lastSeq: number): void {
    const { log } = session;
    const frames = log.after(lastSeq);
    for (const frame of frames) connection.write(frame);
    const missed = { missed_frames: log.lastSeq - lastSeq - frames.length, lost_calls: log.lostAfter(lastSeq) };
    session.send('connection_established', correlationId, JSON.stringify({ ...this.welcome(session), resumed: missed }));
  }

  private welcome({ id, token }: SocketSession): object {
    const { callsAtOnce, queuedCalls, queuedBytes, resumeMs, heartbeatMs } = this.bounds;
    return {
      session_id: id,
      resume_token: token,
      limits: {
        calls_at_once: callsAtOnce,
        queued_calls: queuedCalls,
        queued_bytes: queuedBytes,
        frame_bytes: this.settings.maxBodyBytes,
        resume_seconds: resumeMs / 1000,
        heartbeat_seconds: heartbeatMs / 1000,
      },
    };
  }
}

const TOO_LATE = {
  type: 'conflict',
  message: 'Resume a session before anything else is asked for on the socket: this one has calls or subscriptions of its own.',
  details: { reason: 'session_in_use' },
};
