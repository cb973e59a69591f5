import 'reflect-metadata';
import { finished } from 'node:stream/promises';
import { setTimeout as sleep } from 'node:timers/promises';
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
/** Longest that it waits for whoever reads the last messages and the log. */
const LAST_LINES_MS = 1_000;

/**
 * Serves one client on stdin and stdout until it closes its end, or a signal comes. Nothing but messages goes to stdout: the log goes to
 * stderr. Nothing listens on any port.
 */
export async function serveStdio(settings: Settings): Promise<void> {
  const output = ownStdout();
  const app = await createApp(settings, { logger: createLogger(settings.logLevel, stderrLog()) });
  await app.init();
  tellSource(settings);
  const exitCode = await new Promise<number>((end) => {
    onStopSignal(() => end(0));
    onUnforeseenError(app.get(CallSlots, { strict: false }), () => end(1));
    // A client that is gone reads nothing any more.
    output.on('error', () => end(0));
    process.stdout.on('error', () => end(0));
    const served = app.get(StdioFace, { strict: false }).serve(process.stdin, output, settings.maxBodyBytes);
    // A stdin that cannot be read has come to its end.
    void served.catch(() => undefined).then(() => end(0));
  });
  onStopSignal(() => process.exit(exitCode));
  await Promise.race([app.close(), sleep(CLOSE_MS)]);
  await Promise.race([finished(output.end()).catch(() => undefined), sleep(LAST_LINES_MS)]);
  await logWritten(LAST_LINES_MS);
  process.exit(exitCode);
}
