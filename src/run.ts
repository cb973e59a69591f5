import { availableParallelism } from 'node:os';
import { namesAsTyped } from './cli/names-as-typed.js';
import { parseCommandLine } from './cli/parse-command-line.js';
import { FileProblem, readFileNow } from './config/files/read-file.js';
import { readSettings, SettingsError } from './config/read-settings.js';
import type { Settings } from './config/settings.js';
import { startChildEarly } from '../libs/mcp-transport/src/stdio/child-process.js';
import { mappedStack } from './logging/mapped-stacks.js';
import { proveTls } from './http/connections/prove-tls.js';
import { onStopSignal } from './stop-signals.js';

/** More would take the CPU from the gateway's own start, and its port would open late. */
const MAX_EARLY_CHILDREN = Math.max(1, availableParallelism() - 1);

/** The gateway as a program: reads its settings, serves, and ends on a signal. Bad settings end it with exit code 1, a line each on stderr. */
export async function run(): Promise<void> {
  const args = process.argv.slice(2);
  try {
    const command = parseCommandLine(args);
    if (command.kind === 'print') return void process.stdout.write(command.text);
    const settings = readSettings(process.env, dotenvText(command.dotenvFile), command.commandLine);
    if (command.kind === 'authorize') return await authorize(settings, command.server);
    await (command.kind === 'check' ? check(settings) : start(settings, command.kind));
  } catch (error) {
    process.stderr.write(`${messageOf(error).split('\n').map(namesAsTyped(args)).join('\n')}\n`);
    process.exitCode = 1;
    if (!(error instanceof SettingsError)) process.exit();
  }
}

/** Everything else is loaded while the servers that the gateway runs set themselves up: half of its start is loading. */
async function start(settings: Settings, kind: 'serve' | 'stdio'): Promise<void> {
  onStopSignal(() => process.exit(0));
  if (settings.tls) await proveTls(settings.tls);
  // What is read a moment later is the newest already.
  process.on('SIGHUP', () => undefined);
  const children = settings.upstreams.filter((upstream) => upstream.kind === 'stdio');
  for (const upstream of children.slice(0, MAX_EARLY_CHILDREN)) startChildEarly(upstream);
  if (kind === 'stdio') return (await import('./serve-stdio.js')).serveStdio(settings);
  const { serve } = await import('./serve.js');
  await serve(settings);
}

async function check(settings: Settings): Promise<void> {
  const { checkServers } = await import('./cli/check-servers.js');
  const { text, isGood } = await checkServers(settings);
  process.stdout.write(text);
  process.exitCode = isGood ? 0 : 1;
}

async function authorize(settings: Settings, server: string): Promise<void> {
  const { authorizeServer } = await import('./cli/authorize-server.js');
  process.exit((await authorizeServer(settings, server)) ? 0 : 1);
}

/** The text of the file that --env-path names, else of .env if there is one. */
function dotenvText(given: string | undefined): string {
  const file = given ?? '.env';
  try {
    return readFileNow(file);
  } catch (error) {
    if (!(error instanceof FileProblem)) throw error;
    if (error.code === 'ENOENT' && given === undefined) return '';
    throw new SettingsError([`${file}: ${error.message}`]);
  }
}

/** A busy port and the like are the operator's to mend: one sentence, no stack. */
function messageOf(error: unknown): string {
  const { code, message } = error as NodeJS.ErrnoException;
  if (code === 'EADDRINUSE') return 'PORT: something listens on this port already; set PORT or stop it';
  if (code === 'EACCES') return 'PORT: this port needs more rights; set PORT to 1024 or more';
  if (code === 'EADDRNOTAVAIL' || code === 'ENOTFOUND' || code === 'EAI_AGAIN') return 'HOST: this machine has no such address';
  return error instanceof SettingsError ? message : mappedStack((error as Error).stack ?? message);
}
