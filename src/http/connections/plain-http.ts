import type { Server } from 'node:http';
import type { Socket } from 'node:net';
import type { Logger } from 'pino';

/** A client that tries again and again is told of once in a while. */
const TELL_EVERY_MS = 60_000;

/** Says in the log that somebody speaks plain HTTP to the port of HTTPS: they see a connection that ends without a word. */
export function tellPlainHttp(server: Server, logger: Logger): void {
  let toldAt = -Infinity;
  server.on('tlsClientError', ({ code }: NodeJS.ErrnoException, socket: Socket) => {
    const now = performance.now();
    if (code !== 'ERR_SSL_HTTP_REQUEST' || now - toldAt < TELL_EVERY_MS) return;
    toldAt = now;
    logger.warn({ msg: 'plain HTTP came to the HTTPS port', client: socket.remoteAddress, hint: 'say https:// where it comes from' });
  });
}
