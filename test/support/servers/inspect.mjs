// An MCP server over stdio with one tool, `inspect`, which tells how it was started: arguments, variables, folder.
// PID_FILE gets a line with its pid.
import { appendFileSync } from 'node:fs';
import { createInterface } from 'node:readline';

const seen = { args: process.argv.slice(2), env: process.env, cwd: process.cwd(), pid: process.pid };
if (process.env.PID_FILE) appendFileSync(process.env.PID_FILE, `${process.pid}\n`);

const answers = {
  initialize: ({ protocolVersion }) => ({ protocolVersion, capabilities: { tools: {} }, serverInfo: { name: 'inspect', version: '1' } }),
  'tools/list': () => ({ tools: [{ name: 'inspect', inputSchema: { type: 'object' } }] }),
  'tools/call': () => ({ content: [{ type: 'text', text: JSON.stringify(seen) }] }),
};

createInterface({ input: process.stdin }).on('line', (line) => {
  const { id, method, params } = JSON.parse(line);
  if (id === undefined) return;
  const answer = answers[method]?.(params);
  const rest = answer ? { result: answer } : { error: { code: -32601, message: 'Method not found' } };
  process.stdout.write(`${JSON.stringify({ jsonrpc: '2.0', id, ...rest })}\n`);
});
