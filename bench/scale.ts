/**
 * What more servers cost: gateways with 1, 10 and 100 servers of 100 tools each run side by side and are measured in turn.
 *
 * node bench/scale.ts [--quick] [--servers 1,10,100] [--tools N] [--rounds N] [--seconds N] [--changes N]
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { AMPLE_LIMITS } from '../test/support/ample-limits.ts';
import { get, post } from '../test/support/exchange.ts';
import { allListed } from '../test/support/listed.ts';
import { ECHO_ARGUMENTS } from './support/echo-tool.ts';
import { type Gate, report } from './support/gates.ts';
import { ensureWrk, load } from './support/load/load.ts';
import { type LoggedProcess, startLogged, startLoggedGateway } from './support/logged-process.ts';
import { cpuUs, rssMb } from './support/measured/process-usage.ts';
import { median } from './support/statistics.ts';
import { printTable } from './support/table.ts';

const MAX_CALL_RATIO = 1.1;
const MAX_CHANGE_RATIO = 2;
/** What a change may cost besides: the lists of all names are gone through. */
const CHANGE_ALLOWANCE_MS = 10;
const CONNECTIONS = 16;
const WARM_UP_SECONDS = 8;
const LISTED_WITHIN_MS = 120_000;
const IDLE_MS = 5_000;
/** A list that has changed is asked for again at most every 100 ms, and made into documents then. */
const CHANGE_PAUSE_MS = 250;
const READS = 5;

const { values } = parseArgs({
  options: {
    quick: { type: 'boolean', default: false },
    servers: { type: 'string', default: '1,10,100' },
    tools: { type: 'string', default: '100' },
    rounds: { type: 'string' },
    seconds: { type: 'string' },
    changes: { type: 'string' },
  },
});
const tools = Number(values.tools);
const rounds = Number(values.rounds ?? (values.quick ? 2 : 5));
const seconds = Number(values.seconds ?? (values.quick ? 1 : 3));
const changes = Number(values.changes ?? (values.quick ? 5 : 10));

/** A gateway with so many servers, and what was measured of it: of each round one sample. */
interface Scale {
  readonly servers: number;
  readonly gateway: LoggedProcess;
  readonly startMs: number;
  readonly idleMb: number;
  readonly callUs: number[];
  readonly changeMs: number[];
}

ensureWrk();
const folder = mkdtempSync(path.join(tmpdir(), 'scale-'));
process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
const upstream = await startLogged('bench/support/servers/raw-upstream.ts', { args: ['--changes', '--tools', `${tools}`] });
const scales: Scale[] = [];
for (const servers of values.servers.split(',').map(Number)) scales.push(await start(servers));
for (const scale of scales) await load(callOf(scale), CONNECTIONS, values.quick ? 2 : WARM_UP_SECONDS);
for (let round = 1; round <= rounds; round++) {
  console.error(`Round ${round} of ${rounds} ...`);
  for (const scale of scales) scale.callUs.push(await callUs(scale));
  for (const scale of scales) scale.changeMs.push(await changeMs(scale));
}
const rows: string[][] = [];
for (const scale of scales) rows.push(await rowOf(scale));
console.log(`Node ${process.version}, ${tools} tools for each server; calls at ${CONNECTIONS} connections, medians of ${rounds} rounds\n`);
printTable(
  [
    ...['servers', 'start ms', 'RSS MB', 'RSS later MB', 'CPU us/call', 'x', 'change CPU ms', 'x'],
    ...['document KB', 'read ms', 'after change ms', "one server's KB", 'read ms'],
  ],
  rows,
);
console.log();
report(gates());
await Promise.all([upstream, ...scales.map(({ gateway }) => gateway)].map((one) => one.stop()));

/** Starts a gateway, alone at work, and waits for its whole document. */
async function start(servers: number): Promise<Scale> {
  const config = path.join(folder, `${servers}.json`);
  // No two gateways share a server: its standing stream is one.
  const names = Array.from({ length: servers }, (_, index) => nameOf(servers, index));
  const entries = names.map((name) => [name, { type: 'streamable-http', url: `${upstream.url}/${name}/mcp` }]);
  writeFileSync(config, JSON.stringify({ mcpServers: Object.fromEntries(entries) }));
  const startedAt = performance.now();
  const env = { PORT: '0', ...AMPLE_LIMITS };
  const gateway = await startLoggedGateway({ args: ['--config', config], env });
  await allListed(gateway.url, LISTED_WITHIN_MS);
  const { text } = await get(gateway.url, '/openapi.json');
  const startMs = performance.now() - startedAt;
  const listed = text.split('"operationId"').length - 1;
  if (listed !== servers * tools) throw new Error(`The document of ${servers} servers holds ${listed} tools.`);
  await sleep(IDLE_MS);
  return { servers, gateway, startMs, idleMb: rssMb(gateway.pid), callUs: [], changeMs: [] };
}

function nameOf(servers: number, index = 0): string {
  return `of${servers}n${index}`;
}

function callOf({ gateway: { url }, servers }: Scale) {
  return { url: `${url}/v1/tools/${nameOf(servers)}_tool_0`, body: ECHO_ARGUMENTS, accept: 'application/json' };
}

async function callUs(scale: Scale): Promise<number> {
  const { gateway } = scale;
  const before = cpuUs(gateway.pid);
  const { calls } = await load(callOf(scale), CONNECTIONS, seconds);
  const us = (cpuUs(gateway.pid) - before) / calls;
  gateway.dropLog();
  return us;
}

/** The gateway's CPU time for one change of one server's list, which nobody reads. */
async function changeMs({ gateway, servers }: Scale): Promise<number> {
  const before = cpuUs(gateway.pid);
  for (let change = 0; change < changes; change++) {
    await changeList(servers);
    await sleep(CHANGE_PAUSE_MS);
  }
  await sleep(CHANGE_PAUSE_MS);
  return (cpuUs(gateway.pid) - before) / changes / 1000;
}

async function changeList(servers: number): Promise<void> {
  const listedAnew = post(upstream.url, `/${nameOf(servers)}/change`, '');
  const answer = await Promise.race([listedAnew, sleep(LISTED_WITHIN_MS, undefined, { ref: false })]);
  if (answer?.status !== 204) throw new Error(`The upstream answers a change with ${answer?.status ?? 'nothing: it is not listed anew'}.`);
}

async function rowOf(scale: Scale): Promise<string[]> {
  const { servers, gateway, startMs, idleMb } = scale;
  const merged = await read(gateway, '/openapi.json');
  const afterChange: number[] = [];
  for (let time = 0; time < READS; time++) {
    await changeList(servers);
    await sleep(CHANGE_PAUSE_MS);
    afterChange.push((await timed(gateway, '/openapi.json')).ms);
  }
  const own = await read(gateway, `/${nameOf(servers)}/openapi.json`);
  const cost = (one: Scale) => [median(one.callUs).toFixed(0), ratio('callUs', one).toFixed(2)];
  const change = [median(scale.changeMs).toFixed(1), ratio('changeMs', scale).toFixed(2)];
  const documents = [merged.kb.toFixed(0), merged.ms.toFixed(1), median(afterChange).toFixed(1), own.kb.toFixed(0), own.ms.toFixed(1)];
  return [`${servers}`, ...[startMs, idleMb, rssMb(gateway.pid)].map((value) => value.toFixed(0)), ...cost(scale), ...change, ...documents];
}

/** Size and median time of a document that is made already. */
async function read(gateway: LoggedProcess, document: string): Promise<{ kb: number; ms: number }> {
  const { kb } = await timed(gateway, document);
  const times: number[] = [];
  for (let time = 0; time < READS; time++) times.push((await timed(gateway, document)).ms);
  return { kb, ms: median(times) };
}

async function timed({ url }: LoggedProcess, document: string): Promise<{ kb: number; ms: number }> {
  const start = performance.now();
  const { status, bytes } = await get(url, document);
  if (status !== 200) throw new Error(`${document} is answered ${status}.`);
  return { kb: bytes.length / 1024, ms: performance.now() - start };
}

/** Relative to the gateway with the fewest servers, in the same round. */
function ratio(of: 'callUs' | 'changeMs', scale: Scale): number {
  const [first] = scales as [Scale];
  return median(scale[of].map((value, round) => value / (first[of][round] as number)));
}

function gates(): Gate[] {
  const [first] = scales as [Scale];
  const last = scales.at(-1) as Scale;
  const calls = ratio('callUs', last);
  const [few, many] = [median(first.changeMs), median(last.changeMs)];
  return [
    {
      promise: `with ${last.servers} servers a call costs at most ${MAX_CALL_RATIO} times the CPU of one with ${first.servers}`,
      measured: calls.toFixed(2),
      isMet: calls <= MAX_CALL_RATIO,
    },
    {
      promise: `with ${last.servers} servers a list that changes costs at most ${MAX_CHANGE_RATIO} times as much and ${CHANGE_ALLOWANCE_MS} ms`,
      measured: `${many.toFixed(1)} ms against ${few.toFixed(1)} ms`,
      isMet: many <= MAX_CHANGE_RATIO * few + CHANGE_ALLOWANCE_MS,
    },
  ];
}
