/**
 * How fast the gateway answers its first call with the embedded server, how much memory it holds when idle, and what of both it owes to
 * its bundle: in turn with it runs the same gateway as `nest build` puts it out, a file for each module.
 *
 * node bench/startup.ts [--runs N]
 */
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { AMPLE_LIMITS } from '../test/support/ample-limits.ts';
import { GATEWAY, GATEWAY_NODE_ARGS, UNBUNDLED_GATEWAY } from '../test/support/built.ts';
import { type RunningProcess, startNode } from '../test/support/processes.ts';
import { report } from './support/gates.ts';
import { childPids, cpuUs, rssMb } from './support/measured/process-usage.ts';
import { median } from './support/statistics.ts';
import { printTable } from './support/table.ts';

const MAX_START_MS = 1500;
const MAX_IDLE_RSS_MB = 150;
const MAX_RATIO_TO_UNBUNDLED = 0.6;
const GIVE_UP_MS = 20_000;
/** V8 gives memory back in its own time. */
const IDLE_MS = 15_000;

interface Run {
  readonly listeningMs: number;
  /** CPU time of the gateway until then. */
  readonly cpuMs: number;
  readonly firstCallMs: number;
  readonly gatewayMb: number;
  readonly childMb: number;
}

const { values } = parseArgs({ options: { runs: { type: 'string', default: '5' } } });
const bundled: Run[] = [];
const unbundled: Run[] = [];
// What V8 compiled is kept at the end of the first.
for (const script of [GATEWAY, UNBUNDLED_GATEWAY]) await measure(script, 0);
for (let run = 0; run < Number(values.runs); run++) {
  bundled.push(await measure(GATEWAY));
  unbundled.push(await measure(UNBUNDLED_GATEWAY));
}

printTable(
  ['run', 'listening ms', 'CPU ms until then', 'first call ms', 'gateway RSS MB', 'embedded server RSS MB'],
  [
    ...bundled.map((run, index) => [`${index + 1}`, ...cells(run)]),
    ['median', ...cells(medianOf(bundled))],
    ['median of the unbundled', ...cells(medianOf(unbundled))],
    ['to the unbundled, median of pairs', ...ratios()],
  ],
);
const { firstCallMs, gatewayMb } = medianOf(bundled);
const ratio = ratioOf('listeningMs');
console.log();
report([
  {
    promise: `from start to the first answered call at most ${MAX_START_MS} ms pass`,
    measured: `${firstCallMs.toFixed(0)} ms`,
    isMet: firstCallMs <= MAX_START_MS,
  },
  {
    promise: `the idle gateway holds at most ${MAX_IDLE_RSS_MB} MB`,
    measured: `${gatewayMb.toFixed(0)} MB`,
    isMet: gatewayMb <= MAX_IDLE_RSS_MB,
  },
  {
    promise: `the port is open in at most ${MAX_RATIO_TO_UNBUNDLED} of the time that the unbundled gateway takes`,
    measured: ratio.toFixed(2),
    isMet: ratio <= MAX_RATIO_TO_UNBUNDLED,
  },
]);

/** Starts the gateway outside the repository, where no `.env` lies, with no upstream setting: the embedded server it is. */
async function measure(script: string, idleMs = IDLE_MS): Promise<Run> {
  const start = performance.now();
  const gateway = await startNode(script, { cwd: tmpdir(), nodeArgs: GATEWAY_NODE_ARGS, env: { PORT: '0', ...AMPLE_LIMITS } });
  try {
    const listeningMs = performance.now() - start;
    const cpuMs = cpuUs(gateway.pid) / 1e3;
    await firstAnsweredCall(gateway);
    const firstCallMs = performance.now() - start;
    await sleep(idleMs);
    const childMb = childPids(gateway.pid).reduce((sum, pid) => sum + rssMb(pid), 0);
    return { listeningMs, cpuMs, firstCallMs, gatewayMb: rssMb(gateway.pid), childMb };
  } finally {
    await gateway.stop();
  }
}

async function firstAnsweredCall({ url, stderr }: RunningProcess): Promise<void> {
  const deadline = performance.now() + GIVE_UP_MS;
  let status = 0;
  while (performance.now() < deadline) {
    status = await callStatus(`${url}/v1/tools/list_plans`);
    if (status === 200) return;
    await sleep(5);
  }
  throw new Error(`The first call was still answered ${status} after ${GIVE_UP_MS} ms.\n${stderr.join('\n')}`);
}

function callStatus(url: string): Promise<number> {
  return new Promise((resolve, reject) => {
    const call = request(url, { method: 'POST', headers: { 'Content-Type': 'application/json' } }, (response) => {
      response.resume();
      response.once('end', () => resolve(response.statusCode ?? 0));
    });
    call.once('error', reject);
    call.end('{}');
  });
}

function medianOf(runs: readonly Run[]): Run {
  const of = (key: keyof Run) => median(runs.map((run) => run[key]));
  return {
    listeningMs: of('listeningMs'),
    cpuMs: of('cpuMs'),
    firstCallMs: of('firstCallMs'),
    gatewayMb: of('gatewayMb'),
    childMb: of('childMb'),
  };
}

/** Of runs that followed each other: the machine's pace changes. */
function ratioOf(key: keyof Run): number {
  return median(bundled.map((run, index) => run[key] / (unbundled[index] as Run)[key]));
}

function ratios(): string[] {
  return (['listeningMs', 'cpuMs', 'firstCallMs', 'gatewayMb', 'childMb'] as const).map((key) => ratioOf(key).toFixed(2));
}

function cells({ listeningMs, cpuMs, firstCallMs, gatewayMb, childMb }: Run): string[] {
  return [listeningMs, cpuMs, firstCallMs, gatewayMb, childMb].map((value) => value.toFixed(0));
}
