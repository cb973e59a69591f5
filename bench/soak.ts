/**
 * Load on four servers, three of which are killed, stopped and restarted at random: what callers see meanwhile, and what is left in
 * the gateway afterwards.
 *
 * node bench/soak.ts [--quick] [--seconds N] [--seed N]
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { AMPLE_LIMITS } from '../test/support/ample-limits.ts';
import { ROOT } from '../test/support/processes.ts';
import { type Gate, report } from './support/gates.ts';
import { startLoggedGateway } from './support/logged-process.ts';
import { processesWith } from './support/measured/process-usage.ts';
import { type Call, callAll, callOnce, pauseFor } from './support/soak/calls.ts';
import { disturb, type Disturbance, type Span } from './support/soak/faults.ts';
import { type GatewayState, stateOf } from './support/soak/gateway-state.ts';
import { seededRandom } from './support/soak/seeded-random.ts';
import {
  type Disturbable,
  executionsOf,
  onlyChildOf,
  startPlannerUpstream,
  startSseUpstream,
  stdioUpstream,
} from './support/soak/upstreams.ts';
import { ALLOWANCE_MS, problemOf } from './support/soak/verdicts.ts';
import { median, percentile } from './support/statistics.ts';
import { printTable } from './support/table.ts';
import { until } from '../test/support/until.ts';

const MIN_AVAILABILITY = 0.999;
const MAX_RECOVERY_MS = 35_000;
const MAX_RSS_RATIO = 1.2;
/** Connections that are kept for the next call, and what Node opens for itself. */
const FD_ALLOWANCE = 10;
const TIMER_ALLOWANCE = 2;
/** Connections that are idle are closed, and V8 gives memory back, in their own time. */
const IDLE_MS = 10_000;
const STEADY = 'steady';
const MARK = 'BENCH_SOAK';
const UNDISTURBED = { counts: { kill: 0, stop: 0, restart: 0 }, calm: [] };

const { values } = parseArgs({
  options: { quick: { type: 'boolean', default: false }, seconds: { type: 'string' }, seed: { type: 'string' } },
});
const loadMs = Number(values.seconds ?? (values.quick ? 20 : 120)) * 1000;
/** With faults too: what they need is in memory when it is looked at for the first time. */
const warmUpMs = values.quick ? 10_000 : 30_000;
const seed = Number(values.seed ?? Math.floor(Math.random() * 2 ** 32));
const mark = `${process.pid}-${seed}`;
const folder = mkdtempSync(path.join(tmpdir(), 'soak-'));
process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
console.log(`Node ${process.version}, ${loadMs / 1000} s of faults, --seed ${seed}\n`);

const steady = await startPlannerUpstream(STEADY, folder);
const overHttp = await startPlannerUpstream('remote', folder);
const overSse = await startSseUpstream('events', folder);
const overStdio = stdioUpstream('child', folder, { [MARK]: mark });
const upstreams = [steady.upstream, overHttp.upstream, overSse.upstream, overStdio];
const resourcesFile = path.join(folder, 'resources.json');
const gateway = await startGateway();
try {
  await soak();
} finally {
  for (const pid of processesWith(MARK, mark)) process.kill(pid, 'SIGKILL');
}

async function startGateway() {
  const config = path.join(folder, 'servers.json');
  writeFileSync(config, JSON.stringify({ mcpServers: Object.fromEntries(upstreams.map(({ name, entry }) => [name, entry])) }));
  const reporter = path.join(ROOT, 'bench/support/soak/report-resources.ts');
  return startLoggedGateway({
    args: ['--config', config],
    nodeArgs: ['--expose-gc', '--import', reporter],
    env: { PORT: '0', ...AMPLE_LIMITS, BENCH_RESOURCES_FILE: resourcesFile },
  });
}

async function soak(): Promise<void> {
  await untilAllUp(MAX_RECOVERY_MS);
  await disturbedLoad(warmUpMs, { remote: overHttp.server, events: overSse.server });
  await untilAllUp(MAX_RECOVERY_MS);
  await sleep(IDLE_MS);
  const before = await stateOf(gateway.pid, resourcesFile);
  const targets = { remote: overHttp.server, events: overSse.server, child: onlyChildOf(gateway.pid) };
  const { calls, disturbances } = await disturbedLoad(loadMs, targets);
  const recoveryMs = await untilAllUp(MAX_RECOVERY_MS);
  const lastCalls = await Promise.all(upstreams.map((upstream) => callOnce(gateway.url, upstream)));
  const after = await settledState(before);
  const exit = await gateway.stop();
  const left = processesWith(MARK, mark).length;
  await Promise.all([steady, overHttp, overSse].map(({ server }) => server.end('SIGKILL')));
  const seen = judged([...calls, ...lastCalls], disturbances);
  printCalls(seen, disturbances);
  printStates(before, after);
  report([...callGates(seen, calls, lastCalls), recoveryGate(recoveryMs), ...stateGates(before, after), endGate(exit, left)]);
}

async function disturbedLoad(ms: number, targets: Readonly<Record<string, Disturbable>>) {
  const signal = AbortSignal.timeout(ms);
  const disturbing = Object.entries(targets).map(async ([name, server], index) => {
    return [name, await disturb(server, seededRandom(seed + index), signal)] as const;
  });
  const [calls, ...ended] = await Promise.all([callAll(gateway.url, upstreams, pauseFor(warmUpMs + loadMs), signal), ...disturbing]);
  return { calls, disturbances: new Map(ended) };
}

/** Milliseconds until every server is up; undefined if that takes longer than `withinMs`. */
async function untilAllUp(withinMs: number): Promise<number | undefined> {
  const start = performance.now();
  const isUp = async () => {
    const { servers } = (await (await fetch(`${gateway.url}/v1/servers`)).json()) as { servers: { state: string; tools: number }[] };
    return servers.every(({ state, tools }) => state === 'up' && tools > 0);
  };
  const isBack = await until('all servers are up', isUp, withinMs).catch(() => false);
  return isBack ? performance.now() - start : undefined;
}

/** The state once it is back to what it was, at the latest after {@link MAX_RECOVERY_MS}. */
async function settledState(before: GatewayState): Promise<GatewayState> {
  await sleep(IDLE_MS);
  const end = performance.now() + MAX_RECOVERY_MS;
  for (;;) {
    const state = await stateOf(gateway.pid, resourcesFile);
    if (stateGates(before, state).every(({ isMet }) => isMet) || performance.now() > end) return state;
    await sleep(1_000);
  }
}

interface JudgedCall extends Call {
  readonly ran: number;
  readonly problem: string | undefined;
}

function judged(calls: readonly Call[], disturbances: ReadonlyMap<string, Disturbance>): JudgedCall[] {
  const executions = new Map(upstreams.map((upstream) => [upstream.name, executionsOf(upstream)]));
  return calls.map((call) => {
    const { name } = call.upstream;
    const ran = executions.get(name)?.get(call.marker) ?? 0;
    return { ...call, ran, problem: problemOf(call, ran, disturbances.get(name)?.dead ?? []) };
  });
}

function printCalls(calls: readonly JudgedCall[], disturbances: ReadonlyMap<string, Disturbance>): void {
  const columns = [
    'calls',
    '200',
    '502',
    '503',
    '504',
    'other',
    'available %',
    'ran',
    'p50 ms',
    'p99 ms',
    'longest ms',
    'back median ms',
    'back longest ms',
  ];
  printTable(
    ['server', 'transport', 'kills', 'stops', 'restarts', ...columns],
    upstreams.map(({ name, transport }) => {
      const own = calls.filter(({ upstream }) => upstream.name === name);
      const { counts, calm } = disturbances.get(name) ?? UNDISTURBED;
      const { kill, stop, restart } = counts;
      return [name, transport, ...[kill, stop, restart].map(String), ...callCells(own), ...backCells(own, calm)];
    }),
  );
  console.log();
  for (const { marker, problem, status, text } of calls.filter(({ problem }) => problem).slice(0, 20))
    console.log(`${marker} ${problem}: ${status} ${text.slice(0, 300)}`);
}

function callCells(calls: readonly JudgedCall[]): string[] {
  const statuses = [200, 502, 503, 504].map((status) => calls.filter((call) => call.status === status).length);
  const others = calls.length - statuses.reduce((sum, count) => sum + count, 0);
  const times = calls.map(({ startedAt, endedAt }) => endedAt - startedAt);
  const ran = calls.reduce((sum, call) => sum + call.ran, 0);
  const shown = [percentile(times, 0.5).toFixed(1), percentile(times, 0.99).toFixed(0), Math.max(...times).toFixed(0)];
  return [...[calls.length, ...statuses, others].map(String), (availability(calls) * 100).toFixed(2), `${ran}`, ...shown];
}

/** The time from when the server ran again until it answered a call; where the next fault came earlier, nobody knows. */
function backCells(calls: readonly Call[], calm: readonly Span[]): string[] {
  const answered = calls.filter(({ status }) => status === 200).map(({ endedAt }) => endedAt);
  const waits = calm.flatMap(({ from, to }) => {
    const end = answered.find((end) => end > from && end < to);
    return end === undefined ? [] : [end - from];
  });
  return waits.length === 0 ? ['', ''] : [median(waits).toFixed(0), Math.max(...waits).toFixed(0)];
}

function availability(calls: readonly Call[]): number {
  return calls.filter(({ status }) => status === 200).length / calls.length;
}

function printStates(before: GatewayState, after: GatewayState): void {
  const row = (name: string, { rssMb, heapMb, openFds, children, zombies, resources, timers }: GatewayState) => [
    name,
    rssMb.toFixed(0),
    heapMb.toFixed(1),
    ...[openFds, children, zombies, resources, timers].map(String),
  ];
  printTable(
    ['gateway', 'RSS MB', 'heap MB', 'open files', 'children', 'zombies', 'resources', 'timers'],
    [row('before', before), row('after', after)],
  );
  console.log();
}

function callGates(judgedCalls: readonly JudgedCall[], calls: readonly Call[], lastCalls: readonly Call[]): Gate[] {
  const longest = Math.max(...judgedCalls.map(({ startedAt, endedAt, stolenMs }) => endedAt - startedAt - stolenMs));
  const problems = judgedCalls.filter(({ problem }) => problem);
  const twice = judgedCalls.filter(({ ran }) => ran > 1).length;
  const late = problems.filter(({ problem }) => problem === 'outlived its deadline').length;
  const answered = lastCalls.filter(({ status }) => status === 200).length;
  const ofSteady = availability(calls.filter(({ upstream }) => upstream.name === STEADY));
  return [
    {
      promise: `no call outlives its deadline by more than ${ALLOWANCE_MS} ms, not counting what the machine's host took`,
      measured: `${late} of ${judgedCalls.length}, the longest ${longest.toFixed(0)} ms`,
      isMet: late === 0,
    },
    { promise: 'no call runs twice', measured: `${twice}`, isMet: twice === 0 },
    {
      promise: 'each call has an answer that is true: a result of one run, or an error of the gateway that says what may have happened',
      measured: `${problems.length - twice - late} others`,
      isMet: problems.length - twice - late === 0,
    },
    {
      promise: `the server that nobody disturbs answers at least ${MIN_AVAILABILITY * 100} % of the calls`,
      measured: `${(ofSteady * 100).toFixed(3)} %`,
      isMet: ofSteady >= MIN_AVAILABILITY,
    },
    {
      promise: 'afterwards each server answers a call',
      measured: `${answered} of ${upstreams.length}`,
      isMet: answered === upstreams.length,
    },
  ];
}

function recoveryGate(ms: number | undefined): Gate {
  const promise = `all servers are up again within ${MAX_RECOVERY_MS / 1000} s of the last fault`;
  return { promise, measured: ms === undefined ? 'not within it' : `${(ms / 1000).toFixed(1)} s`, isMet: ms !== undefined };
}

function stateGates(before: GatewayState, after: GatewayState): Gate[] {
  const ratio = after.rssMb / before.rssMb;
  const no = (what: string, key: keyof GatewayState, allowance: number): Gate => ({
    promise: `at most ${allowance} ${what} more than after the warm-up`,
    measured: `${after[key] - before[key]}`,
    isMet: after[key] <= before[key] + allowance,
  });
  return [
    {
      promise: `the gateway's memory is at most ${MAX_RSS_RATIO} times that after the warm-up`,
      measured: ratio.toFixed(2),
      isMet: ratio <= MAX_RSS_RATIO,
    },
    no('children', 'children', 0),
    no('zombies', 'zombies', 0),
    no('open files', 'openFds', FD_ALLOWANCE),
    no('resources', 'resources', FD_ALLOWANCE),
    no('timers', 'timers', TIMER_ALLOWANCE),
  ];
}

function endGate(exit: number | string, left: number): Gate {
  return {
    promise: 'SIGTERM ends the gateway with 0 and leaves no process of it',
    measured: `${exit}, ${left} left`,
    isMet: exit === 0 && left === 0,
  };
}
