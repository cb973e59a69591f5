/**
 * The gateway beside mcpo: one config file, the same calls to the same servers, side by side and measured in turn.
 *
 * node bench/mcpo.ts [--quick] [--rounds N] [--seconds N] [--connections 1,16,100]
 */
import { parseArgs } from 'node:util';
import { type Gate, report } from './support/gates.ts';
import { ensureWrk } from './support/load/load.ts';
import { measurePaced, type Metric, METRICS, type PacedSeries, sample, secondsAt, type Series, warmUp } from './support/load/peer-load.ts';
import { HTTP_CALL, type Peer, type PeerCall, startPeers, STDIO_CALL } from './support/peers.ts';
import { childPids, rssMb } from './support/measured/process-usage.ts';
import { median } from './support/statistics.ts';
import { printTable } from './support/table.ts';
import { UndisturbedSamples } from './support/measured/undisturbed.ts';

const MANY_CONNECTIONS = 100;
const OVER_HTTP = { minPerCoreRatio: 15, maxP99Ratio: 1 / 20 };
const OVER_STDIO = { connections: [16, MANY_CONNECTIONS], minCallsRatio: 15, pacedConnections: 16, maxPacedP99Ratio: 1 / 5 };

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

ensureWrk();
const peers = await startPeers();
const { mcpo, gateway } = peers;
try {
  for (const call of [HTTP_CALL, STDIO_CALL]) for (const peer of [mcpo, gateway]) await warmUp(peer, call);
  // The servers that they have started by now belong to the bench.
  const pids = [mcpo, gateway].flatMap(({ process: { pid } }) => [pid, ...childPids(pid)]);
  const undisturbed = new UndisturbedSamples(pids, 2 * rounds * connectionCounts.length);
  const series = await measure(undisturbed);
  const ofPaced = find(series, STDIO_CALL, OVER_STDIO.pacedConnections);
  const paced = ofPaced && (await measurePaced(peers, ofPaced, seconds, undisturbed));
  undisturbed.printDisturbed();
  print(series, paced);
  report([...gates(series), ...pacedGates(paced)]);
} finally {
  await peers.stop();
}

async function measure(undisturbed: UndisturbedSamples): Promise<Series[]> {
  const series = [HTTP_CALL, STDIO_CALL].flatMap((call) =>
    connectionCounts.map((connections): Series => ({ call, connections, samples: [] })),
  );
  for (let round = 1; round <= rounds; round++) {
    console.error(`Round ${round} of ${rounds} ...`);
    for (const { call, connections, samples } of series) {
      const ofMcpo = await undisturbed.take(() => sample(mcpo, call, connections, seconds));
      samples.push({ mcpo: ofMcpo, gateway: await undisturbed.take(() => sample(gateway, call, connections, seconds)) });
    }
  }
  return series;
}

function print(series: readonly Series[], paced: PacedSeries | undefined): void {
  console.log(
    `Node ${process.version}, ${rounds} rounds of ${seconds} s (${secondsAt(MANY_CONNECTIONS, seconds)} s at ${MANY_CONNECTIONS} connections), medians; "x": relative to mcpo in the same round, median\n`,
  );
  const header = ['server', 'connections', 'target', 'calls/s', 'calls/CPU s', 'p50 ms', 'p99 ms', 'CPU us/call', 'failed'];
  printTable(
    [...header, 'calls x', 'calls/CPU s x', 'p50 x', 'p99 x', 'CPU x'],
    series.flatMap((one) => [row(one, 'mcpo'), [...row(one, 'gateway'), ...METRICS.map((metric) => ratio(one, metric).toFixed(3))]]),
  );
  if (paced) printPaced(paced);
  const memory = [mcpo, gateway].map(({ name, process: { pid } }) => `${name} ${rssMb(pid).toFixed(0)} MB`);
  console.log(`\nRSS after the load: ${memory.join(', ')}\n`);
}

function printPaced(paced: PacedSeries): void {
  const [ofMcpo, ofGateway] = (['mcpo', 'gateway'] as const).map((name) => median(paced.p99Ms.map((each) => each[name])).toFixed(2));
  const { call, connections, callsPerSecond } = paced;
  const rate = `${callsPerSecond} calls/s over ${connections} connections to the server over ${call.server}`;
  console.log(`\np99 at ${rate}: mcpo ${ofMcpo} ms, gateway ${ofGateway} ms, ${pacedRatio(paced).toFixed(3)} x`);
}

function row({ call, connections, samples }: Series, name: Peer['name']): string[] {
  const cells = METRICS.map((metric) => median(samples.map((each) => each[name][metric])).toFixed(metric.endsWith('Ms') ? 2 : 0));
  const [failures, calls] = (['failures', 'calls'] as const).map((key) => samples.reduce((sum, each) => sum + each[name][key], 0));
  return [call.server, `${connections}`, name, ...cells, `${failures} of ${(failures as number) + (calls as number)}`];
}

/** What the gateway took relative to mcpo in the same round: the median over the rounds. */
function ratio({ samples }: Series, metric: Metric): number {
  return median(samples.map((each) => each.gateway[metric] / each.mcpo[metric]));
}

function pacedRatio({ p99Ms }: PacedSeries): number {
  return median(p99Ms.map((each) => each.gateway / each.mcpo));
}

/** Of what was measured: fewer connections than usual leave gates out. */
function gates(series: readonly Series[]): Gate[] {
  const failures = series.flatMap(({ samples }) => samples).reduce((sum, { gateway }) => sum + gateway.failures, 0);
  const none: Gate = { promise: 'the gateway answers every call with success', measured: `${failures} failures`, isMet: failures === 0 };
  const full = find(series, HTTP_CALL, MANY_CONNECTIONS);
  const stdio = OVER_STDIO.connections.flatMap((connections) => find(series, STDIO_CALL, connections) ?? []);
  return [none, ...(full ? gatesOverHttp(full) : []), ...stdio.map(gateOverStdio)];
}

function gatesOverHttp(full: Series): Gate[] {
  const [perCore, p99] = [ratio(full, 'callsPerCpuSecond'), ratio(full, 'p99Ms')];
  const { minPerCoreRatio, maxP99Ratio } = OVER_HTTP;
  const under = `at ${full.connections} connections to the server over HTTP`;
  return [
    {
      promise: `${under} the gateway does at least ${minPerCoreRatio} times mcpo's calls per CPU second`,
      measured: perCore.toFixed(1),
      isMet: perCore >= minPerCoreRatio,
    },
    { promise: `${under} its p99 is at most ${maxP99Ratio} of mcpo's`, measured: p99.toFixed(3), isMet: p99 <= maxP99Ratio },
  ];
}

function gateOverStdio(series: Series): Gate {
  const calls = ratio(series, 'callsPerSecond');
  return {
    promise: `at ${series.connections} connections to the server over stdio the gateway does at least ${OVER_STDIO.minCallsRatio} times mcpo's calls`,
    measured: calls.toFixed(1),
    isMet: calls >= OVER_STDIO.minCallsRatio,
  };
}

function pacedGates(paced: PacedSeries | undefined): Gate[] {
  if (!paced) return [];
  const p99 = pacedRatio(paced);
  const promise = `at ${paced.callsPerSecond} calls/s over stdio the gateway's p99 is at most ${OVER_STDIO.maxPacedP99Ratio} of mcpo's`;
  return [{ promise, measured: p99.toFixed(3), isMet: p99 <= OVER_STDIO.maxPacedP99Ratio }];
}

function find(series: readonly Series[], call: PeerCall, connections: number): Series | undefined {
  return series.find((one) => one.call === call && one.connections === connections);
}
