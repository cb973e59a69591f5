import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { PLANNER } from '../support/built.ts';
import { childrenOf } from '../support/process/children.ts';
import { allListed } from '../support/listed.ts';
import { ROOT } from '../support/processes.ts';
import { packaged } from '../support/installed/server-everything.ts';
import { type ObservedGateway, startObservedGateway } from './gateway.ts';
import { type Execution, readExecutions } from './planner.ts';

const SCRIPTS = {
  planner: path.join(ROOT, PLANNER),
  memory: packaged('server-memory'),
  files: packaged('server-filesystem'),
} as const;
type ServerName = keyof typeof SCRIPTS;

/** A server as `/v1/servers` reports it. */
export interface ServerReport {
  readonly name: ServerName;
  readonly state: string;
  readonly since: string;
  readonly lastError?: string;
}

/** A gateway with a config file as mcpo takes it: three servers over stdio, which it runs. */
export interface ConfiguredGateway {
  readonly gateway: ObservedGateway;
  /** The folder that the server `files` gives access to. */
  readonly folder: string;
  /** The process of that server; rejects unless there is exactly one. */
  childOf(name: ServerName): number;
  reports(): Promise<readonly ServerReport[]>;
  /** Every call that the planner executed, oldest first. */
  executions(): Promise<Execution[]>;
}

/** Starts it; resolves when it has listed all three. */
export async function startConfiguredGateway(folder: string): Promise<ConfiguredGateway> {
  const executionsFile = path.join(folder, 'executions.jsonl');
  const plannerFiles = { PLANNER_DATA_FILE: path.join(folder, 'planner.json'), PLANNER_EXECUTIONS_FILE: executionsFile };
  const run = (name: ServerName, more: object) => ({ command: process.execPath, args: [SCRIPTS[name]], ...more });
  const mcpServers = {
    planner: run('planner', { env: plannerFiles }),
    memory: run('memory', { env: { MEMORY_FILE_PATH: path.join(folder, 'memory.jsonl') } }),
    files: run('files', { args: [SCRIPTS.files, folder] }),
  };
  const file = path.join(folder, 'mcp.json');
  await writeFile(file, JSON.stringify({ mcpServers }, null, 2));
  const gateway = await startObservedGateway({ cwd: folder, args: ['--config', file] });
  await allListed(gateway.url);
  return {
    gateway,
    folder,
    childOf: (name) => onlyChild(gateway.pid, name),
    reports: async () => ((await (await fetch(`${gateway.url}/v1/servers`)).json()) as { servers: ServerReport[] }).servers,
    executions: () => readExecutions(executionsFile),
  };
}

function onlyChild(pid: number, name: ServerName): number {
  const [child, ...more] = childrenOf(pid, SCRIPTS[name]);
  if (child === undefined || more.length > 0) throw new Error(`${name} has ${more.length + (child === undefined ? 0 : 1)} processes.`);
  return child;
}
