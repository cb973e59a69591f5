import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { PLANNER } from '../../../test/support/built.ts';
import { ROOT } from '../../../test/support/processes.ts';
import { type LoggedProcess, startLogged } from '../logged-process.ts';
import { childPids } from '../measured/process-usage.ts';

/** Limits of every call, as the entries of the config file say. */
export const CALL_LIMITS = { timeoutMs: 2_000, maxDurationMs: 5_000 } as const;

/** A process that can be ended and started again. */
export interface Disturbable {
  readonly pid: number | undefined;
  /** Sends the signal and resolves when the process has ended. */
  end(signal: 'SIGKILL' | 'SIGTERM'): Promise<void>;
  /** Undefined where the gateway starts it by itself. */
  readonly start: (() => Promise<void>) | undefined;
}

/** One server behind the gateway. */
export interface SoakUpstream {
  readonly name: string;
  readonly transport: string;
  /** Its tool by its published name; each execution of it is one line with the correlation id in `executionsFile`. */
  readonly tool: string;
  readonly argumentsOf: (marker: string) => Readonly<Record<string, unknown>>;
  readonly executionsFile: string;
  readonly entry: Readonly<Record<string, unknown>>;
}

/** Executions by correlation id. */
export function executionsOf({ executionsFile }: SoakUpstream): Map<string, number> {
  const counts = new Map<string, number>();
  const text = existsSync(executionsFile) ? readFileSync(executionsFile, 'utf8') : '';
  for (const line of text.split('\n').filter((line) => line !== '')) {
    const { correlation_id: id = '' } = JSON.parse(line) as { correlation_id?: string };
    counts.set(id, (counts.get(id) ?? 0) + 1);
  }
  return counts;
}

/** The planner over streamable HTTP. */
export async function startPlannerUpstream(name: string, folder: string): Promise<{ upstream: SoakUpstream; server: ServerProcess }> {
  const executionsFile = path.join(folder, `${name}.executions`);
  const env = (port: number) => ({ PLANNER_PORT: `${port}`, PLANNER_EXECUTIONS_FILE: executionsFile });
  const server = await ServerProcess.start((port) => startLogged(PLANNER, { args: ['--http'], env: env(port) }));
  const entry = { type: 'streamable-http', url: `${server.url}/mcp`, ...CALL_LIMITS };
  return { upstream: { name, transport: 'streamable HTTP', ...CREATE_TASK(name), executionsFile, entry }, server };
}

/** A server over HTTP+SSE. */
export async function startSseUpstream(name: string, folder: string): Promise<{ upstream: SoakUpstream; server: ServerProcess }> {
  const executionsFile = path.join(folder, `${name}.executions`);
  const script = 'bench/support/soak/sse-upstream.ts';
  const server = await ServerProcess.start((port) => startLogged(script, { args: [`${port}`, executionsFile] }));
  const entry = { type: 'sse', url: `${server.url}/sse`, ...CALL_LIMITS };
  return { upstream: { name, transport: 'SSE', tool: `${name}_work`, argumentsOf: () => ({}), executionsFile, entry }, server };
}

/** The planner as a child of the gateway; `env` marks it. */
export function stdioUpstream(name: string, folder: string, env: Readonly<Record<string, string>>): SoakUpstream {
  const executionsFile = path.join(folder, `${name}.executions`);
  const command = { command: process.execPath, args: [path.join(ROOT, PLANNER)] };
  const entry = { ...command, env: { ...env, PLANNER_EXECUTIONS_FILE: executionsFile }, ...CALL_LIMITS };
  return { name, transport: 'stdio', ...CREATE_TASK(name), executionsFile, entry };
}

/** The only child of the gateway: killed by its id, started again by the gateway. */
export function onlyChildOf(gatewayPid: number): Disturbable {
  const pid = () => childPids(gatewayPid)[0];
  return {
    get pid() {
      return pid();
    },
    end: async (signal) => {
      const child = pid();
      if (child === undefined) return;
      process.kill(child, signal);
      while (pid() === child) await sleep(10);
    },
    start: undefined,
  };
}

/** A server in a process of its own, on a port that it keeps over its restarts. */
export class ServerProcess implements Disturbable {
  private running: LoggedProcess;
  private readonly launch: (port: number) => Promise<LoggedProcess>;
  readonly url: string;

  private constructor(running: LoggedProcess, launch: (port: number) => Promise<LoggedProcess>) {
    this.running = running;
    this.launch = launch;
    this.url = running.url;
  }

  static async start(launch: (port: number) => Promise<LoggedProcess>): Promise<ServerProcess> {
    return new ServerProcess(await launch(0), launch);
  }

  get pid(): number {
    return this.running.pid;
  }

  async end(signal: 'SIGKILL' | 'SIGTERM'): Promise<void> {
    await this.running.stop(signal);
  }

  readonly start = async (): Promise<void> => {
    this.running = await this.launch(Number(new URL(this.url).port));
  };
}

const CREATE_TASK = (name: string) => ({ tool: `${name}_create_task`, argumentsOf: (marker: string) => ({ title: marker }) });
