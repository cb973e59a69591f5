/**
 * Callers of the planner's tools, each on a connection of its own, that call without pause: each makes a task, reads it, completes it and
 * deletes it, and looks that every answer is of that task. Prints what came of it as one JSON line.
 *
 * node planner-load.ts URL CONNECTIONS SECONDS
 */
import { Pool } from 'undici';
import { percentile } from '../statistics.ts';

/** What a run of it prints. */
export interface PlannerLoad {
  readonly calls: number;
  /** Not answered, or not by what was asked for. */
  readonly errors: number;
  readonly firstError: string | undefined;
  readonly p50Ms: number;
  readonly p95Ms: number;
  readonly p99Ms: number;
}

const [url = '', connections, seconds] = process.argv.slice(2);
const pool = new Pool(url, { connections: Number(connections), pipelining: 1 });
const headers = { 'content-type': 'application/json' };
const latencies: number[] = [];
let errors = 0;
let firstError: string | undefined;

const end = performance.now() + Number(seconds) * 1000;
await Promise.all(Array.from({ length: Number(connections) }, (_, caller) => callUntilTheEnd(caller)));
const [p50Ms, p95Ms, p99Ms] = [0.5, 0.95, 0.99].map((share) => percentile(latencies, share)) as [number, number, number];
const result: PlannerLoad = { calls: latencies.length, errors, firstError, p50Ms, p95Ms, p99Ms };
console.log(JSON.stringify(result));
await pool.close();

async function callUntilTheEnd(caller: number): Promise<void> {
  for (let round = 0; performance.now() < end; round += 1) {
    const title = `task ${round} of caller ${caller}`;
    const { id } = await call('create_task', { title, due_date: '2026-01-31' }, title);
    if (id === undefined) continue;
    await call('get_task', { task_id: id }, title);
    await call('complete_task', { task_id: id }, title);
    await call('delete_task', { task_id: id }, id);
  }
}

async function call(tool: string, body: object, expected: string): Promise<{ id?: string }> {
  const start = performance.now();
  try {
    const response = await pool.request({ path: `/v1/tools/${tool}`, method: 'POST', headers, body: JSON.stringify(body) });
    const text = await response.body.text();
    latencies.push(performance.now() - start);
    if (response.statusCode === 200 && text.includes(JSON.stringify(expected))) return JSON.parse(text) as { id: string };
    throw new Error(`${tool} ${response.statusCode} ${text}`);
  } catch (error) {
    errors += 1;
    firstError ??= String(error);
    return {};
  }
}
