import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { GATEWAY } from './built.ts';
import { ROOT } from './processes.ts';

export interface EndedRun {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs the built gateway with a command line or settings that end it. Blocks until then. */
export function runGateway(args: readonly string[], env: Readonly<Record<string, string>> = {}, cwd = ROOT, timeout = 20_000): EndedRun {
  const { PATH, HOME } = process.env as Record<string, string>;
  const main = path.join(ROOT, GATEWAY);
  const options = { cwd, env: { PATH, HOME, ...env }, encoding: 'utf8', timeout } as const;
  const { status, stdout, stderr } = spawnSync(process.execPath, [main, ...args], options);
  return { status, stdout, stderr };
}
