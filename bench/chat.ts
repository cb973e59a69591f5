/**
 * What the gateway adds to a completion of a model that answers at once: without a tool, one round; with one tool that the gateway runs, two.
 * Beside the model asked directly, as often as the gateway asks it. All run side by side and are measured in turn.
 *
 * node bench/chat.ts [--quick] [--rounds N] [--seconds N] [--connections N]
 */
import { parseArgs } from 'node:util';
import { AMPLE_LIMITS } from '../test/support/ample-limits.ts';
import { report } from './support/gates.ts';
import { ensureWrk, load, type LoadRequest } from './support/load/load.ts';
import { type LoggedProcess, startLogged, startLoggedGateway } from './support/logged-process.ts';
import { cpuUs } from './support/measured/process-usage.ts';
import { median } from './support/statistics.ts';
import { printTable } from './support/table.ts';
import { KEY, startUpstream, untilPublished } from './support/targets.ts';
import { UndisturbedSamples } from './support/measured/undisturbed.ts';

/** Over all that one round adds, at one connection: a model that thinks takes seconds. */
const MAX_ADDED_MS = 5;
/** V8 is done with compiling what is hot after about so many. */
const WARM_UP = { calls: 30_000, seconds: 3, maxRuns: 8 };
const WAYS = ['no tool', 'no tool, streamed', 'one tool', 'one tool, streamed'] as const;
type Way = (typeof WAYS)[number];

const { values } = parseArgs({
  options: {
    quick: { type: 'boolean', default: false },
    rounds: { type: 'string' },
    seconds: { type: 'string' },
    connections: { type: 'string', default: '1' },
  },
});
const rounds = Number(values.rounds ?? (values.quick ? 3 : 7));
const seconds = Number(values.seconds ?? (values.quick ? 1 : 2));
const connections = Number(values.connections);

interface Sample {
  readonly perSecond: number;
  readonly p50Ms: number;
  readonly cpuUs: number;
}

interface Series {
  readonly way: Way;
  /** Rounds of the model for one completion. */
  readonly asks: number;
  readonly process: LoggedProcess;
  readonly request: LoadRequest;
  readonly samples: Sample[];
}

ensureWrk();
const upstream = await startUpstream('json');
const model = await startLogged('bench/support/servers/raw-model.ts');
const limits = { ...AMPLE_LIMITS, MAX_CHATS: '1000' };
const env = {
  PORT: '0',
  MCP_SERVER_URL: upstream.request.url,
  API_KEYS: `bench:${KEY}`,
  OPENAI_API_BASE_URL: `${model.url}/v1`,
  ...limits,
};
const gateway = await startLoggedGateway({ env });
await untilPublished(gateway.url);
const processes = [upstream.process, model, gateway];
const undisturbed = new UndisturbedSamples(processes.map(({ pid }) => pid));
try {
  const direct = WAYS.slice(0, 2).map((way) => seriesOf(way, model, `${model.url}/v1`));
  const through = WAYS.map((way) => seriesOf(way, gateway, `${gateway.url}/v1`));
  const all = [...direct, ...through];
  for (const series of all) await warmUp(series);
  for (let round = 1; round <= rounds; round++) {
    console.error(`Round ${round} of ${rounds} ...`);
    for (const series of all) series.samples.push(await undisturbed.take(() => sample(series)));
  }
  print(direct, through);
} finally {
  await Promise.all(processes.map((process) => process.stop()));
}

function seriesOf(way: Way, process: LoggedProcess, base: string): Series {
  const hasTool = way.startsWith('one');
  const body = {
    model: 'raw',
    stream: way.endsWith('streamed'),
    messages: [{ role: 'user', content: 'Say it.' }],
    ...(!hasTool && { tool_choice: 'none' }),
  };
  const request = {
    url: `${base}/chat/completions`,
    body: JSON.stringify(body),
    accept: 'application/json, text/event-stream',
    ...(process === gateway && { authorization: `Bearer ${KEY}` }),
  };
  return { way, asks: hasTool ? 2 : 1, process, request, samples: [] };
}

async function warmUp({ request }: Series): Promise<void> {
  for (let calls = 0, run = 0; calls < WARM_UP.calls && run < WARM_UP.maxRuns; run++)
    calls += (await load(request, 16, WARM_UP.seconds)).calls;
}

/** Throws where the model was not asked as often as the completions have rounds. */
async function sample({ way, asks, process, request }: Series): Promise<Sample> {
  const [before, used] = [await asked(), cpuUs(process.pid)];
  const { calls, callsPerSecond, p50Ms } = await load(request, connections, seconds);
  const cpu = (cpuUs(process.pid) - used) / calls;
  const rounds = (await asked()) - before;
  if (rounds < asks * calls) throw new Error(`${way}: for ${calls} completions the model was asked ${rounds} times.`);
  process.dropLog();
  return { perSecond: callsPerSecond, p50Ms, cpuUs: cpu };
}

async function asked(): Promise<number> {
  return ((await (await fetch(`${model.url}/counts`)).json()) as { asked: number }).asked;
}

function print(direct: readonly Series[], through: readonly Series[]): void {
  console.log(`Node ${process.version}, ${connections} connections, ${rounds} rounds of ${seconds} s, medians\n`);
  const of = ({ samples }: Series, metric: keyof Sample) => median(samples.map((each) => each[metric]));
  const added = (series: Series): number => {
    const alone = direct.find(({ way }) => way.endsWith('streamed') === series.way.endsWith('streamed')) as Series;
    return median(series.samples.map(({ p50Ms }, round) => p50Ms / series.asks - (alone.samples[round]?.p50Ms ?? NaN)));
  };
  const rows = [...direct.map((series) => ['the model', series] as const), ...through.map((series) => ['the gateway', series] as const)];
  printTable(
    ['asked', 'completion', 'a second', 'p50 ms', 'CPU us', 'added a round, ms'],
    rows.map(([who, series]) => [
      who,
      series.way,
      of(series, 'perSecond').toFixed(0),
      of(series, 'p50Ms').toFixed(2),
      of(series, 'cpuUs').toFixed(0),
      who === 'the model' ? '' : added(series).toFixed(2),
    ]),
  );
  undisturbed.printDisturbed();
  console.log();
  report(
    through.map((series) => ({
      promise: `a round adds at most ${MAX_ADDED_MS} ms to a model that answers at once (${series.way})`,
      measured: added(series).toFixed(2),
      isMet: added(series) <= MAX_ADDED_MS,
    })),
  );
}
