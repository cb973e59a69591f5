import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync, truncateSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { GATEWAY, GATEWAY_NODE_ARGS } from '../../test/support/built.ts';
import { ROOT } from '../../test/support/processes.ts';

/** A process whose output goes to a file: its log is written for real and costs the bench's own process nothing. */
export interface LoggedProcess {
  readonly pid: number;
  /** Where it listens, without a trailing slash. */
  readonly url: string;
  /** Empties the file, so that a long run does not fill the disk. */
  dropLog(): void;
  /** Sends the signal, SIGTERM unless told, and waits for the end; gives the exit code, or the signal's name. */
  stop(signal?: NodeJS.Signals): Promise<number | string>;
}

export interface LoggedProcessOptions {
  readonly args?: readonly string[];
  readonly nodeArgs?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
}

const START_TIMEOUT_MS = 20_000;
const PROGRAM_START_TIMEOUT_MS = 60_000;
const folder = mkdtempSync(path.join(tmpdir(), 'bench-'));
const running = new Set<ReturnType<typeof spawn>>();
let started = 0;

process.once('exit', () => {
  for (const child of running) child.kill('SIGKILL');
  rmSync(folder, { recursive: true, force: true });
});
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(1));

/** Runs a Node script, which prints a line `{"msg":"listening","url":...}` once it serves; it sees no `.env` and no other settings. */
export async function startLogged(script: string, options: LoggedProcessOptions = {}): Promise<LoggedProcess> {
  const args = [...(options.nodeArgs ?? []), path.resolve(ROOT, script), ...(options.args ?? [])];
  const launched = launch(process.execPath, args, options.env);
  return { ...launched.process, url: await listeningUrl(launched) };
}

/** The built gateway, run as `npm start` runs it, unless another build of it is told. */
export function startLoggedGateway(options: LoggedProcessOptions = {}, script = GATEWAY): Promise<LoggedProcess> {
  return startLogged(script, { ...options, nodeArgs: [...GATEWAY_NODE_ARGS, ...(options.nodeArgs ?? [])] });
}

/** Runs any other program; resolves when something answers at `url`, where it will serve. */
export async function startProgram(command: string, args: readonly string[], url: string): Promise<LoggedProcess> {
  const launched = launch(command, args);
  await answering(url, launched);
  return { ...launched.process, url };
}

interface Launched {
  readonly process: Omit<LoggedProcess, 'url'>;
  readonly log: string;
  hasEnded(): boolean;
}

function launch(command: string, args: readonly string[], env: LoggedProcessOptions['env'] = {}): Launched {
  const log = path.join(folder, `${started++}.log`);
  const output = openSync(log, 'a');
  const { PATH, HOME } = process.env as Record<string, string>;
  const child = spawn(command, args, { cwd: folder, env: { PATH, HOME, ...env }, stdio: ['ignore', output, output] });
  closeSync(output);
  running.add(child);
  const exited = once(child, 'close').then(([code, signal]) => {
    running.delete(child);
    return (signal ?? code) as number | string;
  });
  const stop = (signal: NodeJS.Signals = 'SIGTERM') => {
    if (running.has(child)) child.kill(signal);
    return exited;
  };
  return { process: { pid: child.pid as number, dropLog: () => truncateSync(log), stop }, log, hasEnded: () => !running.has(child) };
}

async function answering(url: string, { log, hasEnded }: Launched): Promise<void> {
  const deadline = Date.now() + PROGRAM_START_TIMEOUT_MS;
  while (!hasEnded() && Date.now() < deadline) {
    const response = await fetch(url).catch(() => undefined);
    if (response) return void (await response.body?.cancel());
    await sleep(50);
  }
  throw new Error(`A program of the bench does not listen at ${url}:\n${readFileSync(log, 'utf8')}`);
}

async function listeningUrl({ log, hasEnded }: Launched): Promise<string> {
  const deadline = Date.now() + START_TIMEOUT_MS;
  while (!hasEnded() && Date.now() < deadline) {
    const line = readFileSync(log, 'utf8')
      .split('\n')
      .slice(0, -1)
      .find((text) => text.includes('"msg":"listening"'));
    if (line) return (JSON.parse(line) as { url: string }).url;
    await sleep(20);
  }
  throw new Error(`A process of the bench does not listen:\n${readFileSync(log, 'utf8')}`);
}
