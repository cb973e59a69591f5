import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { PLANNER } from '../support/built.ts';
import { childrenOf } from '../support/process/children.ts';
import { allListed } from '../support/listed.ts';
import { ROOT } from '../support/processes.ts';
import { packaged } from '../support/installed/server-everything.ts';
import { type ObservedGateway, startObservedGateway } from './gateway.ts';

const SCRIPTS = { planner: path.join(ROOT, PLANNER), everything: packaged('server-everything') } as const;

/** A gateway to which Open WebUI is connected as to an MCP server, with two servers behind it. */
export interface NativeMcp {
  readonly gateway: ObservedGateway;
  /** The process of the planner. */
  plannerPid(): number;
}

export async function startNativeMcp(folder: string): Promise<NativeMcp> {
  const run = (script: string, more: object = {}) => ({ command: process.execPath, args: [script], ...more });
  const mcpServers = {
    planner: run(SCRIPTS.planner, { env: { PLANNER_DATA_FILE: path.join(folder, 'planner.json') } }),
    everything: run(SCRIPTS.everything),
  };
  const file = path.join(folder, 'mcp.json');
  await writeFile(file, JSON.stringify({ mcpServers }));
  const gateway = await startObservedGateway({ cwd: folder, args: ['--config', file] });
  await allListed(gateway.url);
  return {
    gateway,
    plannerPid: () => childrenOf(gateway.pid, SCRIPTS.planner)[0] as number,
  };
}
