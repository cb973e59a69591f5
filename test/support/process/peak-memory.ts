import { readFileSync, writeFileSync } from 'node:fs';

/** The most memory that a process ever held, in MB of 2^20 bytes (Linux). */
export function peakMb(pid: number): number {
  return Number(/^VmHWM:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) / 1024;
}

/** By how many MB the most that it holds meanwhile is above what it holds now. */
export async function addedMb(pid: number, work: () => Promise<unknown>): Promise<number> {
  // Has the peak begin anew with what is held now.
  writeFileSync(`/proc/${pid}/clear_refs`, '5');
  const before = peakMb(pid);
  await work();
  return peakMb(pid) - before;
}
