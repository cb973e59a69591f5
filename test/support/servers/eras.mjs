// An MCP server over stdio, told by its first argument (JSON) how it treats the two generations of the protocol:
// era: 'modern' or 'legacy', what it speaks          waitMs: it reads nothing before that long after its start
// turns: the first message decides; `server/discover` turns it modern, and `initialize` is refused ever after
// deaf: it says nothing to `server/discover`         alone: the second process that runs at a time ends with code 9
// record: file to which `start PID`, `METHOD PID` for each message, and `end PID` are appended
import { appendFileSync, existsSync, rmSync, writeFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';

const { era = 'legacy', waitMs = 0, turns, deaf, alone, record } = JSON.parse(process.argv[2]);
const note = (word) => appendFileSync(record, `${word} ${process.pid}\n`);
const tools = [
  { name: 'work', inputSchema: { type: 'object' } },
  { name: 'pid', inputSchema: { type: 'object' } },
];
const isModern = era === 'modern';
let turned = isModern ? 'modern' : undefined;

note('start');
if (alone) {
  if (existsSync(`${record}.lock`)) process.exit(9);
  writeFileSync(`${record}.lock`, '');
  process.on('exit', () => rmSync(`${record}.lock`));
  process.on('SIGTERM', () => process.exit(0));
}
const serverInfo = { name: 'eras', version: '1' };
const meta = { _meta: { 'io.modelcontextprotocol/serverInfo': serverInfo } };
const answers = {
  'server/discover': () => ({
    resultType: 'complete',
    supportedVersions: ['2026-07-28'],
    capabilities: { tools: {} },
    ttlMs: 0,
    cacheScope: 'private',
    ...meta,
  }),
  initialize: ({ protocolVersion }) => ({ protocolVersion, capabilities: { tools: {} }, serverInfo }),
  'tools/list': () => ({ ...(isModern && { resultType: 'complete', ttlMs: 0, cacheScope: 'private' }), tools }),
  'tools/call': ({ name }) => ({
    ...(isModern && { resultType: 'complete' }),
    content: [{ type: 'text', text: name === 'pid' ? String(process.pid) : 'done' }],
  }),
};
const lines = createInterface({ input: process.stdin });
const waiting = [];
let isReady = false;
const take = (line) => {
  const { id, method, params } = JSON.parse(line);
  note(method);
  if (id === undefined || (deaf && method === 'server/discover')) return;
  if (turns) turned ??= method === 'server/discover' ? 'modern' : 'legacy';
  const isForeign = method === 'initialize' ? turned === 'modern' : method === 'server/discover' && !isModern;
  const answer = isForeign ? { error: { code: -32601, message: `no ${method} here` } } : { result: answers[method]?.(params) ?? {} };
  process.stdout.write(`${JSON.stringify({ jsonrpc: '2.0', id, ...answer })}\n`);
};
lines.on('line', (line) => (isReady ? take(line) : waiting.push(line)));
lines.on('close', () => {
  note('end');
  process.exit(0);
});
await sleep(waitMs);
isReady = true;
waiting.splice(0).forEach(take);
