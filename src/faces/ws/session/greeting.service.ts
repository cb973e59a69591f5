import { Inject, Injectable } from '@nestjs/common';
import { SETTINGS, type Settings } from '../../../config/settings.js';
import { SOCKET_BOUNDS, type SocketBounds } from '../bounds.js';
import type { SocketSession } from './socket-session.js';

/** Tells a client which session it has. */
@Injectable()
export class Greeting {
  constructor(
    @Inject(SOCKET_BOUNDS) private readonly bounds: SocketBounds,
    @Inject(SETTINGS) private readonly settings: Pick<Settings, 'maxBodyBytes'>,
  ) {}

  /** `more`: of a session that is gone on with. */
  say(session: SocketSession, correlationId?: string, more: object = {}): void {
    session.send('connection_established', correlationId, JSON.stringify({ ...this.welcome(session), ...more }));
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
