// An MCP server over stdio whose tools are named like route patterns; each answers with the name that it was called by.
import { createInterface } from 'node:readline';

const NAMES = ['x{y}', ':name', '*', 'xy'];
const answers = {
  initialize: ({ protocolVersion }) => ({ protocolVersion, capabilities: { tools: {} }, serverInfo: { name: 'curly', version: '1' } }),
  'tools/list': () => ({ tools: NAMES.map((name) => ({ name, inputSchema: { type: 'object' } })) }),
  'tools/call': ({ name }) => ({ content: [{ type: 'text', text: `called ${name}` }] }),
};

createInterface({ input: process.stdin }).on('line', (line) => {
  const { id, method, params } = JSON.parse(line);
  if (id === undefined) return;
  const answer = answers[method]?.(params);
  const rest = answer ? { result: answer } : { error: { code: -32601, message: 'Method not found' } };
  process.stdout.write(`${JSON.stringify({ jsonrpc: '2.0', id, ...rest })}\n`);
});
