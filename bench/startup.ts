/**
 * How fast the gateway answers its first call with the embedded server, and how much memory it holds when idle.
 *
 * node bench/startup.ts [--runs N]
 */
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { type RunningProcess, startGateway } from '../test/support/processes.ts';
import { report } from './support/gates.ts';
import { childPids, rssMb } from './support/process-usage.ts';
import { median } from './support/statistics.ts';
import { printTable } from './support/table.ts';

const MAX_START_MS = 1500;
const MAX_IDLE_RSS_MB = 150;
const GIVE_UP_MS = 20_000;
/** V8 gives memory back in its own time. */
const IDLE_MS = 15_000;

interface Run {
  readonly listeningMs: number;
  readonly firstCallMs: number;
  readonly gatewayMb: number;
  readonly childMb: number;
}

const { values } = parseArgs({ options: { runs: { type: 'string', default: '5' } } });
const runs: Run[] = [];
for (let run = 0; run < Number(values.runs); run++) runs.push(await measure());

printTable(
  ['run', 'listening ms', 'first call ms', 'gateway RSS MB', 'embedded server RSS MB'],
  [...runs.map((run, index) => [`${index + 1}`, ...cells(run)]), ['median', ...cells(medianRun())]],
);
const { firstCallMs, gatewayMb } = medianRun();
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
]);

/** Starts the gateway outside the repository, where no `.env` lies, with no upstream setting: the embedded server it is. */
async function measure(): Promise<Run> {
  const start = performance.now();
  const gateway = await startGateway({ cwd: tmpdir() });
  try {
    const listeningMs = performance.now() - start;
    await firstAnsweredCall(gateway);
    const firstCallMs = performance.now() - start;
    await sleep(IDLE_MS);
    const childMb = childPids(gateway.pid).reduce((sum, pid) => sum + rssMb(pid), 0);
    return { listeningMs, firstCallMs, gatewayMb: rssMb(gateway.pid), childMb };
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

function medianRun(): Run {
  const of = (key: keyof Run) => median(runs.map((run) => run[key]));
  return { listeningMs: of('listeningMs'), firstCallMs: of('firstCallMs'), gatewayMb: of('gatewayMb'), childMb: of('childMb') };
}

function cells({ listeningMs, firstCallMs, gatewayMb, childMb }: Run): string[] {
  return [listeningMs, firstCallMs, gatewayMb, childMb].map((value) => value.toFixed(0));
}
