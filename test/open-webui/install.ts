import { createHash } from 'node:crypto';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { runCommand, succeeds } from '../support/commands.ts';
import { installDebianPackages } from '../support/installed/debian.ts';

const FOLDER = path.resolve('.cache/open-webui');
const REQUIREMENTS = path.resolve('test/open-webui/requirements.txt');
const PYTHON_VERSION = '3.11';
const UV_VERSION = '0.13.9';

/** Installs the pinned Open WebUI into `.cache/open-webui` unless it is there already; gives the path of its command. */
export async function installOpenWebUi(): Promise<string> {
  const venv = path.join(FOLDER, 'venv');
  const stampFile = path.join(FOLDER, 'installed');
  const stamp = await digestOfPins();
  if ((await readFile(stampFile, 'utf8').catch(() => '')) !== stamp) {
    console.error('Installing Open WebUI ...');
    await mkdir(FOLDER, { recursive: true });
    const uv = await installUv();
    await runCommand(uv, ['venv', '--quiet', '--clear', '--python', PYTHON_VERSION, venv]);
    await runCommand(uv, ['pip', 'install', '--quiet', '--no-deps', '--python', `${venv}/bin/python`, '--requirement', REQUIREMENTS]);
    await writeFile(stampFile, stamp);
  }
  return `${venv}/bin/open-webui`;
}

/** Of all that the installation depends on; its scripts name their folder, so a moved one is installed again. */
async function digestOfPins(): Promise<string> {
  const pins = await readFile(REQUIREMENTS);
  return createHash('sha256').update(pins).update(PYTHON_VERSION).update(UV_VERSION).update(FOLDER).digest('hex');
}

/** A uv of our own: the machine's Python stays as it is. */
async function installUv(): Promise<string> {
  const venv = path.join(FOLDER, 'uv');
  await rm(venv, { recursive: true, force: true });
  if (!(await makeVenv(venv))) {
    await installDebianPackages(['python3', 'python3-venv'], 'The Open WebUI tests need python3 with its venv module.');
    if (!(await makeVenv(venv))) throw new Error('`python3 -m venv` fails; the Open WebUI tests need it.');
  }
  await runCommand(`${venv}/bin/python`, ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', `uv==${UV_VERSION}`]);
  return `${venv}/bin/uv`;
}

function makeVenv(folder: string): Promise<boolean> {
  return succeeds('python3', ['-m', 'venv', '--clear', folder]);
}
