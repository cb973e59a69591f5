import { readFileSync, writeFileSync } from 'node:fs';

/** The most memory that a process ever held, in MB of 2^20 bytes (Linux). */
export function peakMb(pid: number): number {
  return Number(/^VmHWM:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) / 1024;
}

/** Has the peak begin anew with what is held now. */
export function forgetPeak(pid: number): void {
  writeFileSync(`/proc/${pid}/clear_refs`, '5');
}
