/**
 * What one answer of 10 MB, and three at once, add to the memory (RSS) of a gateway that has answered 50 small calls: by the form in which a
 * server sends it. Each row is of gateways of their own, as `npm start` runs it.
 *
 * node bench/large-answers.ts [--rounds N] [--only WORDS]
 */
import path from 'node:path';
import { parseArgs } from 'node:util';
import { answerInBytes } from '../test/support/one-byte-chunks.ts';
import { addedMb } from '../test/support/process/peak-memory.ts';
import { ROOT } from '../test/support/processes.ts';
import { type Exchange, RawMcpServer, smallOr, textResult } from '../test/support/raw-mcp-server.ts';
import { callTool, untilPublished } from '../test/support/tool-requests.ts';
import { report } from './support/gates.ts';
import { type LoggedProcess, startLoggedGateway } from './support/logged-process.ts';
import { median } from './support/statistics.ts';
import { printTable } from './support/table.ts';

const SMALL_CALLS = 50;
const MOST_OF_ONE_MB = 40;
const STDIO_SERVER = path.join(ROOT, 'test/support/servers/raw-stdio.mjs');
const TEXT = 'A line of text, and "words" in quotation marks.\n'.repeat(200_000);
const LINES = textResult(TEXT);
const UMLAUTS = textResult(TEXT.replaceAll('quotation', 'Anführung'));
const IMAGE = { content: [{ type: 'image', mimeType: 'image/png', data: 'iVBORw0K'.repeat(1_250_000) }] };

interface Form {
  readonly name: string;
  readonly ask: (gateway: LoggedProcess) => Promise<unknown>;
  /** What the server over HTTP does; none where it is the one over stdio. */
  readonly answer?: (exchange: Exchange) => unknown;
  readonly isPromised?: boolean;
}

const overHttp = async ({ url }: LoggedProcess, args = '{}', tool = 'work') => {
  const response = await fetch(`${url}/v1/tools/${tool}`, { method: 'POST', headers: { 'content-type': 'application/json' }, body: args });
  if (response.status !== 200) throw new Error(`${response.status}: ${(await response.text()).slice(0, 500)}`);
  for await (const piece of response.body ?? []) void piece;
};
const overWebSocket = ({ url }: LoggedProcess) =>
  new Promise<void>((resolve, reject) => {
    const socket = new WebSocket(`${url.replace('http', 'ws')}/v1/ws`);
    const call = { type: 'tool_call', data: { name: 'work', arguments: {} } };
    socket.onopen = () => socket.send(JSON.stringify(call));
    socket.onerror = () => reject(new Error('the WebSocket failed'));
    socket.onmessage = ({ data }: MessageEvent<string>) => {
      if (data.includes('"type":"error"')) reject(new Error(data.slice(0, 500)));
      if (data.length < TEXT.length) return;
      socket.close();
      resolve();
    };
  });
const jsonOf = (exchange: Exchange) => JSON.stringify(exchange.answer(LINES));
const eventOf = (exchange: Exchange) => `data: ${jsonOf(exchange)}\n\n`;
const inBytes = (type: string, toBody: (exchange: Exchange) => string) => (exchange: Exchange) =>
  answerInBytes(exchange.response, type, toBody(exchange));

const FORMS: readonly Form[] = [
  { name: 'lines of text', ask: overHttp, answer: (exchange) => exchange.result(LINES), isPromised: true },
  { name: 'lines with umlauts', ask: overHttp, answer: (exchange) => exchange.result(UMLAUTS), isPromised: true },
  { name: 'an image', ask: overHttp, answer: (exchange) => exchange.result(IMAGE), isPromised: true },
  {
    name: 'as an event',
    ask: overHttp,
    answer: (exchange) => exchange.response.writeHead(200, { 'content-type': 'text/event-stream' }).end(eventOf(exchange)),
  },
  { name: 'over stdio', ask: (gateway) => overHttp(gateway, `{"bytes":${TEXT.length}}`, 'big'), isPromised: true },
  { name: 'in chunks of a byte', ask: overHttp, answer: inBytes('application/json', jsonOf) },
  { name: 'as an event in chunks of a byte', ask: overHttp, answer: inBytes('text/event-stream', eventOf) },
  { name: 'asked over a WebSocket', ask: overWebSocket, answer: (exchange) => exchange.result(LINES) },
];

const { values } = parseArgs({ options: { rounds: { type: 'string', default: '5' }, only: { type: 'string', default: '' } } });
const results: { readonly form: Form; readonly one: readonly number[]; readonly three: readonly number[] }[] = [];
for (const form of FORMS.filter(({ name }) => name.includes(values.only)))
  results.push({ form, one: await costs(form, 1), three: await costs(form, 3) });

const spread = (costs: readonly number[]) => [Math.min(...costs), median(costs), Math.max(...costs)].map((mb) => mb.toFixed(0));
console.log(`Node ${process.version}; ${values.rounds} gateways for each figure; MB of RSS\n`);
printTable(
  ['an answer of 10 MB', 'one: least', 'median', 'most', 'three: least', 'median', 'most'],
  results.map(({ form, one, three }) => [form.name, ...spread(one), ...spread(three)]),
);
console.log();
report(
  results
    .filter(({ form }) => form.isPromised)
    .map(({ form, one }) => ({
      promise: `${form.name}: one answer adds ${MOST_OF_ONE_MB} MB at most (median)`,
      measured: median(one).toFixed(1),
      isMet: median(one) <= MOST_OF_ONE_MB,
    })),
);

async function costs(form: Form, atOnce: number): Promise<number[]> {
  const all: number[] = [];
  while (all.length < Number(values.rounds)) all.push(await cost(form, atOnce));
  return all;
}

async function cost({ name, ask, answer }: Form, atOnce: number): Promise<number> {
  console.error(`${name}, ${atOnce} at once ...`);
  const server = answer && (await RawMcpServer.start({ on: { 'tools/call': smallOr(answer) } }));
  const gateway = await startLoggedGateway(
    server
      ? { env: { PORT: '0', MCP_SERVER_URL: server.url } }
      : { args: ['--', process.execPath, STDIO_SERVER, '{}'], env: { PORT: '0' } },
  );
  try {
    await untilPublished(gateway, 'work');
    for (let call = 0; call < SMALL_CALLS; call += 1) await callTool(gateway, 'work', { small: true });
    return await addedMb(gateway.pid, () => Promise.all(Array.from({ length: atOnce }, () => ask(gateway))));
  } finally {
    await gateway.stop();
    await server?.stop();
  }
}
