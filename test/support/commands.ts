import { spawn } from 'node:child_process';
import { once } from 'node:events';

const TIMEOUT_MS = 10 * 60_000;

/** Runs a command to its end, 10 minutes at the most, its output on our stderr; rejects with the command line when it does not exit 0. */
export async function runCommand(command: string, args: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<void> {
  const child = spawn(command, args, { stdio: ['ignore', 2, 2], env: { ...process.env, ...env }, timeout: TIMEOUT_MS });
  const [code, signal] = (await once(child, 'close')) as [number | null, NodeJS.Signals | null];
  if (code !== 0) throw new Error(`\`${[command, ...args].join(' ')}\` ended with ${signal ?? code}.`);
}

/** Whether the command exists and exits 0. */
export async function succeeds(command: string, args: readonly string[]): Promise<boolean> {
  const child = spawn(command, args, { stdio: 'ignore' });
  return once(child, 'close').then(
    ([code]) => code === 0,
    () => false,
  );
}
