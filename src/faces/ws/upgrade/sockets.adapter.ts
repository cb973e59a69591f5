import type { IncomingMessage, Server } from 'node:http';
import type { Duplex } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import type { NestExpressApplication } from '@nestjs/platform-express';
import { WsAdapter } from '@nestjs/platform-ws';
import type { MessageMappingProperties } from '@nestjs/websockets';
import { WebSocket, type ServerOptions, type WebSocketServer } from 'ws';
import type { Settings } from '../../../config/settings.js';
import type { FrameHandler } from '../connection.js';
import { Connections } from '../connections.service.js';
import { Entrance } from './entrance.service.js';
import { GOING_AWAY, SocketEnd, STOPPING } from '../socket-end.service.js';
import { SOCKET_PATH } from '../socket-path.js';
import { SUBPROTOCOL } from './subprotocols.js';
import type { UpgradeRequest } from './upgrade-request.js';

/** Longest that the end waits for clients to say goodbye, too. */
const GOODBYE_MS = 2_000;
/** A message may come in as many frames of the protocol. */
const MAX_FRAGMENTS = 1_024;
/** And in so many pieces from the network: one of 1 MiB comes in about a thousand. */
const MAX_PIECES = 16_384;

/**
 * Nest's adapter for `ws`, with what it leaves open: who may open a socket is asked before, how much a frame may hold is bounded, every frame
 * is answered, and a socket is told when it is closed and why.
 */
export class SocketsAdapter extends WsAdapter {
  private readonly entrance: Entrance;
  private readonly connections: Connections;
  private readonly end: SocketEnd;
  private upgrade: (request: IncomingMessage, connection: Duplex, head: Buffer) => void = () => undefined;

  constructor(
    app: NestExpressApplication,
    private readonly settings: Settings,
  ) {
    super(app);
    this.entrance = app.get(Entrance, { strict: false });
    this.connections = app.get(Connections, { strict: false });
    this.end = app.get(SocketEnd, { strict: false });
  }

  /** Whether a request asks for a socket of ours. */
  isUpgrade = ({ method, url = '', headers }: IncomingMessage): boolean => {
    if (method !== 'GET' || headers.upgrade?.toLowerCase() !== 'websocket') return false;
    return url.split('?', 1)[0] === this.settings.pathPrefix + SOCKET_PATH;
  };

  override create(port: number, options: { readonly path?: string } = {}): WebSocketServer {
    const { maxBodyBytes } = this.settings;
    const sockets: ServerOptions & { maxFragments: number; maxBufferedChunks: number } = {
      ...options,
      maxPayload: maxBodyBytes,
      perMessageDeflate: false,
      // One socket's frames come in turn with the others'.
      allowSynchronousEvents: false,
      maxFragments: MAX_FRAGMENTS,
      maxBufferedChunks: MAX_PIECES,
      handleProtocols: () => SUBPROTOCOL,
      WebSocket: saysWhy(`a frame may hold ${maxBodyBytes} bytes`),
    };
    const server = super.create(port, sockets) as WebSocketServer;
    server.on('wsClientError', (error, connection, request) => this.entrance.refuseMalformed(request, connection, error.message));
    server.on('headers', (headers, request) => void headers.push(`X-Correlation-Id: ${(request as UpgradeRequest).context.correlationId}`));
    this.upgrade = (request, connection, head) =>
      server.handleUpgrade(request, connection, head, (socket) => {
        this.entrance.noteOpened();
        server.emit('connection', socket, request);
      });
    return server;
  }

  /** What goes wrong on a socket closes it, and how it was closed is told then. */
  override bindErrorHandler(server: WebSocketServer): WebSocketServer {
    server.on('connection', (socket) => socket.on('error', () => undefined));
    return server;
  }

  /** Handlers get the whole frame, one frame after another; see {@link Connections}. */
  override bindMessageHandlers(socket: WebSocket, handlers: MessageMappingProperties[]): void {
    const byType = new Map(handlers.map(({ message, callback }) => [message as string, callback as FrameHandler]));
    this.connections.of(socket)?.serve(byType);
  }

  /** Says goodbye to all, and waits for theirs, but not for long. */
  override async close(server: WebSocketServer): Promise<void> {
    this.end.begin();
    for (const socket of server.clients) socket.close(GOING_AWAY, STOPPING);
    const end = performance.now() + GOODBYE_MS;
    while (server.clients.size > 0 && performance.now() < end) await sleep(20);
    await super.close(server);
  }

  protected override ensureHttpServerExists(port: number, httpServer?: Server): Server | undefined {
    if (!httpServer || this.httpServersRegistry.has(port)) return undefined;
    this.httpServersRegistry.set(port, httpServer);
    httpServer.on('upgrade', (request: IncomingMessage, connection: Duplex, head: Buffer) => void this.enter(request, connection, head));
    return httpServer;
  }

  private async enter(request: IncomingMessage, connection: Duplex, head: Buffer): Promise<void> {
    // Only before Node 22.21, which asks for all upgrades or for none.
    if (!this.isUpgrade(request)) return void connection.end('HTTP/1.1 400 Bad Request\r\nConnection: close\r\nContent-Length: 0\r\n\r\n');
    if (await this.entrance.admits(request, connection)) this.upgrade(request, connection, head);
  }
}

/** A socket that says why it closes where `ws` only gives the number. */
function saysWhy(tooLarge: string): typeof WebSocket {
  return class extends WebSocket {
    override close(code?: number, reason?: string | Buffer): void {
      super.close(code, reason ?? (code === 1009 ? tooLarge : undefined));
    }
  };
}
