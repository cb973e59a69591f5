import { mkdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { runCommand, succeeds } from '../../test/support/commands.ts';
import { installDebianPackages } from '../../test/support/debian.ts';

/** mcpo's newest release; it does not start with what a fresh installation takes of these two. */
const PINS = ['mcpo==0.0.20', 'mcp<2', 'fastapi<0.116'];
const FOLDER = path.resolve('.cache/mcpo');
const HAS_PYTHON_3_11 = ['-c', 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))'];
const NEEDS_PYTHON = 'This bench needs Python 3.11 or newer as `python3`, with its venv module.';

/** Installs mcpo into `.cache/mcpo` unless it is there already; gives the path of its command. */
export async function installMcpo(): Promise<string> {
  const venv = path.join(FOLDER, 'venv');
  const stampFile = path.join(FOLDER, 'installed');
  // Its scripts name their folder, so a moved one is installed again.
  const stamp = [FOLDER, ...PINS].join('\n');
  if ((await readFile(stampFile, 'utf8').catch(() => '')) !== stamp) {
    await mkdir(FOLDER, { recursive: true });
    await makeVenv(venv);
    console.error(`Installing ${PINS.join(', ')} ...`);
    const args = ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', ...PINS];
    await runCommand(`${venv}/bin/python`, args).catch((cause: unknown) => {
      throw new Error('mcpo could not be installed: this bench needs PyPI, once.', { cause });
    });
    await writeFile(stampFile, stamp);
  }
  return `${venv}/bin/mcpo`;
}

async function makeVenv(venv: string): Promise<void> {
  if (!(await succeeds('python3', HAS_PYTHON_3_11))) await installDebianPackages(['python3', 'python3-venv'], NEEDS_PYTHON);
  if (!(await succeeds('python3', HAS_PYTHON_3_11))) throw new Error(NEEDS_PYTHON);
  await runCommand('python3', ['-m', 'venv', '--clear', venv]);
}
