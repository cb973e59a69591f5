import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import path from 'node:path';
import { AMPLE_LIMITS } from './ample-limits.ts';
import { GATEWAY, GATEWAY_NODE_ARGS, PLANNER } from './built.ts';

/** The repository's folder: jest and the npm scripts run there. */
export const ROOT = process.cwd();

export interface RunningProcess {
  readonly pid: number;
  /** Where it listens, without a trailing slash. */
  readonly url: string;
  /** Every line of stdout since its start. */
  readonly stdout: string[];
  /** Every line of stderr since its start. */
  readonly stderr: string[];
  /** Resolves with the exit code, or the signal's name. */
  readonly exited: Promise<number | string>;
  /** Sends the signal (SIGTERM unless told), waits for the end, gives `exited`. Harmless when it has ended. */
  stop(signal?: NodeJS.Signals): Promise<number | string>;
}

export interface StartOptions {
  readonly args?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
  readonly nodeArgs?: readonly string[];
}

/** The built gateway on a port that the OS gives, with limits that no test meets unless it sets them; its log is `stdout`, a JSON object a line. */
export function startGateway(options: StartOptions = {}): Promise<RunningProcess> {
  const nodeArgs = [...GATEWAY_NODE_ARGS, ...(options.nodeArgs ?? [])];
  return startNode(GATEWAY, { ...options, nodeArgs, env: { PORT: '0', ...AMPLE_LIMITS, ...options.env } });
}

/** The built planner over streamable HTTP on a port that the OS gives; its MCP endpoint is `${url}/mcp`. */
export function startPlanner(options: StartOptions = {}): Promise<RunningProcess> {
  return startNode(PLANNER, {
    ...options,
    args: ['--http', ...(options.args ?? [])],
    env: { PLANNER_PORT: '0', ...options.env },
  });
}

/** A Node script that prints a line `{"msg":"listening","url":...}` on stdout once it serves. */
export async function startNode(script: string, options: StartOptions = {}): Promise<RunningProcess> {
  const { PATH, HOME } = process.env as Record<string, string>;
  const child = spawn(process.execPath, [...(options.nodeArgs ?? []), path.resolve(ROOT, script), ...(options.args ?? [])], {
    cwd: options.cwd ?? ROOT,
    env: { PATH, HOME, ...options.env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const stdout: string[] = [];
  const stderr: string[] = [];
  createInterface({ input: child.stderr }).on('line', (line) => stderr.push(line));
  const exited = once(child, 'close').then(([code, signal]) => (signal ?? code) as number | string);
  const listening = new Promise<string>((resolve) => {
    createInterface({ input: child.stdout }).on('line', (line) => {
      stdout.push(line);
      const url = listeningUrl(line);
      if (url) resolve(url);
    });
  });
  const url = await Promise.race([listening, exited.then((end) => Promise.reject(new Error(endedEarly(script, end, stderr))))]);
  return { pid: child.pid as number, url, stdout, stderr, exited, stop: (signal = 'SIGTERM') => stop(child, exited, signal) };
}

function listeningUrl(line: string): string | undefined {
  if (!line.includes('"msg":"listening"')) return undefined;
  return (JSON.parse(line) as { url: string }).url;
}

function endedEarly(script: string, end: number | string, stderr: readonly string[]): string {
  return `${script} ended with ${end} before it listened:\n${stderr.join('\n')}`;
}

function stop(child: ChildProcess, exited: Promise<number | string>, signal: NodeJS.Signals): Promise<number | string> {
  if (child.exitCode === null && child.signalCode === null) child.kill(signal);
  return exited;
}
