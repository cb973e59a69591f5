// An MCP server on the SDK of the generation before the newest, as many are made: one transport, and so one session, for all clients there will
// ever be. `grow` adds a tool, and says so.
import { randomUUID } from 'node:crypto';
import { createServer } from 'node:http';
import { McpServer } from '@modelcontextprotocol/sdk/server/mcp.js';
import { StreamableHTTPServerTransport } from '@modelcontextprotocol/sdk/server/streamableHttp.js';

const text = (value) => ({ content: [{ type: 'text', text: value }] });
const server = new McpServer({ name: 'one-session', version: '1' });
server.registerTool('work', {}, () => text('done'));
server.registerTool('grow', {}, () => {
  server.registerTool('grown', {}, () => text('grown'));
  return text('done');
});
const transport = new StreamableHTTPServerTransport({ sessionIdGenerator: randomUUID });
await server.connect(transport);
const http = createServer((request, response) => void transport.handleRequest(request, response));
http.listen(0, '127.0.0.1', () => console.log(JSON.stringify({ msg: 'listening', url: `http://127.0.0.1:${http.address().port}` })));
