import { Server } from '@modelcontextprotocol/sdk/server/index.js';
import { ListToolsRequestSchema } from '@modelcontextprotocol/sdk/types.js';
import { internalError, methodNotFound, type RpcError } from './rpc-error.js';
import type { ToolCalls } from './calls/tool-calls.js';
import { TOOLS } from './tools/index.js';

const INSTRUCTIONS =
  'A planner: plans hold buckets, buckets hold tasks. create_task needs only a title; without plan_id it uses the first plan. ' +
  'Find ids with list_plans, list_buckets, list_tasks or search_tasks before you change or delete something. Dates are YYYY-MM-DD.';

const definitions = [...TOOLS.values()].map((tool) => tool.definition);

/** An MCP server for one session; all share the same calls. */
export function createMcpServer(calls: ToolCalls): Server {
  const server = new Server(
    { name: 'planner-mcp-server', title: 'Planner', version: '0.1.0' },
    { capabilities: { tools: {} }, instructions: INSTRUCTIONS },
  );
  server.setRequestHandler(ListToolsRequestSchema, () => ({ tools: definitions }));
  // Not setRequestHandler: the SDK would refuse arguments that are no object itself, in its own words and without data.
  server.fallbackRequestHandler = async ({ method, params }, extra) => {
    if (method !== 'tools/call') throw methodNotFound();
    return calls.call(params, extra).catch((error: unknown) => {
      throw isRpcError(error) ? error : reported(error);
    });
  };
  server.onerror = (error) => process.stderr.write(`planner: ${error.message}\n`);
  return server;
}

function isRpcError(error: unknown): error is RpcError {
  return error instanceof Error && typeof (error as Partial<RpcError>).code === 'number';
}

function reported(error: unknown): RpcError {
  process.stderr.write(`planner: a call failed: ${error instanceof Error ? error.stack : String(error)}\n`);
  return internalError();
}
