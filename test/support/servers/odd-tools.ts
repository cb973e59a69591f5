import { Server } from '@modelcontextprotocol/sdk/server/index.js';
import { StdioServerTransport } from '@modelcontextprotocol/sdk/server/stdio.js';
import { CallToolRequestSchema, type CallToolResult, ListToolsRequestSchema } from '@modelcontextprotocol/sdk/types.js';

/** An MCP server over stdio, on the SDK, whose tools are what a gateway may stumble over. */
const TOOLS: Record<string, { readonly inputSchema: object; run(args: unknown, name: string): CallToolResult }> = {
  /** Has both properties of the envelope itself. */
  letter: {
    inputSchema: { type: 'object', properties: { name: { type: 'string' }, arguments: { type: 'object' } } },
    run: (args) => text(JSON.stringify(args)),
  },
  pair: {
    inputSchema: { type: 'object', properties: { a: { type: 'integer' }, b: { type: 'integer' } }, required: ['a', 'b'] },
    run: (args) => text(JSON.stringify(args)),
  },
  /** Judges its arguments itself. */
  strict_inside: {
    inputSchema: { type: 'object' },
    run: () => fail('Invalid params', -32_602, { field: 'title', issue: 'required' }),
  },
  broken: { inputSchema: { type: 'object' }, run: () => fail('The disk is full', -32_603, { disk: 'sda' }) },
  no: {
    inputSchema: { type: 'object' },
    run: () => ({ content: [...text('Not on a "Sunday":\n\tcome back tomorrow, ü.').content, ...text('Bye.').content], isError: true }),
  },
  words: { inputSchema: { type: 'object' }, run: () => text('Hello, "world"\n') },
  'naïve/π tool': { inputSchema: { type: 'object' }, run: (_args, name) => text(JSON.stringify({ called: name })) },
};

const server = new Server({ name: 'odd-tools', version: '1' }, { capabilities: { tools: {} } });
server.setRequestHandler(ListToolsRequestSchema, () => ({
  tools: Object.entries(TOOLS).map(([name, { inputSchema }]) => ({
    name,
    description: `The tool ${name}.`,
    inputSchema: inputSchema as { type: 'object' },
  })),
}));
server.setRequestHandler(CallToolRequestSchema, ({ params: { name, arguments: args } }) => {
  const tool = TOOLS[name];
  return tool ? tool.run(args, name) : fail(`Unknown tool: ${name}`, -32_602);
});
await server.connect(new StdioServerTransport());

function text(words: string): CallToolResult {
  return { content: [{ type: 'text', text: words }] };
}

function fail(message: string, code: number, data?: object): never {
  throw Object.assign(new Error(message), { code, data });
}
