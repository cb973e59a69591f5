import type { Server } from 'node:http';
import net from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { Server as TlsServer } from 'node:tls';
import { Logger } from '@nestjs/common';
import type { NestExpressApplication } from '@nestjs/platform-express';
import { ListenStreams } from './faces/mcp/http/listen-stream.service.js';
import { SocketEnd } from './faces/ws/socket-end.service.js';
import { TlsHandshakes } from './http/connections/tls-handshakes.js';
import { ShutdownState } from './health/shutdown-state.js';
import { UnreadAnswers } from './http/connections/unread-answers.js';
import { onStopSignal } from './stop-signals.js';
import { onUnforeseenError } from './unforeseen-errors.js';
import { logWritten } from './logging/stdout-log.js';
import { Tracing } from './tracing/tracing.service.js';
import { CallSlots } from './throttler/call-slots.js';
import { ChatPlaces } from './throttler/chat-places.js';

const SWEEP_MS = 100;
/** So long the rest is waited for once no call is in flight: a request that has not come whole by then may never do. */
const LAST_REQUESTS_MS = 1_000;
/** Longest that completions which are cut have to say so. */
const LAST_WORDS_MS = 300;
/** Longest that the end waits for servers and Redis to take their leave; children that are still there end with the process. */
const CLOSE_MS = 1_600;
/** Longest that the end waits for whoever reads the log. */
const LAST_LINES_MS = 1_000;

/** What the end waits for, and what it does not. */
interface Work {
  readonly server: Server;
  readonly calls: CallSlots;
  readonly chats: ChatPlaces;
  readonly unread: UnreadAnswers;
  readonly sockets: SocketEnd;
  /** Undefined without TLS. */
  readonly handshakes: TlsHandshakes | undefined;
}

/**
 * On SIGTERM or SIGINT: takes no new connections, lets calls and completions in flight finish, for `drainMs` at the most, then closes everything and exits
 * 0. A second signal ends it at once. On an error that nobody caught it does the same, and exits 1. To be called before the first connection.
 */
export function endGracefully(app: NestExpressApplication, drainMs: number): void {
  const server = app.getHttpServer() as Server;
  const calls = app.get(CallSlots, { strict: false });
  const work: Work = {
    server,
    calls,
    chats: app.get(ChatPlaces, { strict: false }),
    unread: app.get(UnreadAnswers, { strict: false }),
    sockets: app.get(SocketEnd, { strict: false }),
    handshakes: server instanceof TlsServer ? new TlsHandshakes(server) : undefined,
  };
  let hasSignal = false;
  let ending: Promise<void> | undefined;
  const end = (why: object) => (ending ??= finish(app, work, why, drainMs).catch(() => process.exit(1)));
  onStopSignal((signal) => {
    if (hasSignal) process.exit(1);
    hasSignal = true;
    void end({ signal });
  });
  onUnforeseenError(calls, () => {
    process.exitCode = 1;
    void end({ reason: 'unforeseen error' });
  });
}

/** Exits with `process.exitCode`, which may be set meanwhile, else with 0. */
async function finish(app: NestExpressApplication, work: Work, why: object, drainMs: number): Promise<void> {
  const logger = new Logger('gateway');
  logger.log({ msg: 'stopping', ...why, ...inFlight(work) });
  app.get(ListenStreams, { strict: false }).endAll();
  app.get(ShutdownState).begin();
  await drained(work, drainMs);
  if (work.calls.inFlight + work.chats.inFlight > 0) logger.warn({ msg: 'calls are cut: DRAIN_TIMEOUT is over', ...inFlight(work) });
  await lastWords(work.chats);
  work.server.closeAllConnections();
  // Whoever takes spans has no part in how long servers have for their leave.
  const closed = Promise.all([app.close(), app.get(Tracing).end()]).then(() => false);
  const isLate = await Promise.race([closed, sleep(CLOSE_MS, true)]);
  if (isLate) logger.warn({ msg: 'something did not let go, and is left' });
  logger.log({ msg: 'stopped' });
  await logWritten(LAST_LINES_MS);
  process.exit();
}

/** Whoever is still given an answer is told why it ends. */
async function lastWords(chats: ChatPlaces): Promise<void> {
  chats.cutAll();
  const start = performance.now();
  while (chats.inFlight > 0 && performance.now() - start < LAST_WORDS_MS) await sleep(LAST_WORDS_MS / 20);
}

function inFlight({ calls, chats }: Work): object {
  return { calls_in_flight: calls.inFlight, ...(chats.inFlight > 0 && { chats_in_flight: chats.inFlight }) };
}

/**
 * Resolves when the last connection is closed, or nothing more is to be waited for. One that has become idle is closed at once: keep-alive would hold it open. To Node that is
 * also one whose answer has been written and not been read yet: while there are such none is closed.
 */
async function drained({ server, calls, chats, unread, sockets, handshakes }: Work, longestMs: number): Promise<void> {
  let isClosed = false;
  // The server's own close would close connections, too.
  net.Server.prototype.close.call(server, () => (isClosed = true));
  sockets.begin();
  // Else a caller who asks again and again on one connection would keep it.
  server.prependListener('request', (_, response) => (response.shouldKeepAlive = false));
  const start = performance.now();
  let lastCallAt = start;
  for (let now = start; !isClosed && now - start < longestMs && now - lastCallAt < LAST_REQUESTS_MS; now = performance.now()) {
    if (calls.inFlight + chats.inFlight > 0 || unread.areThere) lastCallAt = now;
    if (!unread.areThere) server.closeIdleConnections();
    sockets.closeIdle();
    handshakes?.cut();
    await sleep(SWEEP_MS);
  }
}
