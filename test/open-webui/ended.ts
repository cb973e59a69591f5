import type { RunningProcess } from '../support/processes.ts';

const STOP_TIMEOUT_MS = 15_000;

/** Ends a process of ours by SIGTERM; rejects when it had to be killed or did not exit 0. */
export async function ended(name: string, running: RunningProcess): Promise<void> {
  const lastResort = setTimeout(() => void running.stop('SIGKILL'), STOP_TIMEOUT_MS);
  const end = await running.stop();
  clearTimeout(lastResort);
  if (end !== 0) throw new Error(`The ${name} ended with ${end} on SIGTERM:\n${running.stderr.slice(-20).join('\n')}`);
}
