import { Injectable } from '@nestjs/common';
import type { WebSocket } from 'ws';
import type { Caller } from '../../correlation/caller.js';
import { Connection } from './connection.js';
import { ConnectionTools } from './connection-tools.service.js';
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
    private readonly tools: ConnectionTools,
  ) {}

  opened(socket: WebSocket, request: UpgradeRequest): void {
    const caller = callerOf(request);
    const session = this.sessions.open(caller);
    const connection = new Connection(socket, request, session, this.tools);
    session.attach(connection, caller);
    this.connections.add(connection);
    this.tools.metrics.showOpen(this.connections.size);
    this.watch.begin();
    this.greeting.say(session);
  }

  /** A session whose client has not said goodbye is kept: it may come back. */
  closed(socket: WebSocket): void {
    const connection = this.connections.of(socket);
    if (!connection) return;
    const { session, context, framesIn, framesOut, closeCode: code } = connection;
    this.connections.remove(socket);
    this.tools.metrics.showOpen(this.connections.size);
    this.tools.records.close(context, 'socket', { face: FACE, code, frames_in: framesIn, frames_out: framesOut });
    // Another socket may have taken it over.
    if (session.current !== connection) return;
    if (code === NORMAL) this.sessions.end(session);
    else this.sessions.keep(session);
  }
}

function callerOf({ context, headers }: UpgradeRequest): Caller {
  return { principal: context.principal, address: context.clientAddress, headers };
}
