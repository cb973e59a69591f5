import type { Server } from 'node:http';
import net from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { Server as TlsServer } from 'node:tls';
import { Logger } from '@nestjs/common';
import type { NestExpressApplication } from '@nestjs/platform-express';
import { SocketEnd } from './faces/ws/socket-end.service.js';
import { TlsHandshakes } from './http/tls-handshakes.js';
import { ShutdownState } from './health/shutdown-state.js';
import { UnreadAnswers } from './http/unread-answers.js';
import { onStopSignal } from './stop-signals.js';
import { logWritten } from './logging/stdout-log.js';
import { CallSlots } from './throttler/call-slots.js';

const SWEEP_MS = 100;
/** So long the rest is waited for while no call is in flight: a request that has not come whole by then may never do. */
const LAST_REQUESTS_MS = 5_000;
/** Longest that the end waits for whoever reads the log. */
const LAST_LINES_MS = 1_000;

/** What the end waits for, and what it does not. */
interface Work {
  readonly server: Server;
  readonly calls: CallSlots;
  readonly unread: UnreadAnswers;
  readonly sockets: SocketEnd;
  /** Undefined without TLS. */
  readonly handshakes: TlsHandshakes | undefined;
}

/**
 * On SIGTERM or SIGINT: takes no new connections, lets calls in flight finish (each ends within `longestCallMs`), then closes
 * everything and exits 0. A second signal ends it at once. To be called before the first connection.
 */
export function stopOnSignal(app: NestExpressApplication, longestCallMs: number): void {
  const server = app.getHttpServer() as Server;
  const work: Work = {
    server,
    calls: app.get(CallSlots, { strict: false }),
    unread: app.get(UnreadAnswers, { strict: false }),
    sockets: app.get(SocketEnd, { strict: false }),
    handshakes: server instanceof TlsServer ? new TlsHandshakes(server) : undefined,
  };
  let isStopping = false;
  const stop = (signal: NodeJS.Signals) => {
    if (isStopping) process.exit(1);
    isStopping = true;
    void finish(app, work, signal, longestCallMs);
  };
  onStopSignal(stop);
}

async function finish(app: NestExpressApplication, work: Work, signal: NodeJS.Signals, longestCallMs: number): Promise<void> {
  const logger = new Logger('gateway');
  logger.log({ msg: 'stopping', signal });
  app.get(ShutdownState).begin();
  await drained(work, longestCallMs);
  await app.close();
  logger.log({ msg: 'stopped' });
  await logWritten(LAST_LINES_MS);
  process.exit(0);
}

/**
 * Resolves when the last connection is closed. One that has become idle is closed at once: keep-alive would hold it open. To Node that is
 * also one whose answer has been written and not been read yet: while there are such none is closed.
 */
async function drained({ server, calls, unread, sockets, handshakes }: Work, longestMs: number): Promise<void> {
  let isClosed = false;
  // The server's own close would close connections, too.
  net.Server.prototype.close.call(server, () => (isClosed = true));
  sockets.begin();
  const start = performance.now();
  const waits = (ms: number) => ms < longestMs && (ms < LAST_REQUESTS_MS || calls.inFlight > 0 || unread.areThere);
  while (!isClosed && waits(performance.now() - start)) {
    if (!unread.areThere) server.closeIdleConnections();
    sockets.closeIdle();
    handshakes?.cut();
    await sleep(SWEEP_MS);
  }
  server.closeAllConnections();
}
