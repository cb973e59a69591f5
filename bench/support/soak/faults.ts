import { setTimeout as sleep } from 'node:timers/promises';
import { between } from './seeded-random.ts';
import type { Disturbable } from './upstreams.ts';

const FAULTS = ['kill', 'stop', 'restart'] as const;
type Fault = (typeof FAULTS)[number];

const CALM_MS = [3_000, 10_000] as const;
/** Some are longer than a call may be silent, some shorter. */
const STOPPED_MS = [300, 4_000] as const;
const DEAD_MS = [100, 4_000] as const;
/** The gateway starts a child at most five times a minute: the start of the run is one of them. */
const MAX_CHILD_ENDS = { count: 3, withinMs: 60_000 } as const;

/** A span of `performance.now()`. */
export interface Span {
  readonly from: number;
  readonly to: number;
}

/** What happened to a server, and when. */
export interface Disturbance {
  readonly counts: Readonly<Record<Fault, number>>;
  /** From its end to the command that starts it again: what is sent then cannot run. Nothing of a server that the gateway starts. */
  readonly dead: readonly Span[];
  /** From when it ran again to the next fault; of a server that the gateway starts, from when it had ended. */
  readonly calm: readonly Span[];
}

/** Kills, stops and restarts the server at random until `signal`; it runs when this resolves. */
export async function disturb(server: Disturbable, random: () => number, signal: AbortSignal): Promise<Disturbance> {
  const counts = { kill: 0, stop: 0, restart: 0 };
  const dead: Span[] = [];
  const ends: number[] = [];
  const calm: Span[] = [];
  for (;;) {
    const from = performance.now();
    await sleep(between(random, CALM_MS), undefined, { signal }).catch(() => undefined);
    calm.push({ from, to: performance.now() });
    if (signal.aborted) return { counts, dead, calm: calm.slice(1) };
    const wanted = FAULTS[Math.floor(random() * FAULTS.length)] as Fault;
    const ms = between(random, wanted === 'stop' ? STOPPED_MS : DEAD_MS);
    const fault = server.start || !hasEndedOften(ends) ? wanted : 'stop';
    counts[fault] += 1;
    if (fault === 'stop') await stopFor(server, ms);
    else {
      ends.push(performance.now());
      await endAndStart(server, fault, ms, dead);
    }
  }
}

function hasEndedOften(ends: readonly number[]): boolean {
  return ends.filter((at) => performance.now() - at < MAX_CHILD_ENDS.withinMs).length >= MAX_CHILD_ENDS.count;
}

async function stopFor(server: Disturbable, ms: number): Promise<void> {
  const { pid } = server;
  if (pid === undefined) return;
  process.kill(pid, 'SIGSTOP');
  await sleep(ms);
  // Unless the gateway has ended it meanwhile.
  if (server.pid === pid) process.kill(pid, 'SIGCONT');
}

async function endAndStart(server: Disturbable, fault: 'kill' | 'restart', ms: number, dead: Span[]): Promise<void> {
  await server.end(fault === 'kill' ? 'SIGKILL' : 'SIGTERM');
  const from = performance.now();
  if (!server.start) return;
  if (fault === 'kill') await sleep(ms);
  dead.push({ from, to: performance.now() });
  await server.start();
}
