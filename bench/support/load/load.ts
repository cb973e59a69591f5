import { execFile, execFileSync, spawnSync } from 'node:child_process';
import path from 'node:path';
import { promisify } from 'node:util';

export interface LoadRequest {
  readonly url: string;
  /** Posted; undefined makes it a GET. A `"@id@"` in it is another number each time. */
  readonly body: string | undefined;
  readonly accept: string;
  /** Sent as `Authorization`. */
  readonly authorization?: string | undefined;
  /** Sent as `Cache-Control`. */
  readonly cacheControl?: string | undefined;
  /** Sent besides. */
  readonly headers?: Readonly<Record<string, string>> | undefined;
}

export interface LoadResult {
  /** Answered with success. */
  readonly calls: number;
  /** Answered otherwise, or not at all. */
  readonly failures: number;
  readonly callsPerSecond: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
}

export interface PacedResult {
  readonly calls: number;
  readonly failures: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
}

interface WrkSummary {
  readonly calls: number;
  readonly durationUs: number;
  readonly p50Us: number;
  readonly p99Us: number;
  readonly socketErrors: number;
  readonly statusErrors: number;
}

const run = promisify(execFile);
const SCRIPT = path.join(import.meta.dirname, 'request.lua');
/** So many times longer what has not answered yet is given. */
const SLOW_TIMES = 5;
const PACED_SCRIPT = path.join(import.meta.dirname, 'paced-load.ts');

/** Sends the request over keep-alive connections that never pause; throws when an answer was not a success. */
export async function load(request: LoadRequest, connections: number, seconds: number): Promise<LoadResult> {
  const result = await loadWithFailures(request, connections, seconds);
  if (result.failures > 0)
    throw new Error(`${request.url} did not answer ${result.failures} of ${result.calls + result.failures} calls with success.`);
  return result;
}

/** The same, with what fails counted; the percentiles are those of all answers. For longer where there was none; throws when there is none then. */
export async function loadWithFailures(request: LoadRequest, connections: number, seconds: number): Promise<LoadResult> {
  const result = (await loadFor(seconds, request, connections)) ?? (await loadFor(SLOW_TIMES * seconds, request, connections));
  if (!result) throw new Error(`${request.url} answered nothing within ${SLOW_TIMES * seconds} s.`);
  return result;
}

async function loadFor(seconds: number, request: LoadRequest, connections: number): Promise<LoadResult | undefined> {
  const args = ['--threads', '1', '--connections', `${connections}`, '--duration', `${seconds}s`, '--timeout', '30s'];
  const method = request.body === undefined ? 'GET' : 'POST';
  const env = {
    ...process.env,
    BENCH_METHOD: method,
    BENCH_BODY: request.body,
    BENCH_ACCEPT: request.accept,
    BENCH_AUTHORIZATION: request.authorization,
    BENCH_CACHE_CONTROL: request.cacheControl,
    BENCH_HEADERS: Object.entries(request.headers ?? {})
      .map(([name, value]) => `${name}: ${value}`)
      .join('\n'),
  };
  const { stdout } = await run('wrk', [...args, '--script', SCRIPT, request.url], { env });
  const summary = JSON.parse(stdout.trim().split('\n').at(-1) ?? '') as WrkSummary;
  if (summary.calls === 0) return undefined;
  const calls = summary.calls - summary.statusErrors;
  return {
    calls,
    failures: summary.statusErrors + summary.socketErrors,
    callsPerSecond: (calls / summary.durationUs) * 1e6,
    p50Ms: summary.p50Us / 1000,
    p99Ms: summary.p99Us / 1000,
  };
}

/** Posts the request so many times a second, whether answers come or not; throws when an answer was not a success. */
export async function pacedLoad(request: LoadRequest, callsPerSecond: number, connections: number, seconds: number): Promise<PacedResult> {
  const result = await pacedLoadWithFailures(request, callsPerSecond, connections, seconds);
  if (result.failures > 0) throw new Error(`${request.url} did not answer every call with success:\n${JSON.stringify(result)}`);
  return result;
}

/** The same, with what fails counted. */
export async function pacedLoadWithFailures(
  request: LoadRequest,
  callsPerSecond: number,
  connections: number,
  seconds: number,
): Promise<PacedResult> {
  const args = [PACED_SCRIPT, request.url, `${callsPerSecond}`, `${seconds}`, `${connections}`];
  const { stdout } = await run(process.execPath, args, {
    env: { ...process.env, BENCH_BODY: request.body, BENCH_AUTHORIZATION: request.authorization },
  });
  return JSON.parse(stdout) as PacedResult;
}

/** Makes sure that wrk is there: installs it with apt-get where that is possible, else says what to do. */
export function ensureWrk(): void {
  if (isInstalled()) return;
  if (process.platform !== 'linux' || process.getuid?.() !== 0)
    throw new Error('This bench needs wrk: install it (Debian: apt-get install wrk).');
  console.error('Installing wrk ...');
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  try {
    execFileSync('apt-get', ['update', '-qq'], { env, stdio: ['ignore', 'ignore', 'inherit'] });
    execFileSync('apt-get', ['install', '-y', '-qq', '--no-install-recommends', 'wrk'], { env, stdio: ['ignore', 'ignore', 'inherit'] });
  } catch (cause) {
    throw new Error('This bench needs wrk, and apt-get could not install it.', { cause });
  }
}

/** wrk prints its version and ends with 1 when asked for it: only a missing program counts. */
function isInstalled(): boolean {
  return spawnSync('wrk', ['--version'], { stdio: 'ignore' }).error === undefined;
}
