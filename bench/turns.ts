/**
 * How long the gateway holds its event loop at a stretch while a server lists odd tools, they are published, and each is called for the first
 * time: schemas of a megabyte, of ten thousand levels, a thousand and twenty thousand tools, and the largest schema that is enforced in full.
 * Twenty thousand tools also as the list of one caller, and where servers are reloaded.
 *
 * node bench/turns.ts [--rounds N] [--only WORDS]
 */
import { parseArgs } from 'node:util';
import {
  DEPTHS,
  LARGEST_COMPILED,
  MEGABYTES,
  THOUSAND_TOOLS,
  toolOf,
  TWENTY_THOUSAND_TOOLS,
} from '../test/support/schemas/hard-schemas.ts';
import { listAsWritten, RawMcpServer } from '../test/support/raw-mcp-server.ts';
import { type Turns, turnsOfPrivateList, turnsOfReload } from './support/changes-of-servers.ts';
import { report } from './support/gates.ts';
import { median } from './support/statistics.ts';
import { printTable } from './support/table.ts';
import { WatchedGateway } from './support/measured/watched-gateway.ts';

const MAX_TURN_MS = 50;

interface Case {
  readonly name: string;
  readonly measure: () => Promise<Turns>;
}

const { values } = parseArgs({ options: { rounds: { type: 'string', default: '3' }, only: { type: 'string', default: '' } } });
const list = (name: string, tools: readonly string[], called: readonly string[]): Case => ({ name, measure: () => measure(tools, called) });
const work = (name: string, schema: string): Case => list(name, [toolOf('work', schema)], ['work']);
const cases: readonly Case[] = [
  ...MEGABYTES.map(([what, schema]) => work(`a megabyte of ${what}`, schema)),
  ...DEPTHS.map(([what, schema]) => work(`${what} ten thousand deep`, schema)),
  list(
    'a thousand tools, a hundred called at once',
    THOUSAND_TOOLS,
    Array.from({ length: 100 }, (_, n) => `tool_${n}`),
  ),
  list('twenty thousand tools', TWENTY_THOUSAND_TOOLS, ['tool_0', 'tool_10000']),
  { name: 'twenty thousand tools of one caller', measure: turnsOfPrivateList },
  { name: 'a reload beside twenty thousand tools', measure: () => turnsOfReload(false) },
  { name: 'a reload of the server of twenty thousand tools', measure: () => turnsOfReload(true) },
  work('the largest schema enforced in full', LARGEST_COMPILED),
].filter(({ name }) => name.includes(values.only));

const WARM_SCHEMA = '{"type":"object","properties":{"a":{"anyOf":[{"type":"string"},{"type":"null"}]}},"required":["a"]}';

const rows: { name: string; listed: number; published: number; called: number }[] = [];
for (const each of cases) {
  const rounds: Turns[] = [];
  for (let round = 0; round < Number(values.rounds); round++) rounds.push(await each.measure());
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

/** In a gateway of its own, which has served another list before: what is loaded at the first use of anything is not measured here. */
async function measure(tools: readonly string[], called: readonly string[]): Promise<Turns> {
  const server = await RawMcpServer.start({
    on: { 'tools/list': listAsWritten(`[${toolOf('warm', WARM_SCHEMA)},${toolOf('other', '{}')}]`) },
  });
  const gateway = await WatchedGateway.start({ MCP_SERVER_URL: server.url });
  try {
    await gateway.listed([2]);
    await gateway.publish();
    await gateway.call(['warm']);
    await gateway.longestTurn();
    server.on['tools/list'] = listAsWritten(`[${tools.join(',')}]`);
    server.notify('notifications/tools/list_changed');
    await gateway.listed([tools.length]);
    const listed = await gateway.longestTurn();
    await gateway.publish();
    const published = await gateway.longestTurn();
    await gateway.call(called);
    return { listed, published, called: await gateway.longestTurn() };
  } finally {
    await gateway.stop();
    await server.stop();
  }
}
