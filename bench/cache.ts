/**
 * What a result that is kept saves: calls that are answered with one beside calls that go to a server with 5 ms of work, and the CPU of one
 * beside that of `/health/live`, all of one gateway, in turn.
 *
 * node bench/cache.ts [--rounds N] [--seconds N] [--work-ms N]
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { AMPLE_LIMITS } from '../test/support/ample-limits.ts';
import { until } from '../test/support/until.ts';
import { ECHO_ARGUMENTS } from './support/echo-tool.ts';
import { report } from './support/gates.ts';
import { ensureWrk, load, type LoadRequest } from './support/load/load.ts';
import { startLogged, startLoggedGateway } from './support/logged-process.ts';
import { cpuUs } from './support/measured/process-usage.ts';
import { median } from './support/statistics.ts';
import { printTable } from './support/table.ts';
import { UndisturbedSamples } from './support/measured/undisturbed.ts';

const MIN_THROUGHPUT_RATIO = 3;
const MAX_CPU_RATIO = 1.3;
const CONNECTIONS = 16;
const WARM_UP_CALLS = 30_000;
const KINDS = ['live', 'hit', 'miss'] as const;
type Kind = (typeof KINDS)[number];
const NAMES: Readonly<Record<Kind, string>> = { live: '/health/live', hit: 'a result that is kept', miss: 'the server' };

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '7' },
    seconds: { type: 'string', default: '2' },
    'work-ms': { type: 'string', default: '5' },
  },
});
const seconds = Number(values.seconds);

interface Sample {
  readonly callsPerSecond: number;
  readonly p99Ms: number;
  readonly cpuUsPerCall: number;
}

ensureWrk();
const folder = mkdtempSync(path.join(tmpdir(), 'bench-cache-'));
const file = path.join(folder, 'mcp.json');
const upstream = await startLogged('bench/support/servers/raw-upstream.ts', { args: ['--work-ms', values['work-ms']] });
writeFileSync(file, JSON.stringify({ mcpServers: { raw: { url: `${upstream.url}/mcp`, cache: { echo: 3_600 } } } }));
const gateway = await startLoggedGateway({ env: { PORT: '0', MCP_CONFIG: file, API_KEYS: 'bench:key-of-the-bench', ...AMPLE_LIMITS } });
try {
  await until('the tool is there', async () => (await (await fetch(`${gateway.url}/openapi.json`)).text()).includes('raw_echo'));
  for (const kind of KINDS) await warmUp(kind);
  const samples = await measure();
  print(samples);
  const ratio = (of: (sample: Sample) => number, one: Kind, other: Kind) =>
    median(samples[one].map((sample, round) => of(sample) / of(samples[other][round] as Sample)));
  const throughput = ratio(({ callsPerSecond }) => callsPerSecond, 'hit', 'miss');
  const cpu = ratio(({ cpuUsPerCall }) => cpuUsPerCall, 'hit', 'live');
  report([
    {
      promise: `hits are at least ${MIN_THROUGHPUT_RATIO} times as many as misses to a server with ${values['work-ms']} ms of work`,
      measured: throughput.toFixed(1),
      isMet: throughput >= MIN_THROUGHPUT_RATIO,
    },
    {
      promise: `a hit costs at most ${MAX_CPU_RATIO} times the CPU of /health/live`,
      measured: cpu.toFixed(2),
      isMet: cpu <= MAX_CPU_RATIO,
    },
  ]);
} finally {
  await Promise.all([gateway.stop(), upstream.stop()]);
  rmSync(folder, { recursive: true });
}

function requestOf(kind: Kind): LoadRequest {
  if (kind === 'live') return { url: `${gateway.url}/health/live`, body: undefined, accept: '*/*' };
  return {
    url: `${gateway.url}/v1/tools/raw_echo`,
    body: ECHO_ARGUMENTS,
    accept: 'application/json',
    authorization: 'Bearer key-of-the-bench',
    cacheControl: kind === 'miss' ? 'no-cache' : undefined,
  };
}

/** Those that wait for the server are too slow for that many. */
async function warmUp(kind: Kind): Promise<void> {
  for (let calls = 0, run = 0; calls < WARM_UP_CALLS && run < 8; run += 1) calls += (await load(requestOf(kind), CONNECTIONS, 2)).calls;
}

async function measure(): Promise<Record<Kind, Sample[]>> {
  const samples: Record<Kind, Sample[]> = { live: [], hit: [], miss: [] };
  const undisturbed = new UndisturbedSamples([gateway.pid, upstream.pid]);
  for (let round = 0; round < Number(values.rounds); round += 1)
    for (const kind of KINDS) samples[kind].push(await undisturbed.take(() => sample(kind)));
  undisturbed.printDisturbed();
  return samples;
}

async function sample(kind: Kind): Promise<Sample> {
  const before = cpuUs(gateway.pid);
  const { calls, callsPerSecond, p99Ms } = await load(requestOf(kind), CONNECTIONS, seconds);
  gateway.dropLog();
  return { callsPerSecond, p99Ms, cpuUsPerCall: (cpuUs(gateway.pid) - before) / calls };
}

function print(samples: Record<Kind, readonly Sample[]>): void {
  console.log(`Node ${process.version}, ${values.rounds} rounds of ${values.seconds} s, ${CONNECTIONS} connections, medians\n`);
  printTable(
    ['answered by', 'calls/s', 'p99 ms', 'CPU us/call'],
    KINDS.map((kind) => {
      const of = (value: (sample: Sample) => number, digits: number) => median(samples[kind].map(value)).toFixed(digits);
      return [
        NAMES[kind],
        of(({ callsPerSecond }) => callsPerSecond, 0),
        of(({ p99Ms }) => p99Ms, 1),
        of(({ cpuUsPerCall }) => cpuUsPerCall, 1),
      ];
    }),
  );
}
