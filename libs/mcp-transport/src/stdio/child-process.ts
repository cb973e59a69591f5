import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { once } from 'node:events';
import type { Readable, Writable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import type { StdioServerSettings } from '../server-settings.js';
import { startFailure } from './start-failure.js';

/** How long a child may take to end by itself before it is told to, and then before it is made to: less than two seconds together. */
const END_GRACE_MS = 700;
/** How long the pipes of a child that has ended may hold its last words. */
const LAST_WORDS_MS = 500;

/** A server's process with its three pipes. */
export type Child = ChildProcessByStdio<Writable, Readable, Readable>;

/** Not ended by {@link endChild} yet: the process takes them with it, however it ends. */
const living = new Set<Child>();

const startedEarly = new WeakMap<StdioServerSettings, Promise<Child>>();

/** Starts a server ahead of the first {@link startChild} with the same settings, which takes it over. */
export function startChildEarly(settings: StdioServerSettings): void {
  const started = spawned(settings);
  // Whoever takes it over learns of a failure.
  started.catch(() => undefined);
  startedEarly.set(settings, started);
}

/** The server's process: a direct child of the gateway. Rejects when it cannot be started. */
export async function startChild(settings: StdioServerSettings): Promise<Child> {
  const early = startedEarly.get(settings);
  startedEarly.delete(settings);
  if (!early) return spawned(settings);
  const child = await early;
  if (!hasEnded(child)) return child;
  // Its end has been reported to nobody.
  await endChild(child);
  return spawned(settings);
}

/**
 * Without a shell: arguments are never commands. The child leads a process group of its own, so that it ends as a whole, and a
 * Ctrl-C at the gateway's terminal does not reach it first.
 */
async function spawned(settings: StdioServerSettings): Promise<Child> {
  try {
    const child = spawnChild(settings);
    await once(child, 'spawn');
    return child;
  } catch (error) {
    throw startFailure(error, settings);
  }
}

function spawnChild(settings: StdioServerSettings): Child {
  const child = spawn(settings.command, [...settings.args], {
    cwd: settings.cwd,
    env: settings.env,
    stdio: ['pipe', 'pipe', 'pipe'],
    detached: true,
    windowsHide: true,
  });
  // A child that ends while it is written to is told by its exit, not by a write error.
  child.stdin.on('error', () => undefined);
  child.once('exit', () => setTimeout(closePipes, LAST_WORDS_MS, child).unref());
  if (child.pid !== undefined) remember(child);
  return child;
}

/** Ends a child and all its descendants: closes stdin (MCP basic/lifecycle "Shutdown"), then SIGTERM, then SIGKILL. */
export async function endChild(child: Child): Promise<void> {
  child.stdin.end();
  if (!(await endsWithin(child, END_GRACE_MS))) {
    signalGroup(child, 'SIGTERM');
    if (!(await endsWithin(child, END_GRACE_MS))) signalGroup(child, 'SIGKILL');
  }
  // The child may be gone and have left children of its own.
  signalGroup(child, 'SIGKILL');
  forget(child);
}

/** How a process ended, as Node's `exit` and `close` tell it. */
export function endToText(code: number | null, signal: NodeJS.Signals | null): string {
  return signal === null ? `The process ended with exit code ${code}.` : `The process was ended by ${signal}.`;
}

function remember(child: Child): void {
  if (living.size === 0) process.on('exit', killLiving);
  living.add(child);
}

function forget(child: Child): void {
  living.delete(child);
  if (living.size === 0) process.off('exit', killLiving);
}

function killLiving(): void {
  for (const child of living) signalGroup(child, 'SIGKILL');
}

/** A descendant that inherited the pipes would hold them open, and nobody would learn that the server has ended. */
function closePipes(child: Child): void {
  child.stdout.destroy();
  child.stderr.destroy();
}

async function endsWithin(child: Child, ms: number): Promise<boolean> {
  if (hasEnded(child)) return true;
  const waiting = new AbortController();
  await Promise.race([once(child, 'exit', { signal: waiting.signal }), sleep(ms, undefined, { signal: waiting.signal })]).finally(() =>
    waiting.abort(),
  );
  return hasEnded(child);
}

function hasEnded(child: Child): boolean {
  return child.exitCode !== null || child.signalCode !== null;
}

function signalGroup(child: Child, signal: NodeJS.Signals): void {
  try {
    process.kill(-(child.pid as number), signal);
  } catch {
    // No process of the group is left: that is what was wanted.
  }
}
