/**
 * What a Redis in trouble does to calls: a gateway that limits through it, asked at a steady rate while Redis is well, and in each kind of
 * trouble; then how long it takes to find it again.
 *
 * node bench/redis-faults.ts [--rate N] [--seconds N]
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { AMPLE_LIMITS } from '../test/support/ample-limits.ts';
import redisInstalled from '../test/support/redis/redis-installed.ts';
import { RedisServer } from '../test/support/redis/redis-server.ts';
import { until } from '../test/support/until.ts';
import { ECHO_ARGUMENTS } from './support/echo-tool.ts';
import { report } from './support/gates.ts';
import { load, pacedLoadWithFailures } from './support/load/load.ts';
import { startLogged, startLoggedGateway } from './support/logged-process.ts';
import { rssMb } from './support/measured/process-usage.ts';
import { printTable } from './support/table.ts';

const MAX_ADDED_P99_MS = 70;
const MAX_RETURN_MS = 5_000;
const MAX_RSS_GROWTH_MB = 40;
const CONNECTIONS = 16;
const WARM_UP_CALLS = 30_000;

const { values } = parseArgs({ options: { rate: { type: 'string', default: '300' }, seconds: { type: 'string', default: '6' } } });
const [rate, seconds] = [Number(values.rate), Number(values.seconds)];

/** A kind of trouble, and what ends it; resolves when it has ended. */
interface Trouble {
  readonly name: string;
  begin(redis: RedisServer): Promise<unknown>;
  end(redis: RedisServer): Promise<unknown>;
}

const TROUBLES: readonly Trouble[] = [
  { name: 'killed', begin: (redis) => redis.kill(), end: (redis) => redis.restart() },
  { name: 'stopped (SIGSTOP)', begin: signal('SIGSTOP'), end: signal('SIGCONT') },
  {
    name: 'paused (CLIENT PAUSE)',
    begin: (redis) => redis.run('CLIENT', 'PAUSE', `${seconds * 1000 + 1_000}`, 'ALL'),
    end: (redis) => redis.run('PING'),
  },
  {
    name: 'a replica (REPLICAOF)',
    begin: (redis) => redis.run('REPLICAOF', '127.0.0.1', '1'),
    end: (redis) => redis.run('REPLICAOF', 'NO', 'ONE'),
  },
  {
    name: 'out of memory (maxmemory)',
    begin: (redis) => redis.run('CONFIG', 'SET', 'maxmemory', '1'),
    end: (redis) => redis.run('CONFIG', 'SET', 'maxmemory', '0'),
  },
  {
    name: 'another password (requirepass)',
    begin: async (redis) => {
      await redis.run('CONFIG', 'SET', 'requirepass', 'another');
      await redis.run('CLIENT', 'KILL', 'TYPE', 'normal', 'SKIPME', 'yes');
    },
    end: (redis) => redis.run('CONFIG', 'SET', 'requirepass', ''),
  },
];

interface Phase {
  readonly name: string;
  readonly failures: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly returnMs: number | undefined;
}

await redisInstalled();
const redis = await RedisServer.start();
const upstream = await startLogged('bench/support/servers/raw-upstream.ts');
const gateway = await startLoggedGateway({
  env: { PORT: '0', MCP_SERVER_URL: `${upstream.url}/mcp`, REDIS_URL: redis.url, ...AMPLE_LIMITS },
});
const request = { url: `${gateway.url}/v1/tools/echo`, body: ECHO_ARGUMENTS, accept: 'application/json' };
try {
  await until('the tool is there', async () => (await (await fetch(`${gateway.url}/openapi.json`)).text()).includes('/echo"'));
  for (let calls = 0; calls < WARM_UP_CALLS;) calls += (await load(request, CONNECTIONS, 2)).calls;
  const rssBefore = rssMb(gateway.pid);
  const phases = [await phase('well')];
  for (const trouble of TROUBLES) phases.push(await inTrouble(trouble));
  phases.push(await phase('well again'));
  print(phases);
  const [well] = phases as [Phase];
  const added = Math.max(...phases.map(({ p99Ms }) => p99Ms - well.p99Ms));
  const longest = Math.max(...phases.map(({ returnMs }) => returnMs ?? 0));
  const failures = phases.reduce((sum, one) => sum + one.failures, 0);
  const growth = rssMb(gateway.pid) - rssBefore;
  report([
    { promise: `every call of ${rate * seconds * phases.length} is answered 200`, measured: `${failures} were not`, isMet: failures === 0 },
    {
      promise: `trouble adds less than ${MAX_ADDED_P99_MS} ms to p99`,
      measured: `${added.toFixed(1)} ms`,
      isMet: added < MAX_ADDED_P99_MS,
    },
    {
      promise: `Redis is found within ${MAX_RETURN_MS / 1000} s of its return`,
      measured: `${(longest / 1000).toFixed(2)} s`,
      isMet: longest <= MAX_RETURN_MS,
    },
    {
      promise: `memory grows by less than ${MAX_RSS_GROWTH_MB} MB`,
      measured: `${growth.toFixed(0)} MB`,
      isMet: growth < MAX_RSS_GROWTH_MB,
    },
  ]);
} finally {
  await Promise.all([gateway.stop(), upstream.stop()]);
  await redis.stop();
}

async function inTrouble({ name, begin, end }: Trouble): Promise<Phase> {
  await redis.client();
  const [measured] = await Promise.all([phase(name), sleep(500).then(() => begin(redis))]);
  await end(redis);
  const endedAt = performance.now();
  await until('Redis is found', isFound);
  return { ...measured, returnMs: performance.now() - endedAt };
}

async function phase(name: string): Promise<Phase> {
  console.error(`${name} ...`);
  const { failures, p50Ms, p99Ms } = await pacedLoadWithFailures(request, rate, CONNECTIONS, seconds);
  gateway.dropLog();
  return { name, failures, p50Ms, p99Ms, returnMs: undefined };
}

async function isFound(): Promise<boolean> {
  return (await (await fetch(`${gateway.url}/metrics`)).text()).includes('\nmcpo_redis_up 1\n');
}

function print(phases: readonly Phase[]): void {
  console.log(`Node ${process.version}, ${rate} calls/s for ${seconds} s in each state of Redis, trouble from half a second on\n`);
  printTable(
    ['Redis', 'not 200', 'p50 ms', 'p99 ms', 'found again after ms'],
    phases.map(({ name, failures, p50Ms, p99Ms, returnMs }) => [
      name,
      `${failures}`,
      p50Ms.toFixed(2),
      p99Ms.toFixed(1),
      returnMs === undefined ? '' : returnMs.toFixed(0),
    ]),
  );
}

function signal(name: NodeJS.Signals): (redis: RedisServer) => Promise<void> {
  return (redis) => Promise.resolve(redis.signal(name));
}
