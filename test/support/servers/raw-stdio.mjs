// An MCP server of the older generation over stdio without an SDK, with the quirks that its first argument (JSON) asks for:
// record: file to which each line received is appended, after a line `start PID`
// exitsOnDiscover: ends on the first request it does not know      ignoresSigterm: also goes on when stdin ends
// garbage: prints lines that are no messages before each answer    stderrBytes: each answer of a call waits until they are written
// idLast: answers calls with the id behind the result             strange: `big` answers with the id among other members
// floodBytes: writes so many to stderr, in short lines, from the start
// grandchild: starts a process of the same group that sleeps; 'inherit' lets it hold the pipes
// exitsAtOnce: ends with code 3 before it reads anything           silent: never answers
// SIGUSR2: it stops to read, which is noted as a line `deaf`, and at the next one it reads on
// oneByOne: writes the answer to `big` byte by byte
// flood: { text, times, lines }: the tool `flood` writes before its answer so many lines, each of the text so often
// says: lines that it writes to stderr first                      list: 'silent' or 'fails', what it does when asked for its tools
import { spawn } from 'node:child_process';
import { appendFileSync, writeSync } from 'node:fs';
import { createInterface } from 'node:readline';

const quirks = JSON.parse(process.argv[2] ?? '{}');
const record = (line) => quirks.record && appendFileSync(quirks.record, `${line}\n`);
const send = (message) => process.stdout.write(`${JSON.stringify({ jsonrpc: '2.0', ...message })}\n`);
const answerCall = ({ id, result }) => {
  if (quirks.oneByOne && JSON.stringify(result).length > 10_000) writeOneByOne(`${JSON.stringify({ jsonrpc: '2.0', id, result })}\n`);
  else if (quirks.strange) send({ extra: 1, id, result });
  else if (quirks.idLast) process.stdout.write(`${JSON.stringify({ result, jsonrpc: '2.0', id })}\n`);
  else send({ id, result });
};
/** As quickly as the pipe takes them, each with a system call of its own. */
const writeOneByOne = (line) => {
  for (const byte of Buffer.from(line)) {
    for (;;) {
      try {
        writeSync(1, Buffer.of(byte));
        break;
      } catch (error) {
        if (error.code !== 'EAGAIN') throw error;
      }
    }
  }
};
const text = (value) => ({ content: [{ type: 'text', text: value }] });

record(`start ${process.pid}`);
for (const line of quirks.says ?? []) writeSync(2, `${line}\n`);
if (quirks.exitsAtOnce) process.exit(3);
if (quirks.ignoresSigterm) {
  process.on('SIGTERM', () => record('SIGTERM'));
  setInterval(() => undefined, 60_000);
}
if (quirks.grandchild) {
  const stdio = quirks.grandchild === 'inherit' ? 'inherit' : 'ignore';
  const { pid } = spawn(process.execPath, ['-e', 'setInterval(() => undefined, 60_000)'], { stdio });
  record(`grandchild ${pid}`);
}

if (quirks.floodBytes) {
  const lines = `${'flood '.repeat(16)}\n`.repeat(10_000);
  let left = quirks.floodBytes;
  const flood = () => {
    left -= lines.length;
    if (left > 0) process.stderr.write(lines, flood);
    else record('flooded');
  };
  flood();
}

let tools = ['work', 'pid', 'die', 'grow', 'hang', 'big', 'ask', 'flood'].map((name) => ({ name, inputSchema: { type: 'object' } }));

const answers = {
  initialize: ({ params }) => ({
    protocolVersion: params.protocolVersion,
    capabilities: { tools: { listChanged: true } },
    serverInfo: { name: 'raw-stdio', version: '1' },
  }),
  ping: () => ({}),
  'tools/list': () => ({ tools }),
  'tools/call': ({ params, id }) => {
    if (params.name === 'pid') return text(String(process.pid));
    if (params.name === 'die') process.exit(1);
    if (params.name === 'hang') return undefined;
    if (params.name === 'big') return text('x'.repeat(params.arguments.bytes));
    if (params.name === 'flood') {
      const { text: piece, times = 1, lines } = quirks.flood;
      process.stdout.write(`${piece.repeat(times)}\n`.repeat(lines));
    }
    if (params.name === 'ask') {
      send({ id: 'server-1', method: 'ping' });
      send({ id: 'server-2', method: 'sampling/createMessage', params: { messages: [], maxTokens: 1 } });
      send({ method: 'notifications/progress', params: { progressToken: params._meta.progressToken, progress: 1 } });
      send({ id: 'another', result: text('not yours') });
    }
    if (params.name === 'grow') {
      tools = [...tools, { name: 'grown', inputSchema: { type: 'object' } }];
      send({ method: 'notifications/tools/list_changed' });
    }
    return text(`done ${id.startsWith('req_')}`);
  },
};

const input = createInterface({ input: process.stdin });
process.once('SIGUSR2', () => {
  input.pause();
  // Without anything to wait for it would end.
  const waiting = setInterval(() => undefined, 60_000);
  process.once('SIGUSR2', () => (clearInterval(waiting), input.resume()));
  record('deaf');
});
input.on('line', (line) => {
  record(line);
  if (quirks.silent) return;
  const message = JSON.parse(line);
  if (message.method === undefined || message.id === undefined) return;
  if (message.method === 'tools/list' && quirks.list === 'silent') return;
  if (message.method === 'tools/list' && quirks.list === 'fails')
    return send({ id: message.id, error: { code: -32603, message: 'no list' } });
  const answer = answers[message.method];
  if (!answer && quirks.exitsOnDiscover) process.exit(2);
  if (quirks.garbage) process.stdout.write('\nServer is ready!\n{"not": "a message"}\n[1,2]\n"text"\nnull\n{broken\n');
  if (!answer) return send({ id: message.id, error: { code: -32601, message: 'Method not found' } });
  const result = answer(message);
  if (!result) return;
  const reply = () => (message.method === 'tools/call' ? answerCall : send)({ id: message.id, result });
  if (message.method === 'tools/call' && quirks.stderrBytes) process.stderr.write(`${'x'.repeat(quirks.stderrBytes)}\n`, reply);
  else reply();
});
