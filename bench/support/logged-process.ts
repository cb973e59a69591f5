import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync, truncateSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
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
  const log = path.join(folder, `${started++}.log`);
  const output = openSync(log, 'a');
  const { PATH, HOME } = process.env as Record<string, string>;
  const child = spawn(process.execPath, [...(options.nodeArgs ?? []), path.resolve(ROOT, script), ...(options.args ?? [])], {
    cwd: folder,
    env: { PATH, HOME, ...options.env },
    stdio: ['ignore', output, output],
  });
  closeSync(output);
  running.add(child);
  const exited = once(child, 'close').then(([code, signal]) => {
    running.delete(child);
    return (signal ?? code) as number | string;
  });
  const url = await listeningUrl(log, () => !running.has(child));
  return {
    pid: child.pid as number,
    url,
    dropLog: () => truncateSync(log),
    stop: (signal = 'SIGTERM') => {
      if (running.has(child)) child.kill(signal);
      return exited;
    },
  };
}

async function listeningUrl(log: string, hasEnded: () => boolean): Promise<string> {
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
