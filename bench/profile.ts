/**
 * Where the gateway's CPU time goes under load: the functions, then the packages, by their own time.
 * Only samples taken under load and after the warm-up count; time without work is left out. The gateway is the unbundled one, whose
 * files say which package they are of.
 *
 * node bench/profile.ts [--seconds N] [--connections N] [--top N] [--answers json|sse] [--clients legacy|modern]: of `/mcp` where clients are told
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { UNBUNDLED_GATEWAY } from '../test/support/built.ts';
import { readProfile, type SelfTime, selfTimes } from './support/measured/cpu-profile.ts';
import { ensureWrk, load } from './support/load/load.ts';
import { printTable } from './support/table.ts';
import { callOf, type Era } from './support/load/mcp-clients.ts';
import { type AnswerKind, checkAnswer, KEY, startGatewayTarget, startUpstream, type Target } from './support/targets.ts';

const { values } = parseArgs({
  options: {
    seconds: { type: 'string', default: '8' },
    connections: { type: 'string', default: '16' },
    top: { type: 'string', default: '40' },
    answers: { type: 'string', default: 'json' },
    clients: { type: 'string' },
  },
});
const WARM_UP_SECONDS = 3;

ensureWrk();
const folder = mkdtempSync(path.join(tmpdir(), 'profile-'));
const upstream = await startUpstream(values.answers as AnswerKind);
try {
  const gateway = await startGatewayTarget(upstream, ['--cpu-prof', `--cpu-prof-dir=${folder}`], UNBUNDLED_GATEWAY);
  const window = await loadedWindow(gateway).finally(() => gateway.process.stop());
  const busy = selfTimes(readProfile(folder), window).filter(({ name }) => name !== '(idle)');
  print('function', busy, ({ name, place }) => [name, place]);
  console.log();
  print('package', busy, ({ owner }) => [owner]);
} finally {
  await upstream.process.stop();
  rmSync(folder, { recursive: true, force: true });
}

/** The span under load, in microseconds of the clock that the profile counts by. */
async function loadedWindow(target: Target): Promise<{ startUs: number; endUs: number }> {
  await checkAnswer(target);
  const request = values.clients ? await callOf(values.clients as Era, `${target.process.url}/mcp`, `Bearer ${KEY}`) : target.request;
  await load(request, Number(values.connections), WARM_UP_SECONDS);
  const startUs = monotonicUs();
  const { callsPerSecond } = await load(request, Number(values.connections), Number(values.seconds));
  const endUs = monotonicUs();
  console.log(`${callsPerSecond.toFixed(0)} calls/s while profiled\n`);
  return { startUs, endUs };
}

function monotonicUs(): number {
  return Number(process.hrtime.bigint() / 1000n);
}

/** Sums the times that share a key and prints the largest, in percent of all. */
function print(title: string, times: readonly SelfTime[], keyOf: (time: SelfTime) => string[]): void {
  const total = times.reduce((sum, { us }) => sum + us, 0);
  const sums = new Map<string, number>();
  for (const time of times) {
    const key = keyOf(time).join('\0');
    sums.set(key, (sums.get(key) ?? 0) + time.us);
  }
  const largest = [...sums].sort(([, a], [, b]) => b - a).slice(0, Number(values.top));
  const rows = largest.map(([key, us]) => [((us / total) * 100).toFixed(1), ...key.split('\0')]);
  printTable(['self %', title, ...(rows[0]?.length === 3 ? ['file:line'] : [])], rows);
}
