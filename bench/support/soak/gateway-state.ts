import { existsSync, readFileSync, rmSync } from 'node:fs';
import { until } from '../../../test/support/until.ts';
import { childPids, isZombie, openFds, rssMb } from '../measured/process-usage.ts';

/** What the gateway's process holds. */
export interface GatewayState {
  readonly rssMb: number;
  /** After a collection. */
  readonly heapMb: number;
  readonly openFds: number;
  readonly children: number;
  readonly zombies: number;
  /** What keeps its event loop alive, timers among it. */
  readonly resources: number;
  readonly timers: number;
}

/** The state of a gateway that was started with `report-resources.ts`. */
export async function stateOf(pid: number, resourcesFile: string): Promise<GatewayState> {
  rmSync(resourcesFile, { force: true });
  process.kill(pid, 'SIGUSR2');
  await until('the gateway tells its resources', () => existsSync(resourcesFile));
  const { heapBytes, kinds } = JSON.parse(readFileSync(resourcesFile, 'utf8')) as { heapBytes: number; kinds: Record<string, number> };
  const resources = Object.values(kinds).reduce((sum, count) => sum + count, 0);
  const children = childPids(pid);
  return {
    rssMb: rssMb(pid),
    heapMb: heapBytes / 2 ** 20,
    openFds: openFds(pid),
    children: children.length,
    zombies: children.filter(isZombie).length,
    resources,
    timers: kinds['Timeout'] ?? 0,
  };
}
