/**
 * What a tool call through the gateway costs, beside the floor (node:http and undici, no parsing) and beside the upstream alone.
 * All of them run side by side and are measured in turn, so that a change of the machine's pace meets all alike.
 *
 * node bench/overhead.ts [--quick] [--rounds N] [--seconds N] [--connections 1,16,100] [--answers json,sse]
 */
import { parseArgs } from 'node:util';
import { type Gate, printGoals, report } from './support/gates.ts';
import { ensureWrk, load, pacedLoad } from './support/load/load.ts';
import { cpuUs, rssMb } from './support/measured/process-usage.ts';
import { median } from './support/statistics.ts';
import { printTable } from './support/table.ts';
import { type AnswerKind, checkAnswer, startTargets, type Target } from './support/targets.ts';
import { UndisturbedSamples } from './support/measured/undisturbed.ts';

const MIN_THROUGHPUT_RATIO = 0.35;
const MAX_CPU_RATIO = 3;
const GATE_CONNECTIONS = 16;
/** What a gateway in Rust reaches, measured the same way. */
const GOALS = { throughput: 0.45, cpu: 2.2, p99AtMany: 4, p99AtHalfRate: 2, rssMb: 256 };
const MANY_CONNECTIONS = 100;
/** V8 is done with compiling what is hot after about so many calls. */
const WARM_UP = { connections: 16, calls: 30_000, seconds: 2, maxRuns: 12 };

const { values } = parseArgs({
  options: {
    quick: { type: 'boolean', default: false },
    rounds: { type: 'string' },
    seconds: { type: 'string' },
    connections: { type: 'string', default: '1,16,100' },
    answers: { type: 'string', default: 'json,sse' },
  },
});
const rounds = Number(values.rounds ?? (values.quick ? 2 : 5));
const seconds = Number(values.seconds ?? (values.quick ? 1 : 3));
const connectionCounts = values.connections.split(',').map(Number);
const answerKinds = values.answers.split(',') as AnswerKind[];

const METRICS = ['callsPerSecond', 'p50Ms', 'p99Ms', 'cpuUsPerCall'] as const;
type Sample = Readonly<Record<(typeof METRICS)[number], number>>;

/** One line of the table: a target under one load; `samples[i]` was taken in round i. */
interface Series {
  readonly target: Target;
  readonly connections: number;
  readonly samples: Sample[];
}

ensureWrk();
const targets = (await Promise.all(answerKinds.map(startTargets))).flat();
const undisturbed = new UndisturbedSamples(targets.map(({ process }) => process.pid));
try {
  for (const target of targets) await warmUp(target);
  const series = await measure();
  print(series);
  printGoals(await goals(series));
  report(gates(series));
} finally {
  await Promise.all(targets.map((target) => target.process.stop()));
}

async function warmUp(target: Target): Promise<void> {
  await checkAnswer(target);
  for (let calls = 0, run = 0; calls < WARM_UP.calls && run < WARM_UP.maxRuns; run++)
    calls += (await load(target.request, WARM_UP.connections, WARM_UP.seconds)).calls;
}

async function measure(): Promise<Series[]> {
  const series = answerKinds.flatMap((answers) =>
    connectionCounts.flatMap((connections) =>
      targets.filter((target) => target.answers === answers).map((target) => ({ target, connections, samples: [] as Sample[] })),
    ),
  );
  for (let round = 1; round <= rounds; round++) {
    console.error(`Round ${round} of ${rounds} ...`);
    for (const { target, connections, samples } of series) samples.push(await undisturbed.take(() => sample(target, connections)));
  }
  return series;
}

async function sample({ process, request }: Target, connections: number): Promise<Sample> {
  const before = cpuUs(process.pid);
  const { calls, callsPerSecond, p50Ms, p99Ms } = await load(request, connections, seconds);
  const cpuUsPerCall = (cpuUs(process.pid) - before) / calls;
  process.dropLog();
  return { callsPerSecond, p50Ms, p99Ms, cpuUsPerCall };
}

function print(series: readonly Series[]): void {
  console.log(`Node ${process.version}, ${rounds} rounds of ${seconds} s, medians; "x": relative to the floor in the same round, median\n`);
  const header = ['answers', 'connections', 'target', 'calls/s', 'p50 ms', 'p99 ms', 'CPU us/call', 'calls x', 'p50 x', 'p99 x', 'CPU x'];
  printTable(
    header,
    series.map((one) => row(one, series)),
  );
  undisturbed.printDisturbed();
  const gateways = targets.filter((target) => target.name === 'gateway');
  console.log(`\nRSS of the gateway after the load: ${gateways.map(({ process }) => `${rssMb(process.pid).toFixed(0)} MB`).join(', ')}\n`);
}

function row(one: Series, all: readonly Series[]): string[] {
  const { target, connections, samples } = one;
  const [callsPerSecond, ...rest] = METRICS.map((metric) => median(samples.map((sample) => sample[metric])));
  const ratios = METRICS.map((metric) => ratioToFloor(one, all, metric).toFixed(2));
  const values = [(callsPerSecond as number).toFixed(0), ...rest.map((value, index) => value.toFixed(index === 2 ? 1 : 2))];
  return [target.answers, `${connections}`, target.name, ...values, ...ratios];
}

/** The median over the rounds of what it took relative to the floor under the same load in the same round. */
function ratioToFloor({ target, connections, samples }: Series, all: readonly Series[], metric: keyof Sample): number {
  const floor = find(all, 'floor', target.answers, connections);
  return median(samples.map((sample, round) => sample[metric] / (floor?.samples[round]?.[metric] ?? NaN)));
}

function gates(series: readonly Series[]): Gate[] {
  const gateway = find(series, 'gateway', 'json', GATE_CONNECTIONS);
  if (!gateway) return [];
  const throughput = ratioToFloor(gateway, series, 'callsPerSecond');
  const cpu = ratioToFloor(gateway, series, 'cpuUsPerCall');
  const under = `at ${GATE_CONNECTIONS} connections with JSON answers`;
  return [
    {
      promise: `${under} the gateway does at least ${MIN_THROUGHPUT_RATIO} of the floor's calls per second`,
      measured: throughput.toFixed(2),
      isMet: throughput >= MIN_THROUGHPUT_RATIO,
    },
    {
      promise: `${under} a call costs the gateway at most ${MAX_CPU_RATIO} times the floor's CPU`,
      measured: cpu.toFixed(2),
      isMet: cpu <= MAX_CPU_RATIO,
    },
  ];
}

async function goals(series: readonly Series[]): Promise<Gate[]> {
  const few = find(series, 'gateway', 'json', GATE_CONNECTIONS);
  const many = find(series, 'gateway', 'json', MANY_CONNECTIONS);
  if (!few) return [];
  const rss = Math.max(...targets.filter(({ name }) => name === 'gateway').map(({ process }) => rssMb(process.pid)));
  const atHalfRate = await p99AtHalfRate(few, series);
  const throughput = ratioToFloor(few, series, 'callsPerSecond');
  const cpu = ratioToFloor(few, series, 'cpuUsPerCall');
  const found = [
    atLeast(`the throughput at ${GATE_CONNECTIONS} connections, of the floor's`, throughput, GOALS.throughput),
    atMost(`the CPU per call at ${GATE_CONNECTIONS} connections, times the floor's`, cpu, GOALS.cpu),
    atMost("the p99 at half of the gateway's greatest rate, times the floor's", atHalfRate, GOALS.p99AtHalfRate),
    atMost('the RSS in MB after the load', rss, GOALS.rssMb),
  ];
  if (many)
    found.push(
      atMost(`the p99 at ${MANY_CONNECTIONS} connections, times the floor's`, ratioToFloor(many, series, 'p99Ms'), GOALS.p99AtMany),
    );
  return found;
}

/** Both asked at the same steady rate, in turn. */
async function p99AtHalfRate(gateway: Series, series: readonly Series[]): Promise<number> {
  const floor = find(series, 'floor', 'json', GATE_CONNECTIONS);
  if (!floor) return NaN;
  const rate = median(gateway.samples.map(({ callsPerSecond }) => callsPerSecond)) / 2;
  const p99Of = async ({ target }: Series) => (await pacedLoad(target.request, rate, GATE_CONNECTIONS, seconds)).p99Ms;
  const ratios: number[] = [];
  for (let round = 0; round < rounds; round++) {
    const ofFloor = await p99Of(floor);
    ratios.push((await p99Of(gateway)) / ofFloor);
  }
  return median(ratios);
}

function atLeast(what: string, measured: number, least: number): Gate {
  return { promise: `${what} is at least ${least}`, measured: measured.toFixed(2), isMet: measured >= least };
}

function atMost(what: string, measured: number, most: number): Gate {
  return { promise: `${what} is at most ${most}`, measured: measured.toFixed(2), isMet: measured <= most };
}

function find(series: readonly Series[], name: Target['name'], answers: AnswerKind, connections: number): Series | undefined {
  return series.find((one) => one.target.name === name && one.target.answers === answers && one.connections === connections);
}
