/**
 * Posts a request at a steady rate, whether answers come or not, and prints what each took since it was due as one JSON line. Those of the
 * first second are not timed: they wait for this process, which opens its connections and compiles itself, and not for what is measured.
 *
 * node paced-load.ts URL RATE SECONDS CONNECTIONS, the body in BENCH_BODY, and BENCH_AUTHORIZATION, if any
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { Pool } from 'undici';

const UNTIMED_SECONDS = 1;

const [url = '', rate, seconds, connections] = process.argv.slice(2);
const target = new URL(url);
const callsPerMs = Number(rate) / 1000;
const untimed = Math.floor(Number(rate) * UNTIMED_SECONDS);
const total = untimed + Math.floor(Number(rate) * Number(seconds));
const pool = new Pool(target.origin, { connections: Number(connections) });
const authorization = process.env['BENCH_AUTHORIZATION'];
const headers = { 'content-type': 'application/json', accept: 'application/json', ...(authorization && { authorization }) };
const body = process.env['BENCH_BODY'] ?? '{}';

const latencies = new Float64Array(total);
const pending: Promise<void>[] = [];
let failures = 0;
const start = performance.now();
for (let sent = 0; sent < total; await sleep(1)) {
  for (const due = Math.min(total, (performance.now() - start) * callsPerMs); sent < due; sent++) pending.push(call(sent));
}
await Promise.all(pending);
const timed = latencies.subarray(untimed).sort();
const [p50Ms, p99Ms] = [0.5, 0.99].map((share) => timed[Math.floor(timed.length * share)]);
console.log(JSON.stringify({ calls: total, failures, p50Ms, p99Ms }));
await pool.close();

async function call(index: number): Promise<void> {
  const dueAt = start + index / callsPerMs;
  try {
    const response = await pool.request({ path: target.pathname, method: 'POST', headers, body });
    await response.body.dump();
    if (response.statusCode !== 200) failures += 1;
  } catch {
    failures += 1;
  }
  latencies[index] = performance.now() - dueAt;
}
