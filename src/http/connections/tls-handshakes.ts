import type { Socket } from 'node:net';
import type { Server } from 'node:tls';

/** The connections of a TLS server whose handshake is under way. They are none of HTTP's yet: whoever closes those leaves these open. */
export class TlsHandshakes {
  private readonly sockets = new Map<string, Socket>();

  constructor(server: Server) {
    server.on('connection', (socket: Socket) => {
      const peer = peerOf(socket);
      this.sockets.set(peer, socket);
      socket.once('close', () => this.forget(peer, socket));
    });
    // Another object than that of the connection, which does not lead to it.
    server.on('secureConnection', (socket: Socket) => this.sockets.delete(peerOf(socket)));
  }

  /** Cuts all of them. */
  cut(): void {
    for (const socket of this.sockets.values()) socket.destroy();
  }

  private forget(peer: string, socket: Socket): void {
    if (this.sockets.get(peer) === socket) this.sockets.delete(peer);
  }
}

function peerOf({ remoteAddress, remotePort }: Socket): string {
  return `${remoteAddress} ${remotePort}`;
}
