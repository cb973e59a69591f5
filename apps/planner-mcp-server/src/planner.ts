import { DataFile } from './data/data-file.js';
import { ExecutionLog } from './calls/execution-log.js';
import { DRAIN_MS } from './limits.js';
import { PlanStore } from './data/plan-store.js';
import { firstData } from './data/planner-data.js';
import type { RunningFace } from './running-face.js';
import { parseSettings, type Settings } from './settings.js';
import { ToolCalls } from './calls/tool-calls.js';

/** Starts the planner, which ends with the process: on SIGTERM, SIGINT, or the end of stdin; throws a StartError when it cannot. */
export async function startPlanner(args: readonly string[], env: NodeJS.ProcessEnv): Promise<void> {
  const settings = parseSettings(args, env);
  const first = firstData(new Date());
  const dataFile = settings.dataFile === undefined ? undefined : new DataFile(settings.dataFile);
  const store = new PlanStore((await dataFile?.open(first)) ?? first);
  const executions = new ExecutionLog(settings.executionsFile);
  const calls = new ToolCalls(store, executions, async () => dataFile?.save(() => store.data()));

  const end = endOnce(async () => {
    await (await face).close();
    // Cancelled calls still keep what they did. Nothing else is written: the file may be another process's by now.
    await calls.drain(DRAIN_MS);
    executions.close();
  });
  process.once('SIGTERM', end).once('SIGINT', end);
  const face = startFace(settings, calls, end);
  await face;
}

/** Each face loads its own part of the SDK: a stdio client does not wait for HTTP's. */
async function startFace(settings: Settings, calls: ToolCalls, end: () => void): Promise<RunningFace> {
  if (settings.face === 'stdio') return (await import('./stdio.js')).serveStdio(calls, end);
  return (await import('./http/http.js')).serveHttp(calls, settings);
}

/** Runs `close` at the first call and exits: 0, or 1 when it fails. */
function endOnce(close: () => Promise<void>): () => void {
  let isEnding = false;
  return () => {
    if (isEnding) return;
    isEnding = true;
    close().then(
      () => process.exit(0),
      (error: Error) => {
        process.stderr.write(`planner: ${error.stack}\n`);
        process.exit(1);
      },
    );
  };
}
