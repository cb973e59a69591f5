/**
 * How long the gateway holds its event loop at a stretch while a server lists odd tools, they are published, and each is called for the first
 * time: schemas of a megabyte, of ten thousand levels, a thousand and twenty thousand tools, and the largest schema that is enforced in full.
 *
 * node bench/turns.ts [--rounds N] [--only WORDS]
 */
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { get, post } from '../test/support/exchange.ts';
import { DEPTHS, LARGEST_COMPILED, MEGABYTES, THOUSAND_TOOLS, toolOf, TWENTY_THOUSAND_TOOLS } from '../test/support/hard-schemas.ts';
import { listAsWritten, RawMcpServer } from '../test/support/raw-mcp-server.ts';
import { until } from '../test/support/until.ts';
import { report } from './support/gates.ts';
import { startLogged } from './support/logged-process.ts';
import { median } from './support/statistics.ts';
import { printTable } from './support/table.ts';

const MAX_TURN_MS = 50;

interface Case {
  readonly name: string;
  readonly tools: readonly string[];
  readonly called: readonly string[];
}

const { values } = parseArgs({ options: { rounds: { type: 'string', default: '3' }, only: { type: 'string', default: '' } } });
const work = (name: string, schema: string): Case => ({ name, tools: [toolOf('work', schema)], called: ['work'] });
const cases: readonly Case[] = [
  ...MEGABYTES.map(([what, schema]) => work(`a megabyte of ${what}`, schema)),
  ...DEPTHS.map(([what, schema]) => work(`${what} ten thousand deep`, schema)),
  { name: 'a thousand tools, a hundred called at once', tools: THOUSAND_TOOLS, called: Array.from({ length: 100 }, (_, n) => `tool_${n}`) },
  { name: 'twenty thousand tools', tools: TWENTY_THOUSAND_TOOLS, called: ['tool_0', 'tool_10000'] },
  work('the largest schema enforced in full', LARGEST_COMPILED),
].filter(({ name }) => name.includes(values.only));

const SETTINGS = { PORT: '0', RATE_LIMIT_CLIENT: '1000000', RATE_LIMIT_SYSTEM: '1000000', MAX_CONNECTIONS: '10000' };
const WARM_SCHEMA = '{"type":"object","properties":{"a":{"anyOf":[{"type":"string"},{"type":"null"}]}},"required":["a"]}';

const folder = mkdtempSync(path.join(tmpdir(), 'bench-turns-'));
process.once('exit', () => rmSync(folder, { recursive: true, force: true }));

let started = 0;
const rows: { name: string; listed: number; published: number; called: number }[] = [];
for (const each of cases) {
  const rounds: Turns[] = [];
  for (let round = 0; round < Number(values.rounds); round++) rounds.push(await measure(each));
  const medianOf = (part: keyof Turns) => median(rounds.map((turns) => turns[part]));
  rows.push({ name: each.name, listed: medianOf('listed'), published: medianOf('published'), called: medianOf('called') });
}

printTable(
  ['longest turn, CPU ms (median)', 'listed', 'published', 'called'],
  rows.map(({ name, listed, published, called }) => [name, ...[listed, published, called].map((ms) => ms.toFixed(1))]),
);
console.log();
report(
  rows.map(({ name, listed, published, called }) => {
    const longest = Math.max(listed, published, called);
    return {
      promise: `${name}: no turn longer than ${MAX_TURN_MS} ms`,
      measured: `${longest.toFixed(1)} ms`,
      isMet: longest <= MAX_TURN_MS,
    };
  }),
);

interface Turns {
  /** While the list came and was taken in, */
  readonly listed: number;
  /** while its documents were read for the first time, */
  readonly published: number;
  /** and while its tools were called for the first and second time. */
  readonly called: number;
}

/** In a gateway of its own, which has served another list before: what is loaded at the first use of anything is not measured here. */
async function measure({ tools, called }: Case): Promise<Turns> {
  const server = await RawMcpServer.start({
    on: { 'tools/list': listAsWritten(`[${toolOf('warm', WARM_SCHEMA)},${toolOf('other', '{}')}]`) },
  });
  const watch = `--import=${path.resolve('bench/support/watch-turns.mjs')}`;
  const file = path.join(folder, String(started++));
  const gateway = await startLogged('dist/src/main.js', {
    nodeArgs: [watch],
    env: { ...SETTINGS, MCP_SERVER_URL: server.url, TURNS_FILE: file },
  });
  const longest = () => longestTurn(gateway.pid, file);
  try {
    await listed(gateway.url, 2);
    await publish(gateway.url);
    await call(gateway.url, ['warm']);
    await longest();
    server.on['tools/list'] = listAsWritten(`[${tools.join(',')}]`);
    server.notify('notifications/tools/list_changed');
    await listed(gateway.url, tools.length);
    const whileListed = await longest();
    await publish(gateway.url);
    const whilePublished = await longest();
    await call(gateway.url, called);
    return { listed: whileListed, published: whilePublished, called: await longest() };
  } finally {
    await gateway.stop();
    await server.stop();
  }
}

async function listed(url: string, count: number): Promise<void> {
  await until(`${count} tools are listed`, async () => {
    const { servers } = JSON.parse((await get(url, '/v1/servers')).text) as { servers: { tools: number }[] };
    return servers[0]?.tools === count;
  });
}

async function publish(url: string): Promise<void> {
  for (const document of ['/openapi.json', '/v1/openapi.json', '/v1/tools?format=mcp']) {
    const { status } = await get(url, document);
    if (status !== 200) throw new Error(`${document} was answered ${status}.`);
  }
}

async function call(url: string, names: readonly string[]): Promise<void> {
  const bodies = ['{}', '{"a":1,"b":{"c":[]}}'];
  await Promise.all(names.flatMap((name) => bodies.map((body) => post(url, `/v1/tools/${name}`, body))));
}

/** Milliseconds of the longest turn since this was last asked. */
async function longestTurn(pid: number, file: string): Promise<number> {
  const linesBefore = linesOf(file).length;
  process.kill(pid, 'SIGUSR2');
  return Number(await until('the gateway tells its turns', () => linesOf(file)[linesBefore]));
}

function linesOf(file: string): string[] {
  return existsSync(file) ? readFileSync(file, 'utf8').split('\n').slice(0, -1) : [];
}
