/**
 * What sockets cost: many that are idle; then 1,000 of them with ten calls each, of which every one has to be answered once and made once.
 *
 * node bench/sockets.ts [--sockets N] [--calls N] [--idle N]
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { WebSocket } from 'ws';
import { startGateway } from '../test/support/processes.ts';
import { RawMcpServer } from '../test/support/raw-mcp-server.ts';
import { until } from '../test/support/until.ts';
import { report } from './support/gates.ts';
import { cpuUs, rssMb } from './support/measured/process-usage.ts';
import { percentile } from './support/statistics.ts';

const MAX_IDLE_KB = 20;
const OPEN_AT_ONCE = 50;
/** V8 gives memory back in its own time. */
const SETTLE_MS = 5_000;

const { values } = parseArgs({
  options: {
    sockets: { type: 'string', default: '1000' },
    calls: { type: 'string', default: '10' },
    idle: { type: 'string', default: '10000' },
  },
});
const [sockets, callsEach, idle] = [Number(values.sockets), Number(values.calls), Number(values.idle)] as const;

const made = new Map<unknown, number>();
const server = await RawMcpServer.start({
  on: {
    'tools/call': (exchange) => {
      const name = exchange.message.params?.arguments?.name;
      made.set(name, (made.get(name) ?? 0) + 1);
      exchange.result();
    },
  },
});
const gateway = await startGateway({
  env: { MAX_CONNECTIONS: '100', MCP_SERVER_URL: server.url, MAX_SOCKETS: `${Math.max(sockets, idle)}` },
});
// What is loaded for the first of them is no cost of each.
await closeAll(await openAll(1));
await sleep(SETTLE_MS);
const before = rssMb(gateway.pid);
const quiet = await openAll(idle);
await sleep(SETTLE_MS);
const idleKb = ((rssMb(gateway.pid) - before) * 1024) / idle;
await closeAll(quiet);

const ends = new Map<string, number>();
const times: number[] = [];
const clients = await openAll(sockets);
const [startedAt, cpuBefore] = [performance.now(), cpuUs(gateway.pid)];
clients.forEach((client, index) => callAll(client, index));
await until('every call is answered', () => times.length >= sockets * callsEach, 600_000);
const [ms, cpu] = [performance.now() - startedAt, cpuUs(gateway.pid) - cpuBefore];
const isOnce = (counts: Map<unknown, number>) => counts.size === sockets * callsEach && [...counts.values()].every((count) => count === 1);
const loadedMb = rssMb(gateway.pid);
await closeAll(clients);

await gateway.stop();
await server.stop();

console.log(
  `${sockets} sockets, ${callsEach} calls each: ${Math.round((sockets * callsEach * 1000) / ms)} calls/s, ` +
    `${Math.round(cpu / (sockets * callsEach))} us of CPU a call, answered after p50 ${percentile(times, 0.5).toFixed(0)} ms, ` +
    `p99 ${percentile(times, 0.99).toFixed(0)} ms (all are asked for at once), ${loadedMb.toFixed(0)} MB`,
);
report([
  { promise: 'every call is answered once', measured: `${ends.size} answers`, isMet: isOnce(ends) },
  { promise: 'every call is made once', measured: `${made.size} calls`, isMet: isOnce(made) },
  {
    promise: `an idle socket costs at most ${MAX_IDLE_KB} KB`,
    measured: `${idleKb.toFixed(1)} KB of ${idle}`,
    isMet: idleKb <= MAX_IDLE_KB,
  },
]);

function callAll(client: WebSocket, index: number): void {
  const askedAt = performance.now();
  client.on('message', (bytes: Buffer) => {
    const { type, correlation_id } = JSON.parse(bytes.toString()) as { type: string; correlation_id?: string };
    if (type !== 'tool_result' && type !== 'tool_error') return;
    const name = `${index}-${correlation_id}`;
    ends.set(name, (ends.get(name) ?? 0) + 1);
    times.push(performance.now() - askedAt);
  });
  for (let call = 0; call < callsEach; call += 1) {
    const data = { name: 'work', arguments: { name: `${index}-${call}` } };
    client.send(JSON.stringify({ type: 'tool_call', correlation_id: `call-${call}`, data }));
  }
}

async function openAll(count: number): Promise<WebSocket[]> {
  const opened: WebSocket[] = [];
  while (opened.length < count) {
    const some = Array.from({ length: Math.min(OPEN_AT_ONCE, count - opened.length) }, open);
    opened.push(...(await Promise.all(some)));
  }
  return opened;
}

function open(): Promise<WebSocket> {
  const client = new WebSocket(`${gateway.url.replace('http', 'ws')}/v1/ws`);
  return new Promise((resolve, reject) => client.once('message', () => resolve(client)).once('error', reject));
}

async function closeAll(opened: readonly WebSocket[]): Promise<void> {
  for (const client of opened) client.close(1000);
  await until('all have closed', () => opened.every(({ readyState }) => readyState === WebSocket.CLOSED), 60_000);
}
