// An MCP server on the SDK of the newest generation. Arguments: `--stdio` (else streamable HTTP, which prints where it listens),
// `--modern-only` refuses clients of the older generation, `--asking` has tools that ask, `--mirrored` has the one tool whose arguments are mirrored in headers.
import { createServer } from 'node:http';
import { toNodeHandler } from '@modelcontextprotocol/node';
import { createMcpHandler, fromJsonSchema, McpServer, Server } from '@modelcontextprotocol/server';
import { serveStdio } from '@modelcontextprotocol/server/stdio';

const legacy = process.argv.includes('--modern-only') ? 'reject' : undefined;
const text = (value) => ({ content: [{ type: 'text', text: value }] });
const tools = [
  { name: 'echo', inputSchema: { type: 'object', properties: { value: {} } } },
  { name: 'era', inputSchema: { type: 'object' } },
  { name: 'grow', inputSchema: { type: 'object' } },
  { name: 'hang', inputSchema: { type: 'object' } },
  { name: 'hung', inputSchema: { type: 'object' } },
];
/** `ask` asks twice, `ask-on` for ever. */
if (process.argv.includes('--asking')) for (const name of ['ask', 'ask-on']) tools.push({ name, inputSchema: { type: 'object' } });
const FORM = { mode: 'form', message: 'Which day?', requestedSchema: { type: 'object', properties: { day: { type: 'string' } } } };
function asked(name, { inputResponses, requestState }) {
  const known = JSON.parse(requestState?.() ?? '[]');
  if (inputResponses) known.push(inputResponses.day.content.day);
  if (name === 'ask' && known.length === 2) return text(JSON.stringify(known));
  const inputRequests = { day: { method: 'elicitation/create', params: FORM } };
  return { resultType: 'input_required', inputRequests, requestState: JSON.stringify(known) };
}
let started = 0;
let aborted = 0;

/** The SDK compares the headers with the arguments for tools that are registered with it. */
function newMirroredServer() {
  const server = new McpServer({ name: 'sdk-v2', version: '1' });
  const inputSchema = fromJsonSchema({
    type: 'object',
    properties: {
      region: { type: 'string', 'x-mcp-header': 'Region' },
      limit: { type: 'integer', 'x-mcp-header': 'Limit' },
      strict: { type: 'boolean', 'x-mcp-header': 'Strict' },
      filter: { type: 'object', properties: { owner: { type: 'string', 'x-mcp-header': 'Owner' } } },
    },
  });
  server.registerTool('région/query', { inputSchema }, (args) => text(JSON.stringify({ name: 'région/query', arguments: args })));
  return server;
}

function newServer({ era }, changed) {
  if (process.argv.includes('--mirrored')) return newMirroredServer();
  const server = new Server(
    { name: 'sdk-v2', version: '1' },
    { capabilities: { tools: { listChanged: true } }, instructions: 'Ask nicely.' },
  );
  server.setRequestHandler('tools/list', () => ({ tools: [...tools], ttlMs: 60_000, cacheScope: 'public' }));
  server.setRequestHandler('tools/call', async ({ params }, { mcpReq }) => {
    if (params.name.startsWith('ask')) return asked(params.name, mcpReq);
    if (params.name === 'era') return text(era);
    if (params.name === 'hung') return text(JSON.stringify({ started, aborted }));
    if (params.name === 'hang') {
      started += 1;
      await new Promise((resolve) => mcpReq.signal.addEventListener('abort', resolve));
      aborted += 1;
    }
    if (params.name === 'grow') {
      tools.push({ name: 'grown', inputSchema: { type: 'object' } });
      changed(server);
    }
    return text(JSON.stringify({ name: params.name, arguments: params.arguments }));
  });
  return server;
}

if (process.argv.includes('--stdio')) {
  serveStdio((context) => newServer(context, (server) => void server.sendToolListChanged()), { legacy: legacy ?? 'serve' });
} else {
  const handler = createMcpHandler((context) => newServer(context, () => handler.notify.toolsChanged()), { legacy: legacy ?? 'stateless' });
  const http = createServer((request, response) => void toNodeHandler(handler)(request, response));
  http.listen(Number(process.env.PORT ?? 0), '127.0.0.1', () => {
    process.stdout.write(`${JSON.stringify({ msg: 'listening', url: `http://127.0.0.1:${http.address().port}` })}\n`);
  });
}
