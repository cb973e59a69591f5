import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import type { McpoClient, ToolResult } from '../../../libs/ws-client/src/index.js';
import type { FaultProxy } from './fault-proxy.ts';
import { Random } from './random.ts';
import { SocketRecord } from './socket-record.ts';

export interface DrillOptions {
  readonly Client: typeof McpoClient;
  readonly proxy: FaultProxy;
  /** Where the planner notes its executions. */
  readonly executionsFile: string;
  readonly seed: number;
  readonly clients: number;
  /** Whether the drill has to end now, done or not. */
  readonly isLate: () => boolean;
}

/** What came of a drill. */
export interface DrillReport {
  /** Calls that clients made, */
  readonly sent: number;
  /** that the gateway said to have begun, */
  readonly started: number;
  /** whose right result came, */
  readonly results: number;
  /** and that the planner ran. */
  readonly executions: number;
  readonly cuts: number;
  readonly cutsInFrame: number;
  readonly resumes: number;
  /** What was lost, came twice, or was answered wrongly. */
  readonly problems: readonly string[];
}

/** Calls of each client at a time. */
const AT_ONCE = 3;
const MAX_PAUSE_MS = 400;

/** Clients make calls, and come back, as long as the proxy destroys their connections; then all calls have to have ended, each once. */
export async function drillSockets({ Client, proxy, executionsFile, seed, clients, isLate }: DrillOptions): Promise<DrillReport> {
  const records: SocketRecord[] = [];
  const problems: string[] = [];
  const results: string[] = [];
  let sent = 0;

  const callOn = async (client: McpoClient, random: Random): Promise<void> => {
    while (!proxy.isDone && !isLate()) {
      const title = `task ${(sent += 1)}`;
      try {
        results.push(await oneCall(client, random, title, problems));
      } catch (error) {
        problems.push(`${title}: ${String(error)}`);
      }
      await sleep(random.between(0, MAX_PAUSE_MS));
    }
  };
  const play = async (number: number): Promise<void> => {
    const record = new SocketRecord();
    records.push(record);
    const client = new Client(proxy.url, { WebSocket: record.sockets });
    const callers = Array.from({ length: AT_ONCE }, (_, index) => callOn(client, new Random(seed + number * AT_ONCE + index)));
    await Promise.all(callers);
    client.close();
  };
  await Promise.all(Array.from({ length: clients }, (_, number) => play(number)));

  const executed = readFileSync(executionsFile, 'utf8').trimEnd().split('\n').map(idOf);
  const started = records.flatMap((record) => [...record.started]);
  problems.push(...records.flatMap((record) => record.problems));
  problems.push(...twice('result', results), ...twice('execution', executed), ...unlike('execution', executed, results));
  problems.push(...unlike('start', started, results));
  if (sent !== results.length) problems.push(`${sent - results.length} calls have no result`);
  return {
    sent,
    started: started.length,
    results: results.length,
    executions: executed.length,
    cuts: proxy.cuts,
    cutsInFrame: proxy.cutsInFrame,
    resumes: records.reduce((sum, { resumes }) => sum + resumes, 0),
    problems,
  };
}

/** Resolves with its id once it has its right result. */
async function oneCall(client: McpoClient, random: Random, title: string, problems: string[]): Promise<string> {
  const kind = random.next();
  if (kind < 0.2) {
    const told: number[] = [];
    const tasks = [1, 2, 3].map((number) => ({ title: `${title}, ${number}` }));
    const onProgress = ({ progress }: { progress: number }): void => void told.push(progress);
    const answer = await client.call('import_tasks', { tasks, delay_ms: random.between(0, 300) }, { onProgress });
    if ((answer.result as { imported?: number }).imported !== 3 || told.join() !== '1,2,3')
      problems.push(`${title} was told ${told.join()} and then ${JSON.stringify(answer.result)}`);
    return answer.correlationId;
  }
  const answer: ToolResult = kind < 0.5 ? await client.call('create_task', { title }) : await client.call('list_plans');
  if (kind < 0.5 && (answer.result as { title?: string }).title !== title)
    problems.push(`${title} was answered ${JSON.stringify(answer.result)}`);
  return answer.correlationId;
}

function idOf(line: string): string {
  return String((JSON.parse(line) as { correlation_id?: string }).correlation_id);
}

function twice(what: string, ids: readonly string[]): string[] {
  const seen = new Set<string>();
  return ids.filter((id) => seen.size === seen.add(id).size).map((id) => `${id} has more than one ${what}`);
}

function unlike(what: string, ids: readonly string[], results: readonly string[]): string[] {
  const [these, those] = [new Set(ids), new Set(results)];
  return [
    ...[...these].filter((id) => !those.has(id)).map((id) => `${id} has a ${what} and no result`),
    ...[...those].filter((id) => !these.has(id)).map((id) => `${id} has a result and no ${what}`),
  ];
}
