/**
 * `npm run conformance`: the official suite of the Model Context Protocol against both faces of the built gateway, with all that its revisions require,
 * frozen: of a server at `/mcp/{server}`, with servers of both generations behind it, and of a client in front of the suite's own servers. Before that against
 * those servers of ours themselves. The last line is `N passed, N failed`.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { allListed } from '../support/listed.ts';
import { ROOT, type RunningProcess, startGateway, startNode } from '../support/processes.ts';
import { judgeClient, judgeServer, LEGACY, MODERN, requirementsOf, type Verdict } from './suite.ts';

const RUN_TIMEOUT_MS = 15 * 60_000;
/** Each starts a gateway. */
const CLIENTS_AT_ONCE = 2;
const UPSTREAMS = {
  legacy: 'test/conformance/upstreams/legacy.ts',
  modern: 'test/conformance/upstreams/modern.ts',
}; /** Extensions of the protocol that the gateway has as a client, and the suite plays, but no revision requires. */
const OFFERED_BESIDE = ['auth/client-credentials-basic'];

/** What is about results that require input, and about the whole of a server of the newer generation, needs tools of one. */
const HAS_OLDER_SERVER = (scenario: string) => !scenario.startsWith('input-required-result-') && scenario !== 'server-stateless';

const folder = mkdtempSync(path.join(tmpdir(), 'conformance-'));
const running: RunningProcess[] = [];
let passed = 0;
let failed = 0;
let ending: Promise<void> | undefined;

for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => void end(`Ended by ${signal}.`));
setTimeout(() => void end(`Not done after ${RUN_TIMEOUT_MS / 60_000} minutes.`), RUN_TIMEOUT_MS).unref();

try {
  await judgeServers();
  for (const revision of [LEGACY, MODERN]) await judgeClients(revision);
  await end();
} catch (error) {
  await end(error);
}

async function judgeServers(): Promise<void> {
  const legacy = await started(startNode(UPSTREAMS.legacy));
  const modern = await started(startNode(UPSTREAMS.modern));
  const stdio = (script: string) => ({ command: process.execPath, args: [path.join(ROOT, script), '--stdio'] });
  const mcpServers = {
    legacy: { url: `${legacy.url}/mcp` },
    modern: { url: `${modern.url}/mcp` },
    'legacy-stdio': stdio(UPSTREAMS.legacy),
    'modern-stdio': stdio(UPSTREAMS.modern),
  };
  const config = path.join(folder, 'servers.json');
  writeFileSync(config, JSON.stringify({ mcpServers }));
  const gateway = await started(startGateway({ args: ['--config', config], cwd: folder }));
  await allListed(gateway.url);
  const behind = (name: string) => `${gateway.url}/mcp/${name}`;
  const faces = [
    { title: 'the older server itself', url: `${legacy.url}/mcp`, revision: LEGACY },
    { title: 'the newer server itself', url: `${modern.url}/mcp`, revision: MODERN },
    { title: 'the gateway before the older server over HTTP', url: behind('legacy'), revision: LEGACY },
    { title: 'the gateway before the older server over stdio', url: behind('legacy-stdio'), revision: LEGACY },
    { title: 'the gateway before the newer server over HTTP', url: behind('modern'), revision: MODERN },
    { title: 'the gateway before the newer server over stdio', url: behind('modern-stdio'), revision: MODERN },
    { title: 'the gateway before the newer server', url: behind('modern'), revision: LEGACY },
    {
      title: 'the gateway before the older server, as far as that has the tools',
      url: behind('legacy'),
      revision: MODERN,
      only: HAS_OLDER_SERVER,
    },
  ];
  for (const [index, { title, url, revision, only = () => true }] of faces.entries()) {
    const verdicts = await judgeServer(url, revision, path.join(folder, String(index)));
    tell(
      `${revision} ${title}`,
      verdicts.filter(({ scenario }) => only(scenario)),
    );
  }
}

async function judgeClients(revision: string): Promise<void> {
  const waiting = [...requirementsOf(revision).client, ...OFFERED_BESIDE];
  const verdicts: Verdict[] = [];
  const work = async () => {
    for (let scenario = waiting.shift(); scenario !== undefined; scenario = waiting.shift())
      verdicts.push(await judgeClient(scenario, revision, path.join(folder, `client-${revision}`)));
  };
  await Promise.all(Array.from({ length: CLIENTS_AT_ONCE }, work));
  tell(`${revision} the gateway as a client`, verdicts);
}

function tell(title: string, verdicts: readonly Verdict[]): void {
  const faulty = verdicts.filter(({ wrong }) => wrong.length > 0);
  passed += verdicts.length - faulty.length;
  failed += faulty.length;
  console.log(`${title}: ${verdicts.length - faulty.length} of ${verdicts.length}`);
  for (const { scenario, wrong } of faulty) console.log(`FAILED  ${scenario}\n        ${wrong.join('\n        ')}`);
}

async function started(starting: Promise<RunningProcess>): Promise<RunningProcess> {
  const child = await starting;
  running.push(child);
  return child;
}

/** Ends everything that was started, prints the tally and exits, once; a reason counts as a failure. */
function end(reason?: unknown): Promise<void> {
  ending ??= endNow(reason);
  return ending;
}

async function endNow(reason: unknown): Promise<void> {
  if (reason !== undefined) {
    failed++;
    console.log(reason);
  }
  await Promise.all(running.map((child) => child.stop()));
  rmSync(folder, { recursive: true, force: true });
  console.log(`${passed} passed, ${failed} failed`);
  process.exit(failed === 0 && passed > 0 ? 0 : 1);
}
