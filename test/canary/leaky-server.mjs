// An MCP server over stdio that tells everybody what it knows: its environment and arguments go to stderr, to the file WITNESS, into errors of its
// tool `fail` and of lists that it was asked for twice.
import { appendFileSync } from 'node:fs';
import { createInterface } from 'node:readline';

const known = JSON.stringify({ args: process.argv.slice(2), env: process.env });
appendFileSync(process.env.WITNESS, `${known}\n`);
process.stderr.write(`started with ${known}\n`);
let lists = 0;

const tools = ['work', 'fail', 'refuse', 'end'].map((name) => ({ name, inputSchema: { type: 'object' } }));
const results = {
  initialize: ({ protocolVersion }) => ({
    protocolVersion,
    capabilities: { tools: { listChanged: true } },
    serverInfo: { name: 'leaky', version: '1' },
  }),
  'tools/list': () => {
    if (++lists > 1) throw new Error(`listing with ${known}`);
    return { tools };
  },
  'tools/call': ({ name }) => {
    if (name === 'fail') throw new Error(`failing with ${known}`);
    if (name === 'refuse') return { isError: true, content: [{ type: 'text', text: `No: ${known}` }] };
    if (name === 'end') process.exit(1);
    return { content: [{ type: 'text', text: 'done' }] };
  },
};

createInterface({ input: process.stdin }).on('line', (line) => {
  appendFileSync(process.env.WITNESS, `${line}\n`);
  const { id, method, params } = JSON.parse(line);
  if (id === undefined) return;
  const send = (answer) => process.stdout.write(`${JSON.stringify({ jsonrpc: '2.0', id, ...answer })}\n`);
  try {
    const result = results[method]?.(params);
    send(result ? { result } : { error: { code: -32601, message: 'Method not found' } });
  } catch (error) {
    send({ error: { code: -32603, message: error.message } });
  }
});
