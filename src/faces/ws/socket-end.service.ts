import { Injectable } from '@nestjs/common';
import type { Connection } from './connection.js';
import { Connections } from './connections.service.js';
import { CallRunner } from './session/call-runner.service.js';
import { Sessions } from './session/sessions.service.js';
import { SessionCalls } from './session/session-calls.service.js';
import { Entrance } from './upgrade/entrance.service.js';

/** Going away (RFC 6455 7.4.1): its client may come back to another replica. */
export const GOING_AWAY = 1001;
export const STOPPING = 'the gateway is stopping';

/** The gateway's end, as sockets see it. */
@Injectable()
export class SocketEnd {
  private readonly leaving = new WeakSet<Connection>();

  constructor(
    private readonly entrance: Entrance,
    private readonly runner: CallRunner,
    private readonly calls: SessionCalls,
    private readonly connections: Connections,
    private readonly sessions: Sessions,
  ) {}

  /** No socket is opened any more, and no call begun: those in flight end. Harmless when repeated. */
  begin(): void {
    this.entrance.close();
    this.runner.stop();
  }

  /** Closes sockets on which nothing is waited for. */
  closeIdle(): void {
    for (const connection of this.connections.all) {
      if (this.calls.sizeOf(connection.session) > 0 || this.leaving.has(connection)) continue;
      this.leaving.add(connection);
      void this.close(connection);
    }
  }

  /** Its client comes back at once: other replicas know by then that they may have its session. */
  private async close(connection: Connection): Promise<void> {
    await this.sessions.release(connection.session);
    connection.close(GOING_AWAY, STOPPING);
  }
}
