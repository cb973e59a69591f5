import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import type { CallToolResult } from '@modelcontextprotocol/sdk/types.js';
import { startPlanner } from '../support/processes.ts';
import { ended } from './ended.ts';

/** A task as the planner gives it. */
export interface Task {
  readonly id: string;
  readonly title: string;
  readonly due_date: string;
  readonly plan_id: string;
  readonly created_at: string;
}

/** What a tool of the planner answers: the JSON of its text, and its images as data URIs. */
export interface PlannerAnswer {
  readonly value: unknown;
  readonly images: readonly string[];
}

/** A call that the planner executed. */
export interface Execution {
  readonly tool: string;
  readonly correlation_id: string;
}

/** The planner as a process, seen from its own side: what it holds and what it ran, without any gateway. */
export interface ObservedPlanner {
  /** Its address without the path of its MCP endpoint. */
  readonly url: string;
  /** Its answer to a tool call of our own. */
  call(name: string, args?: Record<string, unknown>): Promise<PlannerAnswer>;
  /** The tasks that it holds. */
  tasks(): Promise<readonly Task[]>;
  /** Every call it executed since its first start, oldest first. */
  executions(): Promise<Execution[]>;
  stop(): Promise<void>;
  /** Starts it again on the port that it had, with the tasks that it had. */
  startAgain(): Promise<void>;
}

/** Starts the planner over HTTP; its tasks and the record of its executions are files of `folder`. */
export async function startObservedPlanner(folder: string): Promise<ObservedPlanner> {
  const executionsFile = path.join(folder, 'executions.jsonl');
  const env = { PLANNER_DATA_FILE: path.join(folder, 'planner.json'), PLANNER_EXECUTIONS_FILE: executionsFile };
  let planner = await startPlanner({ cwd: folder, env });
  const { url } = planner;
  const call = (name: string, args = {}) => callTool(new URL(`${url}/mcp`), name, args);
  return {
    url,
    call,
    tasks: async () => ((await call('list_tasks')).value as { tasks: Task[] }).tasks,
    executions: () => readExecutions(executionsFile),
    stop: () => ended('planner', planner),
    startAgain: async () => {
      planner = await startPlanner({ cwd: folder, env: { ...env, PLANNER_PORT: new URL(url).port } });
    },
  };
}

async function callTool(endpoint: URL, name: string, args: Record<string, unknown>): Promise<PlannerAnswer> {
  const client = new Client({ name: 'open-webui-test', version: '1' });
  await client.connect(new StreamableHTTPClientTransport(endpoint));
  try {
    const { content } = (await client.callTool({ name, arguments: args })) as CallToolResult;
    const text = content.flatMap((item) => (item.type === 'text' ? [item.text] : [])).join('');
    const images = content.flatMap((item) => (item.type === 'image' ? [`data:${item.mimeType};base64,${item.data}`] : []));
    return { value: JSON.parse(text), images };
  } finally {
    await client.close();
  }
}

/** What a planner noted in its file of executions. */
export async function readExecutions(file: string): Promise<Execution[]> {
  const lines = (await readFile(file, 'utf8').catch(() => '')).split('\n').filter(Boolean);
  return lines.map((line) => JSON.parse(line) as Execution);
}
