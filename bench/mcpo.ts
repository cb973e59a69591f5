/**
 * The gateway beside mcpo: one config file, the same calls to the same servers, side by side and measured in turn.
 *
 * node bench/mcpo.ts [--quick] [--rounds N] [--seconds N] [--connections 1,16,100]
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { type Gate, report } from './support/gates.ts';
import { ensureWrk, loadWithFailures } from './support/load.ts';
import { checkPeer, HTTP_CALL, type Peer, type PeerCall, peerRequest, startPeers, STDIO_CALL } from './support/peers.ts';
import { childPids, cpuUs, rssMb } from './support/process-usage.ts';
import { median } from './support/statistics.ts';
import { printTable } from './support/table.ts';
import { UndisturbedSamples } from './support/undisturbed.ts';

const MIN_PER_CORE_RATIO = 15;
const MAX_P99_RATIO = 1 / 20;
const GATE_CONNECTIONS = 100;
/** mcpo answers a hundred callers at about the same time, after seconds: a sample has to hold several such rounds. */
const MANY = { connections: 100, times: 3 };
const WARM_UP = { connections: 16, calls: 15_000, seconds: 4, maxRuns: 3 };
/** A gateway that works on less than this share of the time has nothing left to do. */
const IDLE = { ms: 200, share: 0.1, maxMs: 15_000 };

const { values } = parseArgs({
  options: {
    quick: { type: 'boolean', default: false },
    rounds: { type: 'string' },
    seconds: { type: 'string' },
    connections: { type: 'string', default: '1,16,100' },
  },
});
const rounds = Number(values.rounds ?? (values.quick ? 2 : 5));
const seconds = Number(values.seconds ?? (values.quick ? 3 : 4));
const connectionCounts = values.connections.split(',').map(Number);

const METRICS = ['callsPerSecond', 'callsPerCpuSecond', 'p50Ms', 'p99Ms', 'cpuUsPerCall'] as const;
type Metric = (typeof METRICS)[number];
type Sample = Readonly<Record<Metric | 'calls' | 'failures', number>>;

/** Both under one load; `samples[i]` were taken in round i, one after the other. */
interface Series {
  readonly call: PeerCall;
  readonly connections: number;
  readonly samples: { readonly mcpo: Sample; readonly gateway: Sample }[];
}

ensureWrk();
const { mcpo, gateway, stop } = await startPeers();
try {
  for (const call of [HTTP_CALL, STDIO_CALL]) for (const peer of [mcpo, gateway]) await warmUp(peer, call);
  const series = await measure();
  print(series);
  report(gates(series));
} finally {
  await stop();
}

async function warmUp(peer: Peer, call: PeerCall): Promise<void> {
  await checkPeer(peer, call);
  for (let calls = 0, run = 0; calls < WARM_UP.calls && run < WARM_UP.maxRuns; run++)
    calls += (await loadWithFailures(peerRequest(peer, call), WARM_UP.connections, WARM_UP.seconds)).calls;
}

async function measure(): Promise<Series[]> {
  const pids = [mcpo, gateway].flatMap(({ process: { pid } }) => [pid, ...childPids(pid)]);
  const series = [HTTP_CALL, STDIO_CALL].flatMap((call) =>
    connectionCounts.map((connections): Series => ({ call, connections, samples: [] })),
  );
  const undisturbed = new UndisturbedSamples(pids, rounds * series.length);
  for (let round = 1; round <= rounds; round++) {
    console.error(`Round ${round} of ${rounds} ...`);
    for (const { call, connections, samples } of series) {
      const ofMcpo = await undisturbed.take(() => sample(mcpo, call, connections));
      samples.push({ mcpo: ofMcpo, gateway: await undisturbed.take(() => sample(gateway, call, connections)) });
    }
  }
  undisturbed.printDisturbed();
  return series;
}

/** The calls that are on their way at the end cost their CPU too, so they count where CPU is shared out. */
async function sample(peer: Peer, call: PeerCall, connections: number): Promise<Sample> {
  const before = cpuUs(peer.process.pid);
  const result = await loadWithFailures(peerRequest(peer, call), connections, secondsAt(connections));
  await untilIdle(peer);
  const { calls, failures, callsPerSecond, p50Ms, p99Ms } = result;
  const cpuUsPerCall = (cpuUs(peer.process.pid) - before) / (calls + failures + connections);
  const callsPerCpuSecond = ((calls / (calls + failures)) * 1e6) / cpuUsPerCall;
  peer.process.dropLog();
  return { calls, failures, callsPerSecond, callsPerCpuSecond, p50Ms, p99Ms, cpuUsPerCall };
}

function secondsAt(connections: number): number {
  return connections >= MANY.connections ? seconds * MANY.times : seconds;
}

/** What one has still to do when its load ends must not slow the other. */
async function untilIdle({ process: { pid } }: Peer): Promise<void> {
  for (const end = performance.now() + IDLE.maxMs; performance.now() < end;) {
    const before = cpuUs(pid);
    await sleep(IDLE.ms);
    if (cpuUs(pid) - before < IDLE.ms * 1000 * IDLE.share) return;
  }
}

function print(series: readonly Series[]): void {
  console.log(
    `Node ${process.version}, ${rounds} rounds of ${seconds} s (${secondsAt(MANY.connections)} s at ${MANY.connections} connections), medians; "x": relative to mcpo in the same round, median\n`,
  );
  const header = ['server', 'connections', 'target', 'calls/s', 'calls/CPU s', 'p50 ms', 'p99 ms', 'CPU us/call', 'failed'];
  printTable(
    [...header, 'calls x', 'calls/CPU s x', 'p50 x', 'p99 x', 'CPU x'],
    series.flatMap((one) => [row(one, 'mcpo'), [...row(one, 'gateway'), ...METRICS.map((metric) => ratio(one, metric).toFixed(3))]]),
  );
  const memory = [mcpo, gateway].map(({ name, process: { pid } }) => `${name} ${rssMb(pid).toFixed(0)} MB`);
  console.log(`\nRSS after the load: ${memory.join(', ')}\n`);
}

function row({ call, connections, samples }: Series, name: Peer['name']): string[] {
  const cells = METRICS.map((metric) => median(samples.map((sample) => sample[name][metric])).toFixed(metric.endsWith('Ms') ? 2 : 0));
  const [failures, calls] = (['failures', 'calls'] as const).map((key) => samples.reduce((sum, sample) => sum + sample[name][key], 0));
  return [call.server, `${connections}`, name, ...cells, `${failures} of ${(failures as number) + (calls as number)}`];
}

/** What the gateway took relative to mcpo in the same round: the median over the rounds. */
function ratio({ samples }: Series, metric: Metric): number {
  return median(samples.map((sample) => sample.gateway[metric] / sample.mcpo[metric]));
}

function gates(series: readonly Series[]): Gate[] {
  const failures = series.flatMap(({ samples }) => samples).reduce((sum, sample) => sum + sample.gateway.failures, 0);
  const none: Gate = { promise: 'the gateway answers every call with success', measured: `${failures} failures`, isMet: failures === 0 };
  const full = series.find(({ call, connections }) => call === HTTP_CALL && connections === GATE_CONNECTIONS);
  if (!full) return [none];
  const [perCore, p99] = [ratio(full, 'callsPerCpuSecond'), ratio(full, 'p99Ms')];
  const under = `at ${GATE_CONNECTIONS} connections to the server over HTTP`;
  return [
    none,
    {
      promise: `${under} the gateway does at least ${MIN_PER_CORE_RATIO} times mcpo's calls per CPU second`,
      measured: perCore.toFixed(1),
      isMet: perCore >= MIN_PER_CORE_RATIO,
    },
    {
      promise: `${under} its p99 is at most ${MAX_P99_RATIO} of mcpo's`,
      measured: p99.toFixed(3),
      isMet: p99 <= MAX_P99_RATIO,
    },
  ];
}
