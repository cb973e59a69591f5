import { UseFilters } from '@nestjs/common';
import {
  ConnectedSocket,
  MessageBody,
  type OnGatewayConnection,
  type OnGatewayDisconnect,
  type OnGatewayInit,
  SubscribeMessage,
  WebSocketGateway,
} from '@nestjs/websockets';
import type { WebSocket, WebSocketServer } from 'ws';
import { Connections } from './connections.service.js';
import { FramePipe } from './frames/frame.pipe.js';
import { FrameFailureFilter } from './frames/frame-failure.filter.js';
import type { InboundFrame } from './frames/inbound-frame.js';
import { SessionRequests } from './session/session-requests.service.js';
import { RelayedSockets } from './shared/relayed-sockets.service.js';
import { SocketFace } from './socket-face.service.js';
import { SOCKET_PATH } from './socket-path.js';
import type { UpgradeRequest } from './upgrade/upgrade-request.js';

/** `WS /v1/ws`: docs/websocket.md has a table of its frames. */
@WebSocketGateway({ path: SOCKET_PATH })
@UseFilters(FrameFailureFilter)
export class SocketGateway implements OnGatewayInit, OnGatewayConnection, OnGatewayDisconnect {
  constructor(
    private readonly face: SocketFace,
    private readonly connections: Connections,
    private readonly requests: SessionRequests,
    private readonly relayed: RelayedSockets,
  ) {}

  afterInit(server: WebSocketServer): void {
    this.relayed.serveOn(server);
  }

  handleConnection(socket: WebSocket, request: UpgradeRequest): void {
    this.face.opened(socket, request);
  }

  handleDisconnect(socket: WebSocket): void {
    this.face.closed(socket);
  }

  @SubscribeMessage('tool_call')
  toolCall(@ConnectedSocket() socket: WebSocket, @MessageBody(FramePipe) frame: InboundFrame<'tool_call'>): void {
    this.requests.calls.take(this.connections.at(socket).session, frame);
  }

  @SubscribeMessage('cancel')
  cancel(@ConnectedSocket() socket: WebSocket, @MessageBody(FramePipe) frame: InboundFrame<'cancel'>): void {
    this.requests.calls.cancel(this.connections.at(socket).session, frame.correlationId as string);
  }

  @SubscribeMessage('elicitation_response')
  elicitationResponse(@ConnectedSocket() socket: WebSocket, @MessageBody(FramePipe) frame: InboundFrame<'elicitation_response'>): void {
    this.requests.calls.answer(this.connections.at(socket).session, frame);
  }

  @SubscribeMessage('list_tools')
  listTools(@ConnectedSocket() socket: WebSocket, @MessageBody(FramePipe) frame: InboundFrame<'list_tools'>): Promise<void> {
    return this.requests.tools.list(this.connections.at(socket).session, frame);
  }

  @SubscribeMessage('subscribe')
  subscribe(@ConnectedSocket() socket: WebSocket, @MessageBody(FramePipe) frame: InboundFrame<'subscribe'>): void {
    this.requests.announcements.subscribe(this.connections.at(socket).session, frame);
  }

  @SubscribeMessage('ping')
  ping(@ConnectedSocket() socket: WebSocket, @MessageBody(FramePipe) { correlationId }: InboundFrame<'ping'>): void {
    this.connections.at(socket).session.send('pong', correlationId, '{}');
  }

  @SubscribeMessage('resume')
  resume(@ConnectedSocket() socket: WebSocket, @MessageBody(FramePipe) frame: InboundFrame<'resume'>): Promise<void> {
    return this.requests.resumption.resume(this.connections.at(socket), frame);
  }
}
