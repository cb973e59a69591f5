import { readdirSync, readFileSync } from 'node:fs';

/** The process ids of the direct children of a process that have this text in their command line and run (Linux). */
export function childrenOf(pid: number, text: string): number[] {
  const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').split(' ').filter(Boolean).map(Number);
  return children.filter((child) => isRunning(child) && commandLine(child).includes(text));
}

/** The process ids of all that have this text in their command line and run (Linux). */
export function runningWith(text: string): number[] {
  const all = readdirSync('/proc').map(Number).filter(Number.isInteger);
  return all.filter((pid) => isRunning(pid) && commandLine(pid).includes(text));
}

/** Whether the process is there and is no zombie that nobody has waited for yet. One whose first thread has ended runs on in the others. */
export function isRunning(pid: number): boolean {
  try {
    const status = readFileSync(`/proc/${pid}/status`, 'utf8');
    return !/^State:\s+[ZX]/m.test(status) || !/^Threads:\s+[01]$/m.test(status);
  } catch {
    return false;
  }
}

/** Empty for a process that has just ended. */
function commandLine(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ');
  } catch {
    return '';
  }
}
