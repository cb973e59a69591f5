/**
 * What a call by an MCP client costs at `/mcp`, of both generations of clients: beside a floor that passes messages on (parse, own ids and
 * sessions), beside the server alone, and beside the same call over HTTP. And what a client costs its server that comes anew.
 * All run side by side and are measured in turn, so that a change of the machine's pace meets all alike.
 *
 * node bench/mcp.ts [--quick] [--rounds N] [--seconds N] [--connections N]
 */
import { parseArgs } from 'node:util';
import { report } from './support/gates.ts';
import { ensureWrk, load, type LoadRequest } from './support/load/load.ts';
import { type LoggedProcess, startLogged } from './support/logged-process.ts';
import { callOf, type Era } from './support/load/mcp-clients.ts';
import { cpuUs } from './support/measured/process-usage.ts';
import { median } from './support/statistics.ts';
import { printTable } from './support/table.ts';
import { checkAnswer, KEY, startGatewayTarget, startUpstream } from './support/targets.ts';
import { UndisturbedSamples } from './support/measured/undisturbed.ts';

const MIN_THROUGHPUT_RATIO = 0.6;
const MAX_CPU_RATIO = 1.3;
const ERAS: readonly Era[] = ['legacy', 'modern'];
const NEW_CLIENTS = 50;
/** V8 is done with compiling what is hot after about so many calls. */
const WARM_UP = { calls: 30_000, seconds: 2, maxRuns: 12 };

const { values } = parseArgs({
  options: {
    quick: { type: 'boolean', default: false },
    rounds: { type: 'string' },
    seconds: { type: 'string' },
    connections: { type: 'string', default: '16' },
  },
});
const rounds = Number(values.rounds ?? (values.quick ? 3 : 7));
const seconds = Number(values.seconds ?? (values.quick ? 1 : 2));
const connections = Number(values.connections);

type Way = 'direct' | 'floor' | '/mcp' | 'HTTP face';

interface Sample {
  readonly callsPerSecond: number;
  readonly p99Ms: number;
  readonly cpuUsPerCall: number;
}

/** One line of the table; `samples[i]` was taken in round i. */
interface Series {
  readonly way: Way;
  /** Undefined for the HTTP face. */
  readonly era: Era | undefined;
  readonly process: LoggedProcess;
  readonly request: LoadRequest;
  readonly samples: Sample[];
}

ensureWrk();
const upstream = await startUpstream('json');
const floor = await startLogged('bench/support/servers/mcp-floor.ts', { args: [upstream.process.url] });
const gateway = await startGatewayTarget(upstream);
const authorization = `Bearer ${KEY}`;
const processes = [upstream.process, floor, gateway.process];
const undisturbed = new UndisturbedSamples(processes.map(({ pid }) => pid));
try {
  const all = await allSeries();
  for (const series of all) await warmUp(series);
  for (let round = 1; round <= rounds; round++) {
    console.error(`Round ${round} of ${rounds} ...`);
    for (const series of all) series.samples.push(await undisturbed.take(() => sample(series)));
  }
  print(all);
  const handshakes = await handshakesOfNewClients();
  report([
    ...ERAS.flatMap((era) => gatesOf(era, all)),
    {
      promise: `${NEW_CLIENTS} clients that come anew and call cost their server no handshake`,
      measured: `${handshakes}`,
      isMet: handshakes === 0,
    },
  ]);
} finally {
  await Promise.all(processes.map((process) => process.stop()));
}

async function allSeries(): Promise<Series[]> {
  const ofEras = ERAS.map(async (era): Promise<Series[]> => [
    { way: 'direct', era, process: upstream.process, request: await callOf(era, upstream.request.url), samples: [] },
    { way: 'floor', era, process: floor, request: await callOf(era, `${floor.url}/mcp`), samples: [] },
    { way: '/mcp', era, process: gateway.process, request: await callOf(era, `${gateway.process.url}/mcp`, authorization), samples: [] },
  ]);
  const { process, request } = gateway;
  return [...(await Promise.all(ofEras)).flat(), { way: 'HTTP face', era: undefined, process, request, samples: [] }];
}

async function warmUp({ way, request }: Series): Promise<void> {
  await checkAnswer({ name: way, request: { ...request, body: request.body?.replace('"@id@"', '"first"') } });
  for (let calls = 0, run = 0; calls < WARM_UP.calls && run < WARM_UP.maxRuns; run++)
    calls += (await load(request, connections, WARM_UP.seconds)).calls;
}

/** Throws where a call was answered that never reached the server: errors of MCP are answered 200, too. */
async function sample({ way, process, request }: Series): Promise<Sample> {
  const reachedBefore = (await counts()).calls;
  const before = cpuUs(process.pid);
  const { calls, callsPerSecond, p99Ms } = await load(request, connections, seconds);
  const cpuUsPerCall = (cpuUs(process.pid) - before) / calls;
  const reached = (await counts()).calls - reachedBefore;
  if (reached < calls) throw new Error(`By ${way} ${calls} calls were answered, of which ${reached} reached the server.`);
  process.dropLog();
  return { callsPerSecond, p99Ms, cpuUsPerCall };
}

async function counts(): Promise<{ readonly initialize: number; readonly calls: number }> {
  const response = await fetch(`${upstream.process.url}/counts`);
  return (await response.json()) as { initialize: number; calls: number };
}

/** How often its server is begun with for clients that begin with the gateway, and call once. */
async function handshakesOfNewClients(): Promise<number> {
  const before = await counts();
  const url = `${gateway.process.url}/mcp`;
  for (let client = 0; client < NEW_CLIENTS; client++) {
    const call = await callOf('legacy', url, authorization);
    await checkAnswer({ name: 'gateway', request: { ...call, body: call.body?.replace('"@id@"', '1') } });
  }
  const after = await counts();
  if (after.calls - before.calls !== NEW_CLIENTS)
    throw new Error(`Of ${NEW_CLIENTS} calls ${after.calls - before.calls} reached the server.`);
  return after.initialize - before.initialize;
}

function print(all: readonly Series[]): void {
  console.log(
    `Node ${process.version}, ${connections} connections, ${rounds} rounds of ${seconds} s, medians; "x": relative to the floor of the same clients, and to the HTTP face, in the same round, median\n`,
  );
  const rows = all.map((series) => {
    const { way, era, samples } = series;
    const of = (metric: keyof Sample) => median(samples.map((sample) => sample[metric]));
    const http = ratio('cpuUsPerCall', series, find(all, 'HTTP face', undefined));
    const toFloor = (metric: keyof Sample) => (era === undefined ? '' : ratio(metric, series, find(all, 'floor', era)).toFixed(2));
    return [
      era ?? '',
      way,
      of('callsPerSecond').toFixed(0),
      of('p99Ms').toFixed(1),
      of('cpuUsPerCall').toFixed(1),
      toFloor('callsPerSecond'),
      toFloor('cpuUsPerCall'),
      series.process === gateway.process ? http.toFixed(2) : '',
    ];
  });
  printTable(['clients', 'way', 'calls/s', 'p99 ms', 'CPU us/call', 'calls x floor', 'CPU x floor', 'CPU x HTTP face'], rows);
  undisturbed.printDisturbed();
  console.log();
}

function gatesOf(era: Era, all: readonly Series[]) {
  const mcp = find(all, '/mcp', era);
  const throughput = ratio('callsPerSecond', mcp, find(all, 'floor', era));
  const cpu = ratio('cpuUsPerCall', mcp, find(all, 'HTTP face', undefined));
  return [
    {
      promise: `${era} clients make at least ${MIN_THROUGHPUT_RATIO} of the floor's calls per second`,
      measured: throughput.toFixed(2),
      isMet: throughput >= MIN_THROUGHPUT_RATIO,
    },
    {
      promise: `a call of ${era} clients costs at most ${MAX_CPU_RATIO} times the CPU of the HTTP face`,
      measured: cpu.toFixed(2),
      isMet: cpu <= MAX_CPU_RATIO,
    },
  ];
}

/** The median over the rounds of one's metric relative to the other's in the same round. */
function ratio(metric: keyof Sample, one: Series, other: Series): number {
  return median(one.samples.map((sample, round) => sample[metric] / (other.samples[round]?.[metric] ?? NaN)));
}

function find(all: readonly Series[], way: Way, era: Era | undefined): Series {
  return all.find((series) => series.way === way && series.era === era) as Series;
}
