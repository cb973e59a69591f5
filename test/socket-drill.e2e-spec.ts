import { McpoClient } from '../libs/ws-client/src/index.js';
import { drillSockets } from './drills/sockets/drill.js';
import { FaultProxy } from './drills/sockets/fault-proxy.js';
import { Random } from './drills/sockets/random.js';
import { Stage } from './drills/sockets/stage.js';
import { closesAfterEach } from './support/ends.js';
import { drill } from './support/long-drills.js';

const SEED = 20_251_015;
/** `npm run drill:sockets` is the same for longer still. */
const WANTED = drill({ cuts: 20, cutsInFrame: 6 }, { cuts: 40, cutsInFrame: 12 });
const MAX_MS = 120_000;

describe('[E9][AC4][WS][T3] sockets whose connections are destroyed over and over, also in the middle of frames', () => {
  const closing = closesAfterEach();

  it.each([1, 2])('lose nothing, and do nothing twice, with replicas: %i', async (replicas) => {
    const stage = closing(await Stage.start(replicas));
    const proxy = closing(await FaultProxy.start(stage.urls, new Random(SEED), WANTED));
    const end = process.uptime() + MAX_MS / 1000;
    const { executionsFile } = stage;
    const isLate = () => process.uptime() > end;
    const report = await drillSockets({ Client: McpoClient, proxy, executionsFile, seed: SEED, clients: 20, isLate });
    expect(report.problems).toEqual([]);
    expect(report.cuts).toBeGreaterThanOrEqual(WANTED.cuts);
    expect(report.cutsInFrame).toBeGreaterThanOrEqual(WANTED.cutsInFrame);
    expect(report.resumes).toBeGreaterThan(0);
    const { sent, started, results, executions } = report;
    expect([started, results, executions]).toEqual([sent, sent, sent]);
  });
});
