import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { McpServer } from '@modelcontextprotocol/sdk/server/mcp.js';
import { StreamableHTTPServerTransport } from '@modelcontextprotocol/sdk/server/streamableHttp.js';

/** An MCP server that is not the planner: its one tool is `greet`. */
export interface Greeter {
  readonly url: string;
  stop(): Promise<void>;
}

/** Starts it over streamable HTTP without sessions. */
export async function startGreeter(): Promise<Greeter> {
  const server = createServer((request, response) => {
    const mcp = new McpServer({ name: 'greeter', version: '1' });
    mcp.registerTool('greet', { description: 'Greet the world.' }, () => ({ content: [{ type: 'text', text: 'Hello' }] }));
    const transport = new StreamableHTTPServerTransport({ sessionIdGenerator: undefined });
    response.on('close', () => void mcp.close());
    mcp.connect(transport).then(
      () => transport.handleRequest(request, response),
      () => response.destroy(),
    );
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/mcp`,
    stop: async () => {
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    },
  };
}
