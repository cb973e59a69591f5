import { existsSync, statSync } from 'node:fs';
import path from 'node:path';
import type { StdioServerSettings } from '../server-settings.js';

/** Why a program could not be started, in words that say which setting is wrong; the code stays. */
export function startFailure(error: unknown, settings: Pick<StdioServerSettings, 'command' | 'cwd'>): Error {
  const { code } = error as NodeJS.ErrnoException;
  const reason = folderProblem(settings.cwd) ?? programProblem(code, settings);
  return reason === undefined ? (error as Error) : Object.assign(new Error(reason), { code });
}

/** Node tells of it as if the program were missing. */
function folderProblem(cwd: string | undefined): string | undefined {
  if (cwd === undefined) return undefined;
  const found = statSync(cwd, { throwIfNoEntry: false });
  if (!found) return `The working directory (cwd) ${cwd} does not exist (ENOENT).`;
  return found.isDirectory() ? undefined : `The working directory (cwd) ${cwd} is no directory (ENOTDIR).`;
}

function programProblem(
  code: string | undefined,
  { command, cwd = '.' }: Pick<StdioServerSettings, 'command' | 'cwd'>,
): string | undefined {
  if (code === 'EACCES') return `The program ${command} may not be run (EACCES).`;
  if (code !== 'ENOENT') return undefined;
  const isPath = command.includes('/') || command.includes('\\');
  if (isPath && existsSync(path.resolve(cwd, command)))
    return `The program ${command} cannot be run: what its first line names does not exist (ENOENT).`;
  // What follows may be a secret.
  const [program, ...words] = command.trim().split(/\s+/);
  if (words.length > 0)
    return `The program "${program} ..." was not found: command is the program alone, its arguments go into args (ENOENT).`;
  return isPath
    ? `The program ${command} does not exist (ENOENT).`
    : `The program ${command} was not found in PATH: is it installed? (ENOENT)`;
}
