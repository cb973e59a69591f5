import { Inject, Injectable } from '@nestjs/common';
import type { WebSocket } from 'ws';
import { CallRecords } from '../../call/call-records.service.js';
import type { Caller } from '../../correlation/caller.js';
import { SecurityEvents } from '../../metrics/security-events.js';
import { SocketMetrics } from '../../metrics/socket-metrics.js';
import { ReplicaMail } from '../../redis/replica-mail.service.js';
import { SOCKET_BOUNDS, type SocketBounds } from './bounds.js';
import { Connection } from './connection.js';
import { Connections } from './connections.service.js';
import { FACE } from './session/call-runner.service.js';
import { Greeting } from './session/greeting.service.js';
import { Sessions } from './session/sessions.service.js';
import { SocketWatch } from './socket-watch.service.js';
import type { UpgradeRequest } from './upgrade/upgrade-request.js';

/** Closed by a client who wants nothing more (RFC 6455 7.4.1). */
const NORMAL = 1000;

/** Sockets as they come and go, each with a session. */
@Injectable()
export class SocketFace {
  constructor(
    private readonly connections: Connections,
    private readonly sessions: Sessions,
    private readonly greeting: Greeting,
    private readonly watch: SocketWatch,
    private readonly mail: ReplicaMail,
    private readonly records: CallRecords,
    private readonly metrics: SocketMetrics,
    private readonly events: SecurityEvents,
    @Inject(SOCKET_BOUNDS) private readonly bounds: SocketBounds,
  ) {}

  opened(socket: WebSocket, request: UpgradeRequest): void {
    const { bounds, metrics, events } = this;
    const caller = callerOf(request);
    const session = this.sessions.open(caller);
    const connection = new Connection(socket, request, session, { bounds, metrics, events });
    session.attach(connection, caller);
    this.connections.add(connection);
    this.metrics.showOpen(this.connections.size);
    this.watch.begin();
    this.mail.read();
    this.greeting.say(session);
  }

  /** A session whose client has not said goodbye is kept: it may come back. */
  closed(socket: WebSocket): void {
    const connection = this.connections.of(socket);
    if (!connection) return;
    const { session, context, framesIn, framesOut, closeCode: code } = connection;
    this.connections.remove(socket);
    this.metrics.showOpen(this.connections.size);
    this.records.close(context, 'socket', { face: FACE, code, frames_in: framesIn, frames_out: framesOut });
    // Another socket may have taken it over.
    if (session.current !== connection) return;
    if (code === NORMAL) this.sessions.end(session);
    else this.sessions.keep(session);
  }
}

function callerOf({ context, headers }: UpgradeRequest): Caller {
  return { principal: context.principal, address: context.clientAddress, headers };
}
