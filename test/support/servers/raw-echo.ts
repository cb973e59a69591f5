import { appendFileSync, readFileSync } from 'node:fs';

/**
 * An MCP server over stdio without any SDK: it appends each `tools/call` line, as it came, to the file that is its argument.
 * `record` answers a word, `numbers` a result whose numbers no JavaScript program could write. A second file, if it is given, holds
 * the list of its tools, which is sent as it stands there.
 */
const [logFile = '/dev/null', toolsFile] = process.argv.slice(2);
const ANYTHING = { type: 'object', properties: {} };
const OWN_TOOLS = ['record', 'numbers'].map((name) => ({ name, description: `The tool ${name}.`, inputSchema: ANYTHING }));
const TOOLS = toolsFile === undefined ? JSON.stringify(OWN_TOOLS) : readFileSync(toolsFile, 'utf8');
const NUMBERS = '{"content":[],"structuredContent":{"b": 12345678901234567890, "a":1.0,"c":1e400 ,"\\u00e9":"\\/"}}';

// Not by readline, which takes U+2028 for the end of a line.
let rest = '';
process.stdin.setEncoding('utf8').on('data', (chunk: string) => {
  const lines = (rest + chunk).split('\n');
  rest = lines.pop() as string;
  lines.forEach(receive);
});

function receive(line: string): void {
  const { id, method, params } = JSON.parse(line) as { id?: number | string; method: string; params: { name: string } };
  if (id === undefined) return;
  process.stdout.write(`{"jsonrpc":"2.0","id":${JSON.stringify(id)},${answer(method, params, line)}}\n`);
}

function answer(method: string, params: { readonly name: string }, line: string): string {
  switch (method) {
    case 'initialize':
      return result({ protocolVersion: '2025-11-25', capabilities: { tools: {} }, serverInfo: { name: 'raw-echo', version: '1' } });
    case 'tools/list':
      return `"result":{"tools":${TOOLS}}`;
    case 'tools/call':
      appendFileSync(logFile, `${line}\n`);
      return params.name === 'numbers' ? `"result":${NUMBERS}` : result({ content: [{ type: 'text', text: 'recorded' }] });
    default:
      return `"error":${JSON.stringify({ code: -32_601, message: 'Method not found' })}`;
  }
}

function result(value: object): string {
  return `"result":${JSON.stringify(value)}`;
}
