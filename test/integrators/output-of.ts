import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';

const TIMEOUT_MS = 5 * 60_000;

/** How a command ended, and all that it said. */
export interface Output {
  readonly code: number | null;
  readonly text: string;
  readonly stdout: string;
}

/** Runs a command to its end, 5 minutes at the most. */
export async function outputOf(
  command: string,
  args: readonly string[],
  cwd: string,
  env: Readonly<Record<string, string>> = {},
): Promise<Output> {
  const child = spawn(command, args, { cwd, env: { ...process.env, ...env }, stdio: ['ignore', 'pipe', 'pipe'], timeout: TIMEOUT_MS });
  const [stdout, stderr, [code]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'close')]);
  return { code: code as number | null, text: `${stdout}\n${stderr}`, stdout };
}

/** The same, for one that must exit with 0; rejects with what it said. */
export async function succeedingOutputOf(...command: Parameters<typeof outputOf>): Promise<string> {
  const { code, text: said, stdout } = await outputOf(...command);
  if (code !== 0) throw new Error(`\`${[command[0], ...command[1]].join(' ')}\` ended with ${code}:\n${said.slice(-4_000)}`);
  return stdout;
}
