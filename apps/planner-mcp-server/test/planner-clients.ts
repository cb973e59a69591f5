import { Client as ClientV2, StreamableHTTPClientTransport as HttpTransportV2 } from '@modelcontextprotocol/client';
import { StdioClientTransport as StdioTransportV2 } from '@modelcontextprotocol/client/stdio';
import { Client as ClientV1 } from '@modelcontextprotocol/sdk/client/index.js';
import { StdioClientTransport as StdioTransportV1 } from '@modelcontextprotocol/sdk/client/stdio.js';
import { StreamableHTTPClientTransport as HttpTransportV1 } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { CallToolResultSchema } from '@modelcontextprotocol/sdk/types.js';
import { PLANNER } from '../../../test/support/built.ts';
import { ROOT, startPlanner } from '../../../test/support/processes.ts';

export type Env = Record<string, string>;
export type Arguments = Record<string, unknown>;

/** A client of either SDK generation, connected to a planner of its own that ends with it. */
export interface PlannerClient {
  listTools(): Promise<unknown[]>;
  /** The CallToolResult; structuredContent was checked against the outputSchema if the tools were listed before. */
  call(name: string, args?: Arguments, options?: CallOptions): Promise<unknown>;
  close(): Promise<void>;
}

export interface CallOptions {
  readonly signal?: AbortSignal;
  readonly onprogress?: (progress: unknown) => void;
}

export type Connect = (env?: Env) => Promise<PlannerClient>;

const MAIN = `${ROOT}/${PLANNER}`;
const INFO = { name: 'planner-test', version: '1.0.0' };

/** Every way to the planner: both SDK generations, both transports, both answer modes. */
export const WAYS: readonly [string, Connect][] = [
  ['stdio, SDK v1', async (env) => fromV1(stdioV1(env))],
  ['stdio, SDK v2', async (env) => fromV2(stdioV2(env))],
  ['HTTP with event streams, SDK v1', (env) => overHttp(env, (url) => fromV1(new HttpTransportV1(url)))],
  ['HTTP with event streams, SDK v2', (env) => overHttp(env, (url) => fromV2(new HttpTransportV2(url)))],
  [
    'HTTP with JSON answers, SDK v1',
    (env) => overHttp({ ...env, PLANNER_JSON_RESPONSES: 'true' }, (url) => fromV1(new HttpTransportV1(url))),
  ],
  [
    'HTTP with JSON answers, SDK v2',
    (env) => overHttp({ ...env, PLANNER_JSON_RESPONSES: 'true' }, (url) => fromV2(new HttpTransportV2(url))),
  ],
];

/** A stdio transport whose child's pid a test can signal. */
export function stdioV1(env: Env = {}): StdioTransportV1 {
  return new StdioTransportV1({ command: process.execPath, args: [MAIN], env });
}

export async function fromV1(transport: StdioTransportV1 | HttpTransportV1): Promise<PlannerClient> {
  const client = new ClientV1(INFO);
  await client.connect(transport);
  return {
    listTools: async () => (await client.listTools()).tools,
    call: (name, args, options) => client.callTool({ name, arguments: args }, CallToolResultSchema, options),
    close: () => client.close(),
  };
}

/** `auto`, as the gateway connects: it asks for the modern protocol first and must fall back. */
export async function fromV2(transport: StdioTransportV2 | HttpTransportV2): Promise<PlannerClient> {
  const client = new ClientV2(INFO, { versionNegotiation: { mode: 'auto' } });
  await client.connect(transport);
  return {
    listTools: async () => (await client.listTools()).tools,
    call: (name, args, options) => client.callTool({ name, arguments: args }, options),
    close: () => client.close(),
  };
}

function stdioV2(env: Env = {}): StdioTransportV2 {
  return new StdioTransportV2({ command: process.execPath, args: [MAIN], env });
}

async function overHttp(env: Env | undefined, connect: (url: URL) => Promise<PlannerClient>): Promise<PlannerClient> {
  const planner = await startPlanner({ env });
  const client = await connect(new URL(`${planner.url}/mcp`));
  return {
    ...client,
    close: async () => {
      await client.close();
      await planner.stop();
    },
  };
}
