import { Injectable } from '@nestjs/common';
import { GatewayException } from '../../../errors/gateway.exception.js';
import { badRequest, notFound } from '../../../errors/gateway-errors.js';
import { SocketMetrics } from '../../../metrics/socket-metrics.js';
import type { Connection } from '../connection.js';
import type { InboundFrame } from '../frames/inbound-frame.js';
import { SessionsElsewhere } from '../shared/sessions-elsewhere.service.js';
import { Greeting } from './greeting.service.js';
import { Sessions, TAKEN_OVER } from './sessions.service.js';
import type { SocketSession } from './socket-session.js';

/** Lets a client go on with the session of a socket that is gone. */
@Injectable()
export class Resumption {
  constructor(
    private readonly sessions: Sessions,
    private readonly elsewhere: SessionsElsewhere,
    private readonly greeting: Greeting,
    private readonly metrics: SocketMetrics,
  ) {}

  /**
   * The session of the token takes the place of the socket's own: all that was said in it after `last_seq` is said now, in its order, and then that
   * this is all. Rejects with a 404 for a token that is nobody's, or another's, or too old.
   */
  async resume(connection: Connection, { correlationId, data }: InboundFrame<'resume'>): Promise<void> {
    const { session: own } = connection;
    if (own.isUsed) throw new GatewayException(409, TOO_LATE);
    const first = JSON.stringify({ type: 'resume', correlation_id: correlationId, data });
    const session = this.sessions.find(data.resume_token, own.caller) ?? (await this.elsewhere.resume(connection, data, first));
    if (session === 'served') return this.leave(own);
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

  private leave(own: SocketSession): void {
    this.sessions.end(own);
    this.metrics.countResume('resumed');
  }

  private take(session: SocketSession, connection: Connection): void {
    const { session: own } = connection;
    const before = session.current;
    connection.session = session;
    session.attach(connection, own.caller);
    this.sessions.noteAttached(session);
    this.sessions.end(own);
    before?.close(...TAKEN_OVER);
  }

  private tell(session: SocketSession, connection: Connection, correlationId: string | undefined, lastSeq: number): void {
    const { log } = session;
    const frames = log.after(lastSeq);
    for (const frame of frames) connection.write(frame);
    const resumed = { missed_frames: log.lastSeq - lastSeq - frames.length, lost_calls: log.lostAfter(lastSeq) };
    this.greeting.say(session, correlationId, { resumed });
  }
}

const TOO_LATE = {
  type: 'conflict',
  message: 'Resume a session before anything else is asked for on the socket: this one has calls or subscriptions of its own.',
  details: { reason: 'session_in_use' },
};
