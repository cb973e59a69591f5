import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { runCommand, succeeds } from '../support/commands.ts';
import { installDebianPackages } from '../support/installed/debian.ts';

const FOLDER = path.resolve('.cache/integrators');
const FROM_PYPI = ['openapi-spec-validator==0.9.0', 'openapi-python-client==0.29.1', 'schemathesis==4.32.5', 'openai==3.57.0'];
const FROM_NPM = [
  '@redocly/cli@2.77.0',
  'openapi-typescript@7.13.0',
  'openapi-fetch@0.17.0',
  'typescript@5.9.3',
  '@types/node@24.10.1',
  '@modelcontextprotocol/inspector@2.12.0',
];
const HAS_PYTHON = ['-c', 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))'];
const NEEDS_PYTHON = 'The tools of integrators need Python 3.11 or newer as `python3`, with its venv module.';

/** Where the tools are. */
export interface Tools {
  /** Programs of Python. */
  readonly python: string;
  /** Programs of npm. */
  readonly npm: string;
  /** A folder beside the packages of npm, for programs that import them. */
  readonly scripts: string;
}

/** Installs the pinned tools into `.cache/integrators` unless they are there already. Rejects with what is missing, the network first of all. */
export async function installTools(): Promise<Tools> {
  const venv = path.join(FOLDER, 'venv');
  const scripts = path.join(FOLDER, 'npm');
  const stampFile = path.join(FOLDER, 'installed');
  // The scripts of a venv name their folder, so a moved one is installed again.
  const stamp = [FOLDER, ...FROM_PYPI, ...FROM_NPM].join('\n');
  if ((await readFile(stampFile, 'utf8').catch(() => '')) !== stamp) {
    console.error(`Installing ${[...FROM_PYPI, ...FROM_NPM].join(', ')} ...`);
    await rm(FOLDER, { recursive: true, force: true });
    await mkdir(scripts, { recursive: true });
    await makeVenv(venv);
    await fetched('PyPI', `${venv}/bin/python`, ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', ...FROM_PYPI]);
    await writeFile(path.join(scripts, 'package.json'), '{"private":true,"type":"module"}');
    await fetched('the registry of npm', 'npm', ['install', '--silent', '--no-audit', '--no-fund', '--prefix', scripts, ...FROM_NPM]);
    await writeFile(stampFile, stamp);
  }
  return { python: `${venv}/bin`, npm: `${scripts}/node_modules/.bin`, scripts };
}

async function makeVenv(venv: string): Promise<void> {
  if (!(await succeeds('python3', HAS_PYTHON))) await installDebianPackages(['python3', 'python3-venv'], NEEDS_PYTHON);
  if (!(await succeeds('python3', HAS_PYTHON))) throw new Error(NEEDS_PYTHON);
  await runCommand('python3', ['-m', 'venv', '--clear', venv]);
}

async function fetched(from: string, command: string, args: readonly string[]): Promise<void> {
  await runCommand(command, args).catch((cause: unknown) => {
    throw new Error(`The tools of integrators could not be installed: they are fetched from ${from}, once. Is there a network?`, { cause });
  });
}
