import { readFileSync } from 'node:fs';

/** The most memory that a process ever held, in MB of 2^20 bytes (Linux). */
export function peakMb(pid: number): number {
  return Number(/^VmHWM:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) / 1024;
}
