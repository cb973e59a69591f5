import { mkdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { runCommand, succeeds } from '../commands.ts';
import { installDebianPackages } from './debian.ts';

const HAS_PYTHON_3_11 = ['-c', 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))'];

/** Installs packages of PyPI into `.cache/NAME` unless they are there already; gives the folder of their commands. */
export async function installPythonPackages(name: string, pins: readonly string[]): Promise<string> {
  const folder = path.resolve('.cache', name);
  const venv = path.join(folder, 'venv');
  const stampFile = path.join(folder, 'installed');
  // Its scripts name their folder, so a moved one is installed again.
  const stamp = [folder, ...pins].join('\n');
  if ((await readFile(stampFile, 'utf8').catch(() => '')) !== stamp) {
    await mkdir(folder, { recursive: true });
    await makeVenv(venv, name);
    console.error(`Installing ${pins.join(', ')} ...`);
    const args = ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', ...pins];
    await runCommand(`${venv}/bin/python`, args).catch((cause: unknown) => {
      throw new Error(`${name} could not be installed: PyPI is needed, once.`, { cause });
    });
    await writeFile(stampFile, stamp);
  }
  return `${venv}/bin`;
}

async function makeVenv(venv: string, name: string): Promise<void> {
  const needs = `${name} needs Python 3.11 or newer as \`python3\`, with its venv module.`;
  if (!(await succeeds('python3', HAS_PYTHON_3_11))) await installDebianPackages(['python3', 'python3-venv'], needs);
  if (!(await succeeds('python3', HAS_PYTHON_3_11))) throw new Error(needs);
  await runCommand('python3', ['-m', 'venv', '--clear', venv]);
}
