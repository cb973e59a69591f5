import 'reflect-metadata';
import { readFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { Logger } from '@nestjs/common';
import { banner } from './banner.js';
import { parseCommandLine } from './cli.js';
import { readSettings, SettingsError } from './config/read-settings.js';
import type { Settings } from './config/settings.js';
import { createApp } from './create-app.js';
import { stopOnSignal } from './graceful-shutdown.js';

/** The gateway as a program: reads its settings, serves, and ends on a signal. Bad settings end it with exit code 1, a line each on stderr. */
export async function run(): Promise<void> {
  try {
    const command = parseCommandLine(process.argv.slice(2));
    if ('print' in command) return void process.stdout.write(command.print);
    await serve(readSettings({ ...process.env, ...command.environment }, dotenvText()));
  } catch (error) {
    process.stderr.write(`${messageOf(error)}\n`);
    process.exitCode = 1;
    if (!(error instanceof SettingsError)) process.exit();
  }
}

async function serve(settings: Settings): Promise<void> {
  const app = await createApp(settings);
  stopOnSignal(app, settings.maxCallDurationMs);
  await app.listen(settings.port, settings.host);
  const { address, port, family } = app.getHttpServer().address() as AddressInfo;
  const url = `http://${family === 'IPv6' ? `[${address}]` : address}:${port}`;
  new Logger('gateway').log({ msg: 'listening', url });
  for (const name of settings.withoutEffect) new Logger('gateway').warn({ msg: 'this setting has no effect yet', setting: name });
  process.stderr.write(banner(url, settings));
}

function dotenvText(): string {
  try {
    return readFileSync('.env', 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return '';
    throw new SettingsError([`.env: cannot be read (${(error as NodeJS.ErrnoException).code})`]);
  }
}

/** A busy port and the like are the operator's to mend: one sentence, no stack. */
function messageOf(error: unknown): string {
  const { code, message } = error as NodeJS.ErrnoException;
  if (code === 'EADDRINUSE') return 'PORT: something listens on this port already; set PORT or stop it';
  if (code === 'EACCES') return 'PORT: this port needs more rights; set PORT to 1024 or more';
  if (code === 'EADDRNOTAVAIL' || code === 'ENOTFOUND' || code === 'EAI_AGAIN') return 'HOST: this machine has no such address';
  return error instanceof SettingsError ? message : ((error as Error).stack ?? message);
}
