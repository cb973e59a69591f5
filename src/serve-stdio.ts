import 'reflect-metadata';
import type { Settings } from './config/settings.js';
import { createApp } from './create-app.js';
import { StdioFace } from './faces/mcp/stdio/stdio-face.service.js';
import { createLogger } from './logging/json-logger.js';
import { onStopSignal } from './stop-signals.js';

/**
 * Serves one client on stdin and stdout until it closes its end, or a signal comes. Nothing but messages goes to stdout: the log goes to
 * stderr. Nothing listens on any port.
 */
export async function serveStdio(settings: Settings): Promise<void> {
  const logger = createLogger(settings.logLevel, { write: (line) => void process.stderr.write(line) });
  const app = await createApp(settings, { logger });
  await app.init();
  const stopped = new Promise<void>((stop) => {
    onStopSignal(() => stop());
    // A client that is gone reads nothing any more.
    process.stdout.on('error', () => stop());
  });
  await Promise.race([app.get(StdioFace, { strict: false }).serve(process.stdin, process.stdout, settings.maxBodyBytes), stopped]);
  await app.close();
  process.exit(0);
}
