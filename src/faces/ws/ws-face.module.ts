import { Module } from '@nestjs/common';
import { AuthModule } from '../../auth/auth.module.js';
import { CallModule } from '../../call/call.module.js';
import { DiscoveryModule } from '../../discovery/discovery.module.js';
import { ViewModule } from '../../view/view.module.js';
import { BOUNDS, SOCKET_BOUNDS } from './bounds.js';
import { ConnectionTools } from './connection-tools.service.js';
import { Connections } from './connections.service.js';
import { FrameFailureFilter } from './frames/frame-failure.filter.js';
import { FramePipe } from './frames/frame.pipe.js';
import { Announcements } from './session/announcements.service.js';
import { CallRunner } from './session/call-runner.service.js';
import { Greeting } from './session/greeting.service.js';
import { Resumption } from './session/resumption.service.js';
import { SessionCalls } from './session/session-calls.service.js';
import { SessionRequests } from './session/session-requests.service.js';
import { SessionTools } from './session/session-tools.service.js';
import { Sessions } from './session/sessions.service.js';
import { RelayedSockets } from './shared/relayed-sockets.service.js';
import { SocketRelays } from './shared/socket-relays.service.js';
import { SessionsElsewhere } from './shared/sessions-elsewhere.service.js';
import { SharedSessions } from './shared/shared-sessions.service.js';
import { SocketController } from './socket.controller.js';
import { SocketEnd } from './socket-end.service.js';
import { SocketFace } from './socket-face.service.js';
import { SocketGateway } from './socket.gateway.js';
import { SocketWatch } from './socket-watch.service.js';
import { Entrance } from './upgrade/entrance.service.js';

/** Tool calls over WebSockets: who may open one (upgrade/), what is said on it (frames/), and what outlives it (session/). */
@Module({
  imports: [AuthModule, CallModule, DiscoveryModule, ViewModule],
  controllers: [SocketController],
  providers: [
    { provide: SOCKET_BOUNDS, useFactory: () => ({ ...BOUNDS }) },
    SocketGateway,
    Entrance,
    SocketFace,
    SocketEnd,
    SocketWatch,
    Connections,
    ConnectionTools,
    FramePipe,
    FrameFailureFilter,
    Sessions,
    SessionRequests,
    SessionCalls,
    CallRunner,
    SessionTools,
    Announcements,
    Resumption,
    Greeting,
    SharedSessions,
    SessionsElsewhere,
    SocketRelays,
    RelayedSockets,
  ],
})
export class WsFaceModule {}
