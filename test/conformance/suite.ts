import { execFile } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { parse } from 'yaml';

/** What the suite's release of a revision requires, frozen. */
interface Requirements {
  readonly server: readonly string[];
  readonly client: readonly string[];
}

/** What came of one scenario; nothing is wrong with one that passed. */
export interface Verdict {
  readonly scenario: string;
  readonly wrong: readonly string[];
}

interface Check {
  readonly id: string;
  readonly status: 'SUCCESS' | 'FAILURE' | 'WARNING' | 'SKIPPED' | 'INFO';
  readonly description: string;
  readonly errorMessage?: string;
}

export const LEGACY = '2025-11-25';
export const MODERN = '2026-07-28';

const PACKAGE = path.resolve('node_modules/@modelcontextprotocol/conformance');
const CLIENT = 'node test/conformance/client.ts';
/** Longest that one scenario of a client may take: a busy machine starts the gateway in seconds. */
const SCENARIO_MS = 60_000;
const MAX_OUTPUT = 64 * 1024 * 1024;

export function requirementsOf(revision: string): Requirements {
  return parse(readFileSync(path.join(PACKAGE, 'requirements', `${revision}.yaml`), 'utf8')) as Requirements;
}

/** Plays all scenarios that the revision requires of a server against the one at `url`. */
export async function judgeServer(url: string, revision: string, folder: string): Promise<Verdict[]> {
  const output = await run(['server', '--url', url, '--requirements', revision, '-o', folder]);
  return requirementsOf(revision).server.map((scenario) => {
    const checks = checksOf(folder, `server-${scenario}`);
    return { scenario, wrong: checks ? faults(checks) : [`It was not played.\n${output.text.slice(-2_000)}`] };
  });
}

/** Plays one scenario against the gateway as a client. */
export async function judgeClient(scenario: string, revision: string, folder: string): Promise<Verdict> {
  const more = ['--spec-version', revision, '--force', '--timeout', String(SCENARIO_MS), '-o', folder];
  const output = await run(['client', '--command', CLIENT, '--scenario', scenario, ...more]);
  const wrong = faults(checksOf(folder, scenario) ?? []);
  return { scenario, wrong: output.code === 0 ? wrong : [...wrong, `The suite exits with ${output.code}.\n${output.text.slice(-4_000)}`] };
}

/** What a requirement does not hold for, recommendations included. */
function faults(checks: readonly Check[]): string[] {
  if (!checks.some(({ status }) => status === 'SUCCESS')) return ['None of its checks was made.'];
  return checks
    .filter(({ status }) => status === 'FAILURE' || status === 'WARNING')
    .map(({ id, description, errorMessage }) => `${id}: ${errorMessage ?? description}`);
}

/** The suite writes them to a folder with the time in its name. */
function checksOf(folder: string, name: string): Check[] | undefined {
  const parent = path.join(folder, path.dirname(name));
  const isIts = (entry: string) =>
    entry.startsWith(`${path.basename(name)}-`) && /^\d{4}-/.test(entry.slice(path.basename(name).length + 1));
  const found = existsSync(parent) ? readdirSync(parent).find(isIts) : undefined;
  const file = found && path.join(parent, found, 'checks.json');
  return file && existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as Check[]) : undefined;
}

function run(args: readonly string[]): Promise<{ readonly code: number; readonly text: string }> {
  return new Promise((resolve) => {
    execFile(process.execPath, [path.join(PACKAGE, 'dist/index.js'), ...args], { maxBuffer: MAX_OUTPUT }, (error, stdout, stderr) => {
      resolve({ code: error ? Number(error.code ?? 1) : 0, text: stdout + stderr });
    });
  });
}
