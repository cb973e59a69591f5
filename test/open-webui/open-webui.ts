import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { until } from '../support/until.ts';
import type { Cleanup } from './cleanup.ts';
import { freePort } from '../support/network/free-port.ts';
import { openWebUiEnvironment, type ToolServer } from './open-webui-environment.ts';

const START_TIMEOUT_MS = 240_000;
const STOP_TIMEOUT_MS = 10_000;
const START_ATTEMPTS = 3;

export interface OpenWebUi {
  readonly url: string;
  /** The last lines that it logged. */
  logTail(): string;
}

export interface OpenWebUiOptions {
  /** What `installOpenWebUi` gave. */
  readonly command: string;
  /** An empty folder for its database, its home and its log. */
  readonly folder: string;
  readonly modelUrl: string;
  readonly toolServers: readonly ToolServer[];
  /** As the environment has it. */
  readonly signsUsers?: boolean;
  readonly more?: Readonly<Record<string, string>>;
}

/**
 * The real Open WebUI on 127.0.0.1, once it answers; `cleanup` ends it. It needs a port number, so another one is tried when someone
 * else was faster.
 */
export async function startOpenWebUi(cleanup: Cleanup, options: OpenWebUiOptions): Promise<OpenWebUi> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await startOn(await freePort(), cleanup, options);
    } catch (error) {
      if (attempt === START_ATTEMPTS || !String(error).includes('address already in use')) throw error;
    }
  }
}

async function startOn(port: number, cleanup: Cleanup, options: OpenWebUiOptions): Promise<OpenWebUi> {
  const logFile = path.join(options.folder, 'open-webui.log');
  const logTail = () => readFileSync(logFile, 'utf8').split('\n').slice(-40).join('\n');
  const child = await spawnServer(port, options, logFile);
  cleanup.add(() => stop(child)); // at once: the start takes long, and a person may interrupt it
  const url = `http://127.0.0.1:${port}`;
  const look = () => {
    if (hasEnded(child)) throw new Error(`Open WebUI ended with ${child.signalCode ?? child.exitCode}:\n${logTail()}`);
    return isHealthy(url);
  };
  await until('Open WebUI to answer', look, START_TIMEOUT_MS);
  return { url, logTail };
}

async function spawnServer(port: number, options: OpenWebUiOptions, logFile: string): Promise<ChildProcess> {
  const dataFolder = path.join(options.folder, 'data');
  await mkdir(dataFolder, { recursive: true });
  const log = openSync(logFile, 'w');
  const child = spawn(options.command, ['serve', '--host', '127.0.0.1', '--port', String(port)], {
    cwd: options.folder,
    env: openWebUiEnvironment({ ...options, dataFolder }),
    stdio: ['ignore', log, log],
    detached: true, // a process group of its own, so that `stop` ends its children too
  });
  closeSync(log);
  await once(child, 'spawn');
  return child;
}

async function isHealthy(url: string): Promise<boolean> {
  const response = await fetch(`${url}/health`).catch(() => undefined);
  return response?.ok === true;
}

function hasEnded(child: ChildProcess): boolean {
  return child.exitCode !== null || child.signalCode !== null;
}

async function stop(child: ChildProcess): Promise<void> {
  if (hasEnded(child)) return;
  const ended = once(child, 'exit');
  signalGroup(child, 'SIGTERM');
  const lastResort = setTimeout(() => signalGroup(child, 'SIGKILL'), STOP_TIMEOUT_MS);
  await ended;
  clearTimeout(lastResort);
}

function signalGroup(child: ChildProcess, signal: NodeJS.Signals): void {
  process.kill(-(child.pid as number), signal);
}
