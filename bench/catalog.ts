/**
 * How many reads of the tool catalogue wait for nobody, while lists grow old every few seconds and gateway and server are restarted: with a
 * Redis that keeps the lists.
 *
 * node bench/catalog.ts [--seconds N] [--cache-ttl N]
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { AMPLE_LIMITS } from '../test/support/ample-limits.ts';
import { PLANNER } from '../test/support/built.ts';
import { freePort } from '../test/support/network/free-port.ts';
import redisInstalled from '../test/support/redis/redis-installed.ts';
import { RedisServer } from '../test/support/redis/redis-server.ts';
import { report } from './support/gates.ts';
import { type LoggedProcess, startLogged, startLoggedGateway } from './support/logged-process.ts';

const MIN_HITS = 0.95;
const READ_EACH_MS = 25;
const GATEWAY_LIVES_MS = 10_000;
const SERVER_LIVES_MS = 7_000;
const SERVER_AWAY_MS = 2_000;

const CALL = { method: 'POST', headers: { 'Content-Type': 'application/json' }, body: '{}' };

const { values } = parseArgs({ options: { seconds: { type: 'string', default: '90' }, 'cache-ttl': { type: 'string', default: '5' } } });

await redisInstalled();
const redis = await RedisServer.start();
const [gatewayPort, serverPort] = [await freePort(), await freePort()];
const url = `http://127.0.0.1:${gatewayPort}`;
const env = {
  PORT: `${gatewayPort}`,
  MCP_SERVER_URL: `http://127.0.0.1:${serverPort}/mcp`,
  REDIS_URL: redis.url,
  CACHE_TTL: values['cache-ttl'],
  ...AMPLE_LIMITS,
};
const startServer = () => startLogged(PLANNER, { args: ['--http'], env: { PLANNER_PORT: `${serverPort}` } });
const counts = { hits: 0, misses: 0, reads: 0, failed: 0, gateways: 0, servers: 0 };
let isOver = false;

try {
  await Promise.all([gateways(), servers(), reads(), sleep(Number(values.seconds) * 1000).then(() => (isOver = true))]);
  const ratio = counts.hits / (counts.hits + counts.misses);
  console.log(
    `${counts.reads} requests in ${values.seconds} s with CACHE_TTL=${values['cache-ttl']}, ${counts.gateways} gateways and ${counts.servers} servers one after another, ` +
      `${counts.failed} not answered 200; reads of the catalogue: ${counts.hits} hits, ${counts.misses} misses`,
  );
  report([
    {
      promise: `at least ${MIN_HITS * 100} % of the reads of the catalogue wait for nobody`,
      measured: `${(ratio * 100).toFixed(2)} %`,
      isMet: ratio >= MIN_HITS,
    },
  ]);
} finally {
  await redis.stop();
}

/** One gateway after another; what each counted is read before it is killed. */
async function gateways(): Promise<void> {
  while (!isOver) {
    const gateway = await startLoggedGateway({ env });
    counts.gateways += 1;
    await lives(GATEWAY_LIVES_MS);
    const text = await (await fetch(`${url}/metrics`)).text();
    counts.hits += counted(text, 'hits');
    counts.misses += counted(text, 'misses');
    await gateway.stop('SIGKILL');
  }
}

async function servers(): Promise<void> {
  while (!isOver) {
    const server: LoggedProcess = await startServer();
    counts.servers += 1;
    await lives(SERVER_LIVES_MS);
    await server.stop('SIGKILL');
    await lives(SERVER_AWAY_MS);
  }
}

/** Documents and calls in turn. Between two gateways nothing answers. */
async function reads(): Promise<void> {
  for (let read = 0; !isOver; read += 1, await sleep(READ_EACH_MS)) {
    const made = read % 2 === 0 ? fetch(`${url}/openapi.json`) : fetch(`${url}/v1/tools/list_plans`, CALL);
    counts.reads += 1;
    await made.then(
      async (response) => {
        await response.arrayBuffer();
        if (response.status !== 200) counts.failed += 1;
      },
      () => (counts.failed += 1),
    );
  }
}

async function lives(ms: number): Promise<void> {
  for (const end = performance.now() + ms; !isOver && performance.now() < end;) await sleep(50);
}

function counted(text: string, what: 'hits' | 'misses'): number {
  return Number(new RegExp(`^mcpo_cache_${what}_total\\{cache="catalog"\\} (\\d+)$`, 'm').exec(text)?.[1] ?? 0);
}
