import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { ToolPayload } from '../support/schemas/open-webui-reader.ts';
import { installOpenWebUi } from './install.ts';
import { openWebUiEnvironment } from './open-webui-environment.ts';

const TIMEOUT_MS = 240_000;
const MAX_OUTPUT_BYTES = 256 * 1024 * 1024;

/** The tools of a document as Open WebUI fetches them, and as its models get them. */
export interface Conversion {
  readonly fetched: ToolPayload[];
  readonly cleaned: ToolPayload[];
}

/** Has the installed Open WebUI's own functions read a document, in a Python process of their own; the text of the document goes in as it is. */
export async function convertByOpenWebUi(documentText: string): Promise<Conversion> {
  const python = path.join(path.dirname(await installOpenWebUi()), 'python');
  const folder = await mkdtemp(path.join(tmpdir(), 'mcpo-proxy-convert-'));
  try {
    const dataFolder = path.join(folder, 'data');
    await mkdir(dataFolder);
    const environment = openWebUiEnvironment({ folder, dataFolder, modelUrl: 'http://127.0.0.1:9', toolServers: [] });
    const output = await run(python, documentText, folder, { ...environment, FROM_INIT_PY: 'true' });
    return JSON.parse(output.trimEnd().split('\n').at(-1) as string) as Conversion;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function run(python: string, input: string, cwd: string, env: Record<string, string>): Promise<string> {
  const script = path.join(import.meta.dirname, 'convert.py');
  return new Promise((resolve, reject) => {
    const options = { cwd, env, timeout: TIMEOUT_MS, maxBuffer: MAX_OUTPUT_BYTES };
    const child = execFile(python, ['-B', script], options, (error, stdout) => (error ? reject(error) : resolve(stdout)));
    child.stdin?.on('error', () => undefined).end(input); // A child that fails at once says why itself.
  });
}
