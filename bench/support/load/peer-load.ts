import { setTimeout as sleep } from 'node:timers/promises';
import { loadWithFailures, pacedLoad } from './load.ts';
import { checkPeer, type Peer, type PeerCall, type Peers, peerRequest } from '../peers.ts';
import { cpuUs } from '../measured/process-usage.ts';
import { median } from '../statistics.ts';
import type { UndisturbedSamples } from '../measured/undisturbed.ts';

/** What V8 needs; mcpo does what it can in the time of its runs. */
const WARM_UP = { connections: 16, calls: 30_000, seconds: 4, maxRuns: { mcpo: 2, gateway: 12 } };
/** mcpo answers a hundred callers at about the same time, after seconds: a sample has to hold several such rounds. */
const MANY = { connections: 100, times: 3 };
/** A gateway that works on less than this share of the time has nothing left to do. */
const IDLE = { ms: 200, share: 0.1, maxMs: 15_000 };
/** At a steady rate this share of what mcpo does at most; for longer, since that is not many calls. */
const PACED = { share: 0.5, times: 3 };

export const METRICS = ['callsPerSecond', 'callsPerCpuSecond', 'p50Ms', 'p99Ms', 'cpuUsPerCall'] as const;
export type Metric = (typeof METRICS)[number];
export type Sample = Readonly<Record<Metric | 'calls' | 'failures', number>>;

/** Both under one load; `samples[i]` were taken in round i, one after the other. */
export interface Series {
  readonly call: PeerCall;
  readonly connections: number;
  readonly samples: { readonly mcpo: Sample; readonly gateway: Sample }[];
}

/** Both asked at one steady rate; `p99Ms[i]` are of round i. */
export interface PacedSeries {
  readonly call: PeerCall;
  readonly connections: number;
  readonly callsPerSecond: number;
  readonly p99Ms: { readonly mcpo: number; readonly gateway: number }[];
}

export async function warmUp(peer: Peer, call: PeerCall): Promise<void> {
  await checkPeer(peer, call);
  for (let calls = 0, run = 0; calls < WARM_UP.calls && run < WARM_UP.maxRuns[peer.name]; run++)
    calls += (await loadWithFailures(peerRequest(peer, call), WARM_UP.connections, WARM_UP.seconds)).calls;
}

/** The calls that are on their way at the end cost their CPU too, so they count where CPU is shared out. */
export async function sample(peer: Peer, call: PeerCall, connections: number, seconds: number): Promise<Sample> {
  const before = cpuUs(peer.process.pid);
  const result = await loadWithFailures(peerRequest(peer, call), connections, secondsAt(connections, seconds));
  await untilIdle(peer);
  const { calls, failures, callsPerSecond, p50Ms, p99Ms } = result;
  const cpuUsPerCall = (cpuUs(peer.process.pid) - before) / (calls + failures + connections);
  const callsPerCpuSecond = ((calls / (calls + failures)) * 1e6) / cpuUsPerCall;
  peer.process.dropLog();
  return { calls, failures, callsPerSecond, callsPerCpuSecond, p50Ms, p99Ms, cpuUsPerCall };
}

/** How long a sample takes of which others take `seconds`. */
export function secondsAt(connections: number, seconds: number): number {
  return connections >= MANY.connections ? seconds * MANY.times : seconds;
}

/** The p99 of both at a rate that both can bear, by what mcpo did in `series`; throws when a call of either fails. */
export async function measurePaced(
  { mcpo, gateway }: Peers,
  { call, connections, samples }: Series,
  seconds: number,
  undisturbed: UndisturbedSamples,
): Promise<PacedSeries> {
  const callsPerSecond = Math.round(PACED.share * median(samples.map((each) => each.mcpo.callsPerSecond)));
  const paced = (peer: Peer) => pacedLoad(peerRequest(peer, call), callsPerSecond, connections, seconds * PACED.times);
  const p99Of = async (peer: Peer) => (await undisturbed.take(() => paced(peer))).p99Ms;
  const p99Ms: { mcpo: number; gateway: number }[] = [];
  while (p99Ms.length < samples.length) p99Ms.push({ mcpo: await p99Of(mcpo), gateway: await p99Of(gateway) });
  return { call, connections, callsPerSecond, p99Ms };
}

/** What one has still to do when its load ends must not slow the other. */
async function untilIdle({ process: { pid } }: Peer): Promise<void> {
  for (const end = performance.now() + IDLE.maxMs; performance.now() < end;) {
    const before = cpuUs(pid);
    await sleep(IDLE.ms);
    if (cpuUs(pid) - before < IDLE.ms * 1000 * IDLE.share) return;
  }
}
