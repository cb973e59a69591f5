import { Injectable } from '@nestjs/common';
import type { WebSocket } from 'ws';
import type { Connection } from './connection.js';

/** The open sockets. */
@Injectable()
export class Connections {
  private readonly bySocket = new Map<WebSocket, Connection>();

  /** Undefined for one that has closed. */
  of(socket: WebSocket): Connection | undefined {
    return this.bySocket.get(socket);
  }

  /** Of one whose frame is being done. */
  at(socket: WebSocket): Connection {
    const connection = this.of(socket);
    if (!connection) throw new Error('The socket has closed.');
    return connection;
  }

  get all(): Iterable<Connection> {
    return this.bySocket.values();
  }

  get size(): number {
    return this.bySocket.size;
  }

  add(connection: Connection): void {
    this.bySocket.set(connection.socket, connection);
  }

  remove(socket: WebSocket): void {
    this.bySocket.delete(socket);
  }
}
