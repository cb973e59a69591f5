/**
 * What the gateway does for 100 callers at once who call the planner, over HTTP, without pause, as it is by default but for the limits on
 * calls a minute; meanwhile health is asked twenty times a second. Then every server and Redis are stopped, with calls in flight, and every
 * endpoint of health is asked.
 *
 * node bench/load.ts [--connections N] [--seconds N]
 */
import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs, promisify } from 'node:util';
import { AMPLE_LIMITS } from '../test/support/ample-limits.ts';
import { PLANNER } from '../test/support/built.ts';
import { get, post } from '../test/support/exchange.ts';
import { allListed } from '../test/support/listed.ts';
import { peakMb } from '../test/support/process/peak-memory.ts';
import redisInstalled from '../test/support/redis/redis-installed.ts';
import { RedisServer } from '../test/support/redis/redis-server.ts';
import { report } from './support/gates.ts';
import { type LoggedProcess, startLogged, startLoggedGateway } from './support/logged-process.ts';
import type { PlannerLoad } from './support/load/planner-load.ts';
import { childPids } from './support/measured/process-usage.ts';
import { percentile } from './support/statistics.ts';
import { printTable } from './support/table.ts';

const MAX_P95_MS = 500;
const MAX_HEALTH_P99_MS = 100;
const MAX_RSS_MB = 256;
const HEALTH_EVERY_MS = 50;
const HANGING_CALLS = 50;
const HEALTH_REQUESTS = 200;
const HEALTH = ['/health', '/health/mcp', '/health/redis', '/health/openwebui', '/health/live', '/ready'];
const LIMITS = { ...AMPLE_LIMITS, PORT: '0', MAX_CONNECTIONS: '100' };

const { values } = parseArgs({ options: { connections: { type: 'string', default: '100' }, seconds: { type: 'string', default: '60' } } });
const folder = mkdtempSync(path.join(tmpdir(), 'bench-load-'));
process.once('exit', () => rmSync(folder, { recursive: true, force: true }));

await redisInstalled();
const planner = await startLogged(PLANNER, { args: ['--http'], env: { PLANNER_PORT: '0' } });
const { load, healthMs, rssMb } = await underLoad();
const hanging = await withAllStopped();
await planner.stop();

console.log(`Node ${process.version}, ${values.connections} connections for ${values.seconds} s\n`);
const ms = (value: number) => value.toFixed(1);
printTable(
  ['', 'calls/s', 'p50 ms', 'p95 ms', 'p99 ms'],
  [
    ['tool calls', `${Math.round(load.calls / Number(values.seconds))}`, ms(load.p50Ms), ms(load.p95Ms), ms(load.p99Ms)],
    ['/health meanwhile', '', ...[0.5, 0.95, 0.99].map((share) => ms(percentile(healthMs, share)))],
    ...hanging.map(({ at, times }) => [`${at}, all stopped`, '', ...[0.5, 0.95, 0.99].map((share) => ms(percentile(times, share)))]),
  ],
);
const slowest = Math.max(...hanging.map(({ times }) => percentile(times, 0.99)));
console.log();
report([
  {
    promise: 'every call is answered, and by what it asked for',
    measured: `${load.errors} errors in ${load.calls} calls ${load.firstError ?? ''}`.trim(),
    isMet: load.errors === 0 && load.calls > 0,
  },
  { promise: `p95 of calls is less than ${MAX_P95_MS} ms`, measured: `${ms(load.p95Ms)} ms`, isMet: load.p95Ms < MAX_P95_MS },
  {
    promise: `p99 of /health meanwhile is less than ${MAX_HEALTH_P99_MS} ms`,
    measured: `${ms(percentile(healthMs, 0.99))} ms`,
    isMet: percentile(healthMs, 0.99) < MAX_HEALTH_P99_MS,
  },
  { promise: `the gateway never held more than ${MAX_RSS_MB} MB`, measured: `${rssMb.toFixed(0)} MB`, isMet: rssMb <= MAX_RSS_MB },
  {
    promise: `p99 of each /health* and of /ready is less than ${MAX_HEALTH_P99_MS} ms with every server and Redis stopped`,
    measured: `${ms(slowest)} ms`,
    isMet: slowest < MAX_HEALTH_P99_MS,
  },
]);

async function underLoad(): Promise<{ load: PlannerLoad; healthMs: number[]; rssMb: number }> {
  const gateway = await startLoggedGateway({ env: { ...LIMITS, MCP_SERVER_URL: planner.url } });
  try {
    await allListed(gateway.url);
    const healthMs: number[] = [];
    const loaded = runLoad(gateway);
    let isOver = false;
    void loaded.finally(() => (isOver = true)).catch(() => undefined);
    while (!isOver) {
      const [taken] = await Promise.all([timed(gateway, '/health'), sleep(HEALTH_EVERY_MS)]);
      healthMs.push(taken);
    }
    return { load: await loaded, healthMs, rssMb: peakMb(gateway.pid) };
  } finally {
    await gateway.stop();
  }
}

async function runLoad({ url }: LoggedProcess): Promise<PlannerLoad> {
  const args = [path.join(import.meta.dirname, 'support/load/planner-load.ts'), url, values.connections, values.seconds];
  const { stdout } = await promisify(execFile)(process.execPath, args);
  return JSON.parse(stdout) as PlannerLoad;
}

/** A server over HTTP, one over stdio, and Redis. */
async function withAllStopped(): Promise<{ at: string; times: number[] }[]> {
  const redis = await RedisServer.start();
  const config = path.join(folder, 'mcp.json');
  const near = { command: process.execPath, args: [path.resolve(PLANNER)] };
  writeFileSync(config, JSON.stringify({ mcpServers: { near, far: { url: `${planner.url}/mcp` } } }));
  const gateway = await startLoggedGateway({ args: ['--config', config], env: { ...LIMITS, REDIS_URL: redis.url } });
  const stopped = [planner.pid, redis.pid, ...childPids(gateway.pid)];
  try {
    await allListed(gateway.url);
    for (const pid of stopped) process.kill(pid, 'SIGSTOP');
    const calls = Array.from({ length: HANGING_CALLS }, (_, call) =>
      post(gateway.url, `/v1/tools/${call % 2 ? 'near' : 'far'}_list_plans`, {}).catch(() => undefined),
    );
    const measured = HEALTH.map((at) => ({ at, times: [] as number[] }));
    for (let request = 0; request < HEALTH_REQUESTS; request += 1)
      for (const { at, times } of measured) times.push(await timed(gateway, at));
    for (const pid of stopped) process.kill(pid, 'SIGCONT');
    await Promise.all(calls);
    return measured;
  } finally {
    for (const pid of stopped) process.kill(pid, 'SIGCONT');
    await gateway.stop();
    await redis.stop();
  }
}

/** On a connection of its own, as a probe asks. */
async function timed({ url }: LoggedProcess, at: string): Promise<number> {
  const start = performance.now();
  const { status } = await get(url, at);
  if (status !== 200) throw new Error(`${at} is answered ${status}.`);
  return performance.now() - start;
}
