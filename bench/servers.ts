/**
 * How long one gateway takes to list eight servers of npm that it runs over stdio. Those that the repository does not have are installed
 * into a temporary folder, or into the one that is given and then kept.
 *
 * node bench/servers.ts [--folder FOLDER]
 */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { until } from '../test/support/until.ts';
import { report } from './support/gates.ts';
import { startLoggedGateway } from './support/logged-process.ts';
import { type NpmServer, npmServers } from './support/servers/npm-servers.ts';
import { childPids, rssMb } from './support/measured/process-usage.ts';
import { printTable } from './support/table.ts';

const MAX_LISTED_MS = 60_000;
/** Of the time that a gateway needs whose only server is elsewhere. */
const MAX_LISTENING_RATIO = 2;

interface Report {
  readonly name: string;
  readonly state: string;
  readonly tools: number;
  readonly lastError?: string;
}

const { values } = parseArgs({ options: { folder: { type: 'string' } } });
const folder = values.folder ? path.resolve(values.folder) : mkdtempSync(path.join(tmpdir(), 'servers-'));
mkdirSync(folder, { recursive: true });
if (!values.folder) process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
const servers = npmServers(folder);
const config = path.join(folder, 'servers.json');
writeFileSync(config, JSON.stringify({ mcpServers: Object.fromEntries(servers.map(({ name, entry }) => [name, entry])) }));

const aloneMs = await listeningAlone();
const startedAt = performance.now();
const gateway = await startLoggedGateway({ args: ['--config', config], env: { PORT: '0' } });
const listeningMs = performance.now() - startedAt;
const listedAfterMs = new Map<string, number>();
await until('every server is listed', noteListed, MAX_LISTED_MS).catch(() => undefined);
const reports = new Map((await serverReports()).map((one) => [one.name, one]));
const childrenMb = childPids(gateway.pid).reduce((sum, pid) => sum + rssMb(pid), 0);

console.log(
  `Node ${process.version}; the gateway listens after ${listeningMs.toFixed(0)} ms, without servers to start after ${aloneMs.toFixed(0)} ms\n`,
);
// Some servers have more tools for a client that offers sampling, elicitation or roots, as the one that captured them did.
printTable(['server', 'listed after ms', 'tools', 'captured', ''], servers.map(row));
console.log(`\nRSS: the gateway ${rssMb(gateway.pid).toFixed(0)} MB, its servers ${childrenMb.toFixed(0)} MB\n`);
await gateway.stop();
report([
  {
    promise: `all servers are listed within ${MAX_LISTED_MS / 1000} s`,
    measured: `${listedAfterMs.size} of ${servers.length}, the last after ${Math.max(...listedAfterMs.values()).toFixed(0)} ms`,
    isMet: listedAfterMs.size === servers.length,
  },
  {
    promise: `its port opens within ${MAX_LISTENING_RATIO} times what a gateway needs that starts none`,
    measured: (listeningMs / aloneMs).toFixed(2),
    isMet: listeningMs <= MAX_LISTENING_RATIO * aloneMs,
  },
]);

/** The second of two starts, as the gateway's own is: what V8 compiled for the first is kept. */
async function listeningAlone(): Promise<number> {
  let ms = 0;
  for (let start = 1; start <= 2; start++) {
    const startedAt = performance.now();
    const alone = await startLoggedGateway({ args: ['--', 'http://127.0.0.1:9/mcp'], env: { PORT: '0' } });
    ms = performance.now() - startedAt;
    await alone.stop();
  }
  return ms;
}

async function noteListed(): Promise<boolean> {
  for (const { name, tools } of await serverReports())
    if (tools > 0 && !listedAfterMs.has(name)) listedAfterMs.set(name, performance.now() - startedAt);
  return listedAfterMs.size === servers.length;
}

async function serverReports(): Promise<Report[]> {
  const response = await fetch(`${gateway.url}/v1/servers`);
  return ((await response.json()) as { servers: Report[] }).servers;
}

function row({ name, tools: captured }: NpmServer): string[] {
  const { state, tools = 0, lastError = '' } = reports.get(name) ?? {};
  return [name, listedAfterMs.get(name)?.toFixed(0) ?? '', `${tools}`, `${captured}`, state === 'up' ? '' : `${state}: ${lastError}`];
}
