import type { Server } from 'node:http';
import type { Logger } from 'pino';

/** Open connections, idle ones included: each costs memory and a file descriptor before it says who it is. */
export const MAX_OPEN_CONNECTIONS = 16_384;

/** A flood is told of, not each connection of it. */
const TELL_EVERY_MS = 60_000;

/** Closes connections beyond so many at once, unanswered: Node tells of them when they are closed already. The log says so. */
export function limitConnections(server: Server, logger: Logger, limit = MAX_OPEN_CONNECTIONS): void {
  server.maxConnections = limit;
  let toldAt = -Infinity;
  server.on('drop', () => {
    const now = performance.now();
    if (now - toldAt < TELL_EVERY_MS) return;
    toldAt = now;
    logger.warn({ msg: 'new connections are closed: too many are open', limit });
  });
}
