// An MCP server of the older generation over stdio that answers in a dialect, its first argument:
// nullcaps: null for what is absent       errnull: `error` null beside the result     idstring: the id as text
// idother: the id 77                      bom: a byte order mark first                batch: each answer in a list of its own
// framed: lengths in front of messages, as editors' servers write them
// exits: ends with code 7 before it reads anything
import { createInterface } from 'node:readline';

const [dialect] = process.argv.slice(2);
if (dialect === 'exits') process.exit(7);
if (dialect === 'bom') process.stdout.write('\uFEFF');

const results = {
  initialize: ({ protocolVersion }) => ({
    protocolVersion,
    capabilities:
      dialect === 'nullcaps' ? { tools: { listChanged: null }, prompts: null, logging: null, experimental: null } : { tools: {} },
    serverInfo: { name: 'odd', version: '1' },
    ...(dialect === 'nullcaps' && { instructions: null }),
  }),
  'tools/list': () => ({ tools: [{ name: 'work', inputSchema: { type: 'object' } }] }),
  'tools/call': () => ({ content: [{ type: 'text', text: 'done' }] }),
};

createInterface({ input: process.stdin }).on('line', (line) => {
  const { id, method, params } = JSON.parse(line);
  if (id === undefined || method === undefined) return;
  const result = results[method]?.(params);
  const answer = result ? { jsonrpc: '2.0', id, result } : { jsonrpc: '2.0', id, error: { code: -32601, message: 'Method not found' } };
  if (dialect === 'errnull') Object.assign(answer, result ? { error: null } : { result: null });
  if (dialect === 'idstring') answer.id = String(id);
  if (dialect === 'idother') answer.id = 77;
  const text = JSON.stringify(answer);
  if (dialect === 'framed') return process.stdout.write(`Content-Length: ${text.length}\r\n\r\n${text} `);
  process.stdout.write(`${JSON.stringify(dialect === 'batch' ? [answer] : answer)}\n`);
});
