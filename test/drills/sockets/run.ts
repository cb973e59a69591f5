/**
 * `npm run drill:sockets [-- --seed N]`: clients of the WebSocket whose connections are destroyed over and over, also in the middle of
 * frames, against the built gateway with the planner; then against two replicas. Nothing is lost, and nothing happens twice.
 */
import { parseArgs } from 'node:util';
import type * as WsClient from '../../../libs/ws-client/src/index.js';
import { type DrillReport, drillSockets } from './drill.ts';
import { FaultProxy } from './fault-proxy.ts';
import { Random } from './random.ts';
import { Stage } from './stage.ts';

/** As `npm run build:ws-client` makes it. */
const CLIENT = '../../../libs/ws-client/dist/index.js';
const WANTED = { cuts: 200, cutsInFrame: 50, resumes: 100 };
/** More than are wanted: not every cut is followed by a return. */
const CUTS = { cuts: 260, cutsInFrame: 100 };
const CLIENTS = 60;
const MAX_MS = 5 * 60_000;
/** Problems that are printed. */
const MAX_PRINTED = 20;

const { values } = parseArgs({ options: { seed: { type: 'string' } } });
const seed = Number(values.seed ?? Math.floor(Math.random() * 1_000_000));
const { McpoClient } = (await import(CLIENT)) as typeof WsClient;
console.log(`seed ${seed}`);

for (const replicas of [1, 2]) {
  const report = await play(replicas);
  const { sent, started, results, executions, cuts, cutsInFrame, resumes, problems } = report;
  console.log(
    `${replicas} replica${replicas > 1 ? 's' : ''}: sent ${sent}, started ${started}, results ${results}, executions at the planner ${executions}, ` +
      `cuts ${cuts}, cuts in mid-frame ${cutsInFrame}, resumes ${resumes}`,
  );
  for (const problem of problems.slice(0, MAX_PRINTED)) console.log(`  ${problem}`);
  const failures = failuresOf(report);
  console.log(failures.length === 0 ? 'ok: nothing lost, nothing twice' : `FAILED: ${failures.join('; ')}`);
  if (failures.length > 0) process.exitCode = 1;
}

async function play(replicas: number): Promise<DrillReport> {
  const stage = await Stage.start(replicas);
  const proxy = await FaultProxy.start(stage.urls, new Random(seed), CUTS);
  const end = performance.now() + MAX_MS;
  try {
    const { executionsFile } = stage;
    return await drillSockets({ Client: McpoClient, proxy, executionsFile, seed, clients: CLIENTS, isLate: () => performance.now() > end });
  } finally {
    await proxy.stop();
    await stage.close();
  }
}

function failuresOf({ problems, cuts, cutsInFrame, resumes }: DrillReport): string[] {
  return [
    ...(problems.length > 0 ? [`${problems.length} problems`] : []),
    ...(cuts < WANTED.cuts ? [`fewer than ${WANTED.cuts} cuts`] : []),
    ...(cutsInFrame < WANTED.cutsInFrame ? [`fewer than ${WANTED.cutsInFrame} cuts in mid-frame`] : []),
    ...(resumes < WANTED.resumes ? [`fewer than ${WANTED.resumes} resumes`] : []),
  ];
}
