/**
 * A server of the older generation (sessions, requests of the server on its streams) that holds what the suite asks for, on SDK v1. Streamable HTTP, and
 * prints where it listens; `--stdio`: over stdio.
 */
import { randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Server } from '@modelcontextprotocol/sdk/server/index.js';
import { StdioServerTransport } from '@modelcontextprotocol/sdk/server/stdio.js';
import { StreamableHTTPServerTransport } from '@modelcontextprotocol/sdk/server/streamableHttp.js';
import type { RequestHandlerExtra } from '@modelcontextprotocol/sdk/shared/protocol.js';
import * as mcp from '@modelcontextprotocol/sdk/types.js';
import {
  completed,
  documentAt,
  FIXED_RESULTS,
  messagesOf,
  NO_ARGUMENTS,
  PROMPTS,
  RESOURCES,
  type Result,
  said,
  TEMPLATES,
} from './contents.ts';
import { isLocal } from './local-only.ts';
import { CHOICES, sampling, whoAreYou, WITH_DEFAULTS } from './questions.ts';

type Extra = RequestHandlerExtra<mcp.ServerRequest, mcp.ServerNotification>;
type Tool = (args: Record<string, unknown>, extra: Extra) => Promise<Result>;

const pause = () => new Promise((resolve) => setTimeout(resolve, 50));

const TOOLS: Readonly<Record<string, Tool>> = {
  test_tool_with_logging: async (_, { sendNotification }) => {
    for (const data of ['Tool execution started', 'Tool processing data', 'Tool execution completed']) {
      await sendNotification({ method: 'notifications/message', params: { level: 'info', logger: 'upstream', data } });
      await pause();
    }
    return said('Logged');
  },
  test_tool_with_progress: async (_, { sendNotification, _meta }) => {
    const progressToken = _meta?.progressToken;
    for (const progress of [0, 50, 100]) {
      if (progressToken !== undefined)
        await sendNotification({
          method: 'notifications/progress',
          params: { progressToken, progress, total: 100, message: `${progress} of 100` },
        });
      await pause();
    }
    return said('Done');
  },
  test_sampling: async ({ prompt }, { sendRequest }) => {
    const answer = await sendRequest({ method: 'sampling/createMessage', params: sampling(String(prompt)) }, mcp.CreateMessageResultSchema);
    return said(`LLM response: ${JSON.stringify(answer.content)}`);
  },
  test_elicitation: ({ message }, extra) => asked(whoAreYou(String(message)), extra, 'User response'),
  test_elicitation_sep1034_defaults: (_, extra) => asked(WITH_DEFAULTS, extra),
  test_elicitation_sep1330_enums: (_, extra) => asked(CHOICES, extra),
};

const ARGUMENTS: Readonly<Record<string, string>> = { test_sampling: 'prompt', test_elicitation: 'message' };

async function asked(params: object, { sendRequest }: Extra, heading = 'Elicitation completed'): Promise<Result> {
  const request = { method: 'elicitation/create', params } as mcp.ElicitRequest;
  const { action, content } = await sendRequest(request, mcp.ElicitResultSchema);
  return said(`${heading}: action=${action}, content=${JSON.stringify(content ?? {})}`);
}

function newServer(): Server {
  const capabilities = {
    tools: { listChanged: true },
    resources: { subscribe: true, listChanged: true },
    prompts: { listChanged: true },
    logging: {},
    completions: {},
  };
  const server = new Server({ name: 'conformance-legacy', version: '1.0.0' }, { capabilities, instructions: 'Test what you like.' });
  server.setRequestHandler(mcp.ListToolsRequestSchema, () => ({
    tools: [...Object.keys(FIXED_RESULTS), ...Object.keys(TOOLS)].map(described),
  }));
  server.setRequestHandler(mcp.CallToolRequestSchema, ({ params }, extra) => called(params.name, params.arguments ?? {}, extra));
  server.setRequestHandler(mcp.ListResourcesRequestSchema, () => ({ resources: RESOURCES }));
  server.setRequestHandler(mcp.ListResourceTemplatesRequestSchema, () => ({ resourceTemplates: TEMPLATES }));
  server.setRequestHandler(mcp.ReadResourceRequestSchema, ({ params }) => read(params.uri));
  server.setRequestHandler(mcp.SubscribeRequestSchema, () => ({}));
  server.setRequestHandler(mcp.UnsubscribeRequestSchema, () => ({}));
  server.setRequestHandler(mcp.ListPromptsRequestSchema, () => ({ prompts: PROMPTS }));
  server.setRequestHandler(mcp.GetPromptRequestSchema, ({ params }) => prompted(params.name, params.arguments));
  server.setRequestHandler(mcp.CompleteRequestSchema, ({ params }) => completed(params.argument.value));
  return server;
}

function described(name: string): mcp.Tool {
  const argument = ARGUMENTS[name];
  const inputSchema = argument
    ? { type: 'object' as const, properties: { [argument]: { type: 'string' } }, required: [argument] }
    : NO_ARGUMENTS;
  return { name, description: `The suite's ${name}`, inputSchema };
}

async function called(name: string, args: Record<string, unknown>, extra: Extra): Promise<mcp.CallToolResult> {
  const result = FIXED_RESULTS[name] ?? (await TOOLS[name]?.(args, extra));
  if (!result) throw new mcp.McpError(mcp.ErrorCode.InvalidParams, `Unknown tool: ${name}`);
  return result as mcp.CallToolResult;
}

function read(uri: string): mcp.ReadResourceResult {
  const found = documentAt(uri);
  if (!found) throw new mcp.McpError(-32002, 'Resource not found', { uri });
  return { contents: [found] } as mcp.ReadResourceResult;
}

function prompted(name: string, args?: Record<string, string>): mcp.GetPromptResult {
  const messages = messagesOf(name, args);
  if (!messages) throw new mcp.McpError(mcp.ErrorCode.InvalidParams, `Unknown prompt: ${name}`);
  return { messages } as mcp.GetPromptResult;
}

const sessions = new Map<string, StreamableHTTPServerTransport>();

async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
  if (!isLocal(request, response)) return;
  const id = request.headers['mcp-session-id'];
  const transport = id === undefined ? await openSession() : sessions.get(String(id));
  if (transport) return transport.handleRequest(request, response);
  response
    .writeHead(404, { 'content-type': 'application/json' })
    .end('{"jsonrpc":"2.0","id":null,"error":{"code":-32001,"message":"Session not found"}}');
}

async function openSession(): Promise<StreamableHTTPServerTransport> {
  const transport: StreamableHTTPServerTransport = new StreamableHTTPServerTransport({
    sessionIdGenerator: randomUUID,
    onsessioninitialized: (id) => void sessions.set(id, transport),
    onsessionclosed: (id) => void sessions.delete(id),
  });
  await newServer().connect(transport as Parameters<Server['connect']>[0]);
  return transport;
}

if (process.argv.includes('--stdio')) {
  await newServer().connect(new StdioServerTransport());
} else {
  const http = createServer((request, response) => void serve(request, response));
  http.listen(0, '127.0.0.1', () => {
    const { port } = http.address() as AddressInfo;
    process.stdout.write(`${JSON.stringify({ msg: 'listening', url: `http://127.0.0.1:${port}` })}\n`);
  });
}
