import 'reflect-metadata';
import type { Writable } from 'node:stream';
import { finished } from 'node:stream/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { Logger } from '@nestjs/common';
import type { Settings } from './config/settings.js';
import { createApp } from './create-app.js';
import { StdioFace } from './faces/mcp/stdio/stdio-face.service.js';
import { createLogger } from './logging/json-logger.js';
import { logWritten, stderrLog } from './logging/stdout-log.js';
import { ownStdout } from './own-stdout.js';
import { onStopSignal } from './stop-signals.js';
import { tellSource } from './tell-source.js';
import { CallSlots } from './throttler/call-slots.js';
import { onUnforeseenError } from './unforeseen-errors.js';

/** Longest that the end waits for servers and Redis to take their leave; children that are still there end with the process. */
const CLOSE_MS = 1_600;
const SWEEP_MS = 50;
/** Longest that it waits for whoever reads the last messages and the log. */
const LAST_LINES_MS = 1_000;

/**
 * Serves one client on stdin and stdout until it closes its end, or a signal comes, at which calls in flight finish, for
 * DRAIN_TIMEOUT at the most; a second one ends it at once. Nothing but messages goes to stdout: the log goes to
 * stderr. Nothing listens on any port.
 */
export async function serveStdio(settings: Settings): Promise<void> {
  const output = ownStdout();
  const app = await createApp(settings, { logger: createLogger(settings.logLevel, stderrLog()) });
  await app.init();
  tellSource(settings);
  const face = app.get(StdioFace, { strict: false });
  const calls = app.get(CallSlots, { strict: false });
  const isBusy = (): boolean => face.isAnswering || calls.inFlight > 0;
  const exitCode = await new Promise<number>((end) => {
    onStopSignal((signal) => {
      onStopSignal(() => process.exit(1));
      new Logger('gateway').log({ msg: 'stopping', signal, calls_in_flight: calls.inFlight });
      face.stop();
      void drained(isBusy, output, settings).then(() => end(0));
    });
    onUnforeseenError(calls, () => end(1));
    // A client that is gone reads nothing any more.
    output.on('error', () => end(0));
    process.stdout.on('error', () => end(0));
    const served = face.serve(process.stdin, output, settings.maxBodyBytes);
    // A stdin that cannot be read has come to its end.
    void served.catch(() => undefined).then(() => end(0));
  });
  onStopSignal(() => process.exit(exitCode));
  await Promise.race([app.close(), sleep(CLOSE_MS)]);
  await Promise.race([finished(output.end()).catch(() => undefined), sleep(LAST_LINES_MS)]);
  await logWritten(LAST_LINES_MS);
  process.exit(exitCode);
}

/** Resolves when nothing is left to be answered and its client has read all, or after DRAIN_TIMEOUT; and when nothing has been read for WRITE_TIMEOUT. */
async function drained(
  isBusy: () => boolean,
  output: Writable,
  settings: Pick<Settings, 'drainTimeoutMs' | 'writeTimeoutMs'>,
): Promise<void> {
  const start = performance.now();
  let unread = output.writableLength;
  let readAt = start;
  for (let now = start; now - start < settings.drainTimeoutMs; now = performance.now()) {
    if (isBusy() || output.writableLength !== unread) readAt = now;
    unread = output.writableLength;
    if (!isBusy() && (unread === 0 || now - readAt > settings.writeTimeoutMs)) return;
    await sleep(SWEEP_MS);
  }
}
