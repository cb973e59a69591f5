import { type RunningProcess, type StartOptions, startGateway } from '../support/processes.ts';
import { until } from '../support/until.ts';
import { ended } from './ended.ts';

const LOG_TIMEOUT_MS = 5_000;
const DISCOVERY_TIMEOUT_MS = 30_000;

/** A line of the gateway's access log, as far as it concerns a tool call. */
export interface CallLogLine {
  readonly method: string;
  readonly path: string;
  readonly status: number;
  readonly principal: string;
  readonly tool: string;
  readonly upstream: string;
  readonly correlation_id: string;
  readonly duration_ms: number;
  readonly translation_ms: number;
  readonly upstream_ms: number;
}

/** The built gateway as a process, with its log. */
export interface ObservedGateway {
  readonly url: string;
  /** Of the process that runs now. */
  readonly pid: number;
  /** The one access-log line of the call with this correlation id, once it is written; rejects when there are several. */
  callLogLine(correlationId: string): Promise<CallLogLine>;
  /** What it logged with this `msg` since it was started. */
  logged(msg: string): Record<string, unknown>[];
  /** The last lines that it logged. */
  logTail(): string;
  /** Ends it and starts it with other options on the port that it had; resolves once it publishes that tool. */
  restart(options: StartOptions, tool: string): Promise<void>;
  stop(): Promise<void>;
}

/** Starts the gateway in `options.cwd`, away from any `.env` of the developer. */
export async function startObservedGateway(options: StartOptions): Promise<ObservedGateway> {
  let gateway: RunningProcess = await startGateway(options);
  const { url } = gateway;
  return {
    url,
    get pid() {
      return gateway.pid;
    },
    callLogLine: (correlationId) => {
      const look = () => callLogLine(gateway.stdout, correlationId);
      return until(`the log line of ${correlationId}`, look, LOG_TIMEOUT_MS);
    },
    logged: (msg) => linesOf(gateway.stdout).filter((line) => line.msg === msg),
    logTail: () => [...gateway.stderr.slice(-10), ...gateway.stdout.slice(-20)].join('\n'),
    restart: async (next, tool) => {
      await ended('gateway', gateway);
      gateway = await startGateway({ ...next, env: { ...next.env, PORT: new URL(url).port } });
      await until(`the gateway to publish ${tool}`, () => publishes(url, tool), DISCOVERY_TIMEOUT_MS);
    },
    stop: () => ended('gateway', gateway),
  };
}

function callLogLine(log: readonly string[], correlationId: string): CallLogLine | undefined {
  const calls = linesOf(log).filter((line) => line.method === 'POST' && line.correlation_id === correlationId);
  const [found, ...more] = calls as unknown as CallLogLine[];
  if (more.length > 0) throw new Error(`${more.length + 1} access-log lines have the correlation id ${correlationId}.`);
  return found;
}

function linesOf(log: readonly string[]): Record<string, unknown>[] {
  return log.map((line) => JSON.parse(line) as Record<string, unknown>);
}

async function publishes(url: string, tool: string): Promise<boolean> {
  const response = await fetch(`${url}/openapi.json`);
  const { paths } = (await response.json()) as { paths: object };
  return `/v1/tools/${tool}` in paths;
}
