import { Agent, request } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { stolenMs } from '../measured/machine-usage.ts';
import type { SoakUpstream } from './upstreams.ts';

const WORKERS = 3;
const MIN_PAUSE_MS = 20;
/** A planner holds 10,000 tasks, and each call makes one. */
const MAX_CALLS = 9_000;

/** The pause after each call, so that calls do not fill a planner within `ms`. */
export function pauseFor(ms: number): number {
  return Math.max(MIN_PAUSE_MS, (ms * WORKERS) / MAX_CALLS);
}

/** One call and how it ended; times of `performance.now()`. */
export interface Call {
  readonly upstream: SoakUpstream;
  /** Its correlation id. */
  readonly marker: string;
  readonly startedAt: number;
  readonly endedAt: number;
  /** Of this time the machine's host gave to others. */
  readonly stolenMs: number;
  /** 0: the connection ended without an answer. */
  readonly status: number;
  readonly text: string;
}

/** Calls the tool of each upstream, some calls at a time, until `signal`; resolves with all calls when the last has ended. */
export async function callAll(url: string, upstreams: readonly SoakUpstream[], pauseMs: number, signal: AbortSignal): Promise<Call[]> {
  const agent = new Agent({ keepAlive: true });
  const calls: Call[] = [];
  const work = async (upstream: SoakUpstream) => {
    while (!signal.aborted) {
      calls.push(await callOnce(url, upstream, agent));
      await sleep(pauseMs);
    }
  };
  await Promise.all(upstreams.flatMap((upstream) => Array.from({ length: WORKERS }, () => work(upstream))));
  agent.destroy();
  return calls;
}

let count = 0;

/** One call under a marker of its own. */
export async function callOnce(url: string, upstream: SoakUpstream, agent?: Agent): Promise<Call> {
  const marker = `soak-${upstream.name}-${++count}`;
  const stolenBefore = stolenMs();
  const startedAt = performance.now();
  const body = JSON.stringify(upstream.argumentsOf(marker));
  const answer = await post(`${url}/v1/tools/${upstream.tool}`, marker, body, agent);
  return { upstream, marker, startedAt, endedAt: performance.now(), stolenMs: stolenMs() - stolenBefore, ...answer };
}

function post(url: string, marker: string, body: string, agent?: Agent): Promise<{ status: number; text: string }> {
  const headers = { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body), 'x-correlation-id': marker };
  return new Promise((resolve) => {
    const lost = (error: Error) => resolve({ status: 0, text: error.message });
    const sent = request(url, { method: 'POST', agent: agent ?? false, headers }, (response) => {
      let text = '';
      response.setEncoding('utf8');
      response.on('data', (chunk: string) => (text += chunk)).on('error', lost);
      response.on('end', () => resolve({ status: response.statusCode ?? 0, text }));
    });
    sent.on('error', lost).end(body);
  });
}
