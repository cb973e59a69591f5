/**
 * A server of 2026-07-28, and of nothing older, that holds what the suite asks for, on SDK v2. Streamable HTTP, and prints where it listens; `--stdio`: over
 * stdio. What it asks of a client is in asking.ts.
 */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { toNodeHandler } from '@modelcontextprotocol/node';
import {
  type CallToolResult,
  createMcpHandler,
  type GetPromptResult,
  type InputRequiredResult,
  MissingRequiredClientCapabilityError,
  ProtocolError,
  ProtocolErrorCode,
  type ReadResourceResult,
  Server,
  type ServerContext,
} from '@modelcontextprotocol/server';
import { serveStdio } from '@modelcontextprotocol/server/stdio';
import { ASKING_TOOLS, askingPrompt, capabilitiesOf, stateOfRounds } from './asking.ts';
import { completed, documentAt, FIXED_RESULTS, messagesOf, NO_ARGUMENTS, PROMPTS, RESOURCES, said, TEMPLATES } from './contents.ts';
import { isLocal } from './local-only.ts';

type Tool = (context: ServerContext) => Promise<object> | object;
type Change = (server: Server, list: 'tools' | 'prompts') => void;

const HINTS = { ttlMs: 1_000, cacheScope: 'public' as const };
const ASKING_PROMPT = 'test_input_required_result_prompt';
/** Comes and goes. */
const CHANGING_TOOL = 'test_changing_tool';
let isChangingToolThere = false;

const pause = () => new Promise((resolve) => setTimeout(resolve, 50));

function newServer(changed: Change): Server {
  const capabilities = {
    tools: { listChanged: true },
    resources: { subscribe: true, listChanged: true },
    prompts: { listChanged: true },
    completions: {},
    logging: {},
  };
  const server = new Server(
    { name: 'conformance-modern', version: '1.0.0' },
    { capabilities, instructions: 'Test what you like.', requestState: { verify: stateOfRounds.verify } },
  );
  const tools = () => toolsOf(server, changed);
  server.setRequestHandler('tools/list', () => ({
    tools: Object.keys(tools()).map((name) => ({ name, description: `The suite's ${name}`, inputSchema: NO_ARGUMENTS })),
    ...HINTS,
  }));
  server.setRequestHandler('tools/call', async ({ params }, context) => {
    const tool = tools()[params.name];
    if (!tool) throw new ProtocolError(ProtocolErrorCode.InvalidParams, `Unknown tool: ${params.name}`);
    return (await tool(context)) as CallToolResult | InputRequiredResult;
  });
  server.setRequestHandler('resources/list', () => ({ resources: RESOURCES, ...HINTS }));
  server.setRequestHandler('resources/templates/list', () => ({ resourceTemplates: TEMPLATES, ...HINTS }));
  server.setRequestHandler('resources/read', ({ params }) => read(params.uri));
  server.setRequestHandler('prompts/list', () => ({
    prompts: [...PROMPTS, { name: ASKING_PROMPT, description: 'A prompt that asks' }],
    ...HINTS,
  }));
  server.setRequestHandler('prompts/get', ({ params }, context) => prompted(params.name, params.arguments, context));
  server.setRequestHandler('completion/complete', ({ params }) => completed(params.argument.value));
  return server;
}

function toolsOf(server: Server, changed: Change): Record<string, Tool> {
  const fixed = Object.entries(FIXED_RESULTS).map(([name, result]) => [name, () => result] as const);
  return {
    ...Object.fromEntries(fixed),
    ...ASKING_TOOLS,
    test_tool_with_progress: withProgress,
    test_missing_capability: needsSampling,
    test_tool_with_logging: async ({ mcpReq }) => {
      for (const data of ['Tool execution started', 'Tool processing data', 'Tool execution completed']) await mcpReq.log('info', data);
      return said('Logged');
    },
    test_logging_tool: async ({ mcpReq }) => {
      await mcpReq.log('info', 'Only who asked for it sees this');
      return said('Logged');
    },
    ...(isChangingToolThere && { [CHANGING_TOOL]: () => said('It is there') }),
    test_trigger_tool_change: () => {
      isChangingToolThere = !isChangingToolThere;
      changed(server, 'tools');
      return said('Tools have changed');
    },
    test_trigger_prompt_change: () => {
      changed(server, 'prompts');
      return said('Prompts have changed');
    },
  };
}

async function withProgress({ mcpReq }: ServerContext): Promise<object> {
  const progressToken = mcpReq._meta?.progressToken;
  for (const progress of [0, 50, 100]) {
    if (progressToken !== undefined)
      await mcpReq.notify({
        method: 'notifications/progress',
        params: { progressToken, progress, total: 100, message: `${progress} of 100` },
      });
    await pause();
  }
  return said('Done');
}

function needsSampling(context: ServerContext): object {
  if (!capabilitiesOf(context).sampling) throw new MissingRequiredClientCapabilityError({ requiredCapabilities: { sampling: {} } });
  return said('The client can sample');
}

function read(uri: string): ReadResourceResult {
  const found = documentAt(uri);
  if (!found) throw new ProtocolError(ProtocolErrorCode.InvalidParams, 'Resource not found', { uri });
  return { contents: [found], ...HINTS } as ReadResourceResult;
}

function prompted(name: string, args: Record<string, string> | undefined, context: ServerContext): GetPromptResult | InputRequiredResult {
  if (name === ASKING_PROMPT) return askingPrompt(context);
  const messages = messagesOf(name, args);
  if (!messages) throw new ProtocolError(ProtocolErrorCode.InvalidParams, `Unknown prompt: ${name}`);
  return { messages } as GetPromptResult;
}

if (process.argv.includes('--stdio')) {
  serveStdio(() => newServer((server, list) => void (list === 'tools' ? server.sendToolListChanged() : server.sendPromptListChanged())), {
    legacy: 'reject',
  });
} else {
  const { notify, ...handler } = createMcpHandler(
    () => newServer((_, list) => (list === 'tools' ? notify.toolsChanged() : notify.promptsChanged())),
    { legacy: 'reject' },
  );
  const serve = toNodeHandler(handler);
  const http = createServer((request, response) => void (isLocal(request, response) && serve(request, response)));
  http.listen(0, '127.0.0.1', () => {
    const { port } = http.address() as AddressInfo;
    process.stdout.write(`${JSON.stringify({ msg: 'listening', url: `http://127.0.0.1:${port}` })}\n`);
  });
}
