import { readFileSync } from 'node:fs';
import { cpuUs, ticksPerSecond } from './process-usage.ts';

/** CPU time of the whole machine since its start, in microseconds: what was spent at work, and all of it, idle time included (Linux). */
function machineUs(): { readonly busy: number; readonly all: number } {
  const line = readFileSync('/proc/stat', 'utf8').split('\n', 1)[0] as string;
  const ticks = line.trim().split(/\s+/).slice(1, 9).map(Number);
  const [user = 0, nice = 0, system = 0, , , , , steal = 0] = ticks;
  const toUs = (count: number) => (count / ticksPerSecond) * 1e6;
  return { busy: toUs(user + nice + system + steal), all: toUs(ticks.reduce((sum, count) => sum + count, 0)) };
}

/** CPU time of this process, of its children that have ended, and of those that run. */
function ownUs(running: readonly number[]): number {
  return running.reduce((sum, pid) => sum + cpuUs(pid), cpuUs(process.pid, true));
}

/**
 * From now on: which share of the machine's CPU goes to others than this process, its children that end meanwhile and those that run.
 * What a virtual machine does not get of its host (steal) counts.
 */
export function watchOthers(running: readonly number[]): () => number {
  const machine = machineUs();
  const own = ownUs(running);
  return () => {
    const now = machineUs();
    return Math.max(0, (now.busy - machine.busy - (ownUs(running) - own)) / (now.all - machine.all));
  };
}

/** What the host has taken of the CPU that it took most of, in milliseconds since the machine's start (Linux). */
export function stolenMs(): number {
  const cpus = readFileSync('/proc/stat', 'utf8').match(/^cpu\d.*$/gm) ?? [];
  return Math.max(...cpus.map((line) => (Number(line.split(/\s+/)[8]) / ticksPerSecond) * 1e3));
}
