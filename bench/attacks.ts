/**
 * What hostile callers and servers cost the gateway and its other callers: for each attack a gateway of its own with default limits of
 * memory and places, its memory before and at its peak, and how long calls of another caller to another server take meanwhile.
 *
 * node bench/attacks.ts [--only NAME] [--bare]
 *
 * `--bare`: the program as it is started by its name, without what `npm start` and the image tell Node of its memory.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import net from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { GATEWAY } from '../test/support/built.ts';
import { ROOT } from '../test/support/processes.ts';
import { until } from '../test/support/until.ts';
import { type Gate, report } from './support/gates.ts';
import { type LoggedProcess, startLogged, startLoggedGateway } from './support/logged-process.ts';
import { rssMb } from './support/measured/process-usage.ts';
import { percentile } from './support/statistics.ts';
import { printTable } from './support/table.ts';

const MAX_RSS_MB = 512;
const PROBE_EVERY_MS = 20;
const LOOK_EVERY_MS = 50;
const KEYS = { attacker: 'key-of-the-attacker', other: 'key-of-the-other-one' };
const STDIO_SERVER = path.join(ROOT, 'test/support/servers/raw-stdio.mjs');
const NOTE = '{"jsonrpc":"2.0","method":"notifications/message","params":{"level":"info","data":"x"}}';

interface Attack {
  readonly name: string;
  readonly what: string;
  /** How the hostile server is to behave (support/attacks/hostile-server.ts), or what the one over stdio is to do. */
  readonly server: string | { readonly stdio: object };
  readonly seconds: number;
  /** What the attacker calls; nothing where the server is enough. */
  readonly calls?: { readonly tool: string; readonly count: number; readonly reads: boolean };
}

const go = (count: number, reads = true) => ({ tool: 'bad_go', count, reads });
const ATTACKS: readonly Attack[] = [
  { name: 'unread', what: '100 answers of 4 MB that nobody reads', server: 'large', seconds: 15, calls: go(100, false) },
  { name: 'silent', what: '100 calls to a server that never answers', server: 'silent', seconds: 8, calls: go(100) },
  { name: 'tiny', what: 'three answers of 10 MB in chunks of a byte', server: 'tiny', seconds: 20, calls: go(3) },
  { name: 'pages', what: 'a list of pages of 8 MB without end', server: 'pages', seconds: 10 },
  { name: 'pings', what: 'requests without end on the standing stream, no answer taken', server: 'pings', seconds: 15 },
  { name: 'requests', what: '50,000 requests within one call, ten times', server: 'requests', seconds: 10, calls: go(10) },
  {
    name: 'notes',
    what: 'a million notifications over stdio',
    server: { stdio: { flood: { text: NOTE, lines: 1_000_000 } } },
    seconds: 10,
    calls: { tool: 'bad_flood', count: 1, reads: true },
  },
  {
    name: 'brackets',
    what: 'lines of six million brackets over stdio, ten times',
    server: { stdio: { flood: { text: '[', times: 6_000_000, lines: 1 } } },
    seconds: 8,
    calls: { tool: 'bad_flood', count: 10, reads: true },
  },
];

const { values } = parseArgs({ options: { only: { type: 'string' }, bare: { type: 'boolean', default: false } } });
const folder = mkdtempSync(path.join(tmpdir(), 'attacks-'));
process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
const good = await startLogged('bench/support/servers/raw-upstream.ts');
const results: Result[] = [];
for (const attack of ATTACKS.filter(({ name }) => values.only === undefined || name === values.only)) results.push(await suffer(attack));
await good.stop();

console.log(`Node ${process.version}; the other caller makes a call every ${PROBE_EVERY_MS} ms\n`);
printTable(
  ['attack', 'RSS before', 'RSS at its peak', 'calls of another', 'answered 200', 'p50 ms', 'p99 ms', 'longest ms'],
  results.map(({ attack, before, peak, times, served }) => [
    attack.what,
    before.toFixed(0),
    peak.toFixed(0),
    `${times.length}`,
    `${served}`,
    ...[percentile(times, 0.5), percentile(times, 0.99), Math.max(...times)].map((ms) => ms.toFixed(1)),
  ]),
);
console.log();
report(results.flatMap(gatesOf));

interface Result {
  readonly attack: Attack;
  readonly before: number;
  readonly peak: number;
  /** Milliseconds of the other caller's calls. */
  readonly times: readonly number[];
  readonly served: number;
  readonly end: number | string;
}

async function suffer(attack: Attack): Promise<Result> {
  console.error(`${attack.what} ...`);
  const { server } = attack;
  const hostile = typeof server === 'string' ? await startLogged('bench/support/attacks/hostile-server.ts', { args: [server] }) : undefined;
  const bad = hostile
    ? { url: hostile.url }
    : { command: process.execPath, args: [STDIO_SERVER, JSON.stringify((server as { stdio: object }).stdio)] };
  const config = path.join(folder, `${attack.name}.json`);
  writeFileSync(config, JSON.stringify({ mcpServers: { bad, good: { url: `${good.url}/mcp` } } }));
  const limits = { RATE_LIMIT_CLIENT: '1000000', RATE_LIMIT_SYSTEM: '1000000' };
  const env = {
    PORT: '0',
    MCP_CONFIG: config,
    API_KEYS: Object.entries(KEYS)
      .map((entry) => entry.join(':'))
      .join(','),
    ...limits,
  };
  const gateway = await (values.bare ? startLogged(GATEWAY, { env }) : startLoggedGateway({ env }));
  const sockets: net.Socket[] = [];
  try {
    await until('both servers are listed', async () => {
      const document = await fetch(`${gateway.url}/openapi.json`).then((response) => response.text());
      return document.includes('good_echo') && document.includes('bad_');
    });
    for (let call = 0; call < 200; call += 1) await probe(gateway);
    const before = rssMb(gateway.pid);
    let peak = before;
    const looking = setInterval(() => (peak = Math.max(peak, rssMb(gateway.pid))), LOOK_EVERY_MS);
    for (let call = 0; call < (attack.calls?.count ?? 0); call += 1) sockets.push(attackOnce(gateway, attack));
    const { times, served } = await probing(gateway, attack.seconds);
    clearInterval(looking);
    for (const socket of sockets) socket.destroy();
    return { attack, before, peak, times, served, end: await gateway.stop() };
  } finally {
    await gateway.stop('SIGKILL');
    await hostile?.stop();
  }
}

/** One call of the attacker, whose answer is read or left where it is. */
function attackOnce({ url }: LoggedProcess, { calls }: Attack): net.Socket {
  const socket = net.connect(Number(new URL(url).port), '127.0.0.1').on('error', () => undefined);
  const head = [`POST /v1/tools/${calls?.tool} HTTP/1.1`, 'Host: 127.0.0.1', `Authorization: Bearer ${KEYS.attacker}`];
  socket.write([...head, 'Content-Type: application/json', 'Content-Length: 2', '', '{}'].join('\r\n'));
  return calls?.reads ? socket.resume() : socket.pause();
}

async function probing(gateway: LoggedProcess, seconds: number): Promise<{ times: number[]; served: number }> {
  const calls: Promise<{ ms: number; isServed: boolean }>[] = [];
  const end = performance.now() + seconds * 1_000;
  while (performance.now() < end) {
    calls.push(probe(gateway));
    await sleep(PROBE_EVERY_MS);
  }
  const all = await Promise.all(calls);
  return { times: all.map(({ ms }) => ms), served: all.filter(({ isServed }) => isServed).length };
}

async function probe({ url }: LoggedProcess): Promise<{ ms: number; isServed: boolean }> {
  const headers = { authorization: `Bearer ${KEYS.other}`, 'content-type': 'application/json' };
  const from = performance.now();
  const response = await fetch(`${url}/v1/tools/good_echo`, { method: 'POST', headers, body: '{"title":"x"}' }).catch(() => undefined);
  await response?.text().catch(() => undefined);
  return { ms: performance.now() - from, isServed: response?.status === 200 };
}

function gatesOf({ attack, peak, times, served, end }: Result): Gate[] {
  return [
    {
      promise: `${attack.name}: every call of the other caller is answered 200`,
      measured: `${served} of ${times.length}`,
      isMet: served === times.length,
    },
    { promise: `${attack.name}: the memory stays below ${MAX_RSS_MB} MB`, measured: peak.toFixed(0), isMet: peak < MAX_RSS_MB },
    { promise: `${attack.name}: the gateway ends with 0 when it is told to`, measured: `${end}`, isMet: end === 0 },
  ];
}
