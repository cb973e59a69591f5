/**
 * What a call costs in several builds of the gateway, in turn with each other and with the floor, second by second: what the machine does
 * besides befalls all of them.
 *
 * node bench/builds.ts [--connections N] [--rounds N] SCRIPT ...: each a build's main.js, of another clone, say, with that of this one first
 */
import { parseArgs } from 'node:util';
import { GATEWAY } from '../test/support/built.ts';
import { ensureWrk, load } from './support/load/load.ts';
import { cpuUs } from './support/measured/process-usage.ts';
import { percentile } from './support/statistics.ts';
import { printTable } from './support/table.ts';
import { startFloorTarget, startGatewayTarget, startUpstream, type Target } from './support/targets.ts';

const WARM_UP_CALLS = 30_000;

const { values, positionals } = parseArgs({
  options: { connections: { type: 'string', default: '16' }, rounds: { type: 'string', default: '12' } },
  allowPositionals: true,
});
const connections = Number(values.connections);

interface Build {
  readonly name: string;
  readonly target: Target;
  readonly cpuUs: number[];
  readonly callsPerSecond: number[];
}

ensureWrk();
const upstream = await startUpstream('json');
const builds: Build[] = [{ name: 'floor', target: await startFloorTarget(upstream), cpuUs: [], callsPerSecond: [] }];
for (const script of [GATEWAY, ...positionals])
  builds.push({ name: script, target: await startGatewayTarget(upstream, [], script), cpuUs: [], callsPerSecond: [] });

for (const { target } of builds) for (let calls = 0; calls < WARM_UP_CALLS;) calls += (await load(target.request, connections, 1)).calls;
for (let round = 0; round < Number(values.rounds); round += 1) for (const build of builds) await measure(build);

// What else runs makes a sample dearer, never cheaper.
const [floorUs, floorCalls] = [low(builds[0] as Build), high(builds[0] as Build)];
console.log(
  `Node ${process.version}, ${connections} connections, ${values.rounds} rounds of 1 s, the best fifth; "x": relative to the floor\n`,
);
printTable(
  ['build', 'CPU us/call', 'CPU x', 'calls/s', 'calls x'],
  builds.map((build) => [
    build.name,
    low(build).toFixed(1),
    (low(build) / floorUs).toFixed(2),
    high(build).toFixed(0),
    (high(build) / floorCalls).toFixed(2),
  ]),
);
for (const { target } of builds) await target.process.stop();
await upstream.process.stop();

async function measure({ target, ...build }: Build): Promise<void> {
  const before = cpuUs(target.process.pid);
  const { calls, callsPerSecond } = await load(target.request, connections, 1);
  build.cpuUs.push((cpuUs(target.process.pid) - before) / calls);
  build.callsPerSecond.push(callsPerSecond);
  target.process.dropLog();
}

function low(build: Build): number {
  return percentile(build.cpuUs, 0.2);
}

function high(build: Build): number {
  return percentile(build.callsPerSecond, 0.8);
}
