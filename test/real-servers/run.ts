/**
 * `npm run test:real`: what is too slow or too large for `npm test`, behind one gateway: servers of PyPI while the machine is busy, servers that
 * need 15 and 75 s for their start, and what Prometheus' own check says of the metrics. The last line is `N passed, N failed`.
 */
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { availableParallelism, tmpdir } from 'node:os';
import path from 'node:path';
import { type Gate, report } from '../../bench/support/gates.ts';
import { succeeds } from '../support/commands.ts';
import { installDebianPackages } from '../support/installed/debian.ts';
import { get, post } from '../support/exchange.ts';
import { ROOT, startGateway } from '../support/processes.ts';
import { installPythonPackages } from '../support/installed/python-packages.ts';
import { until } from '../support/until.ts';

const PINS = ['mcp-server-fetch==2026.10.24', 'mcp-server-time==2026.10.19', 'mcp-server-git==2026.10.19'];
const ERAS = path.join(ROOT, 'test/support/servers/eras.mjs');
const LISTED_WITHIN_MS = 120_000;
const BUSY_MS = 20_000;

interface Call {
  readonly server: string;
  readonly tool: string;
  readonly args: object;
  /** What its answer must hold. */
  readonly holds: string;
}

const folder = mkdtempSync(path.join(tmpdir(), 'mcpo-real-'));
const bin = await installPythonPackages('real-servers', PINS);
execFileSync('git', ['init', '--quiet', '--initial-branch=main', folder]);
const page = createServer((_, response) => response.writeHead(200, { 'content-type': 'text/plain' }).end('a page to be fetched')).listen(
  0,
  '127.0.0.1',
);
await until('the page is served', () => page.listening);
const pageUrl = `http://127.0.0.1:${(page.address() as AddressInfo).port}/page`;

const eras = (name: string, quirks: object) => ({
  command: process.execPath,
  args: [ERAS, JSON.stringify({ record: path.join(folder, `${name}.log`), ...quirks })],
});
const mcpServers = {
  fetch: { command: `${bin}/mcp-server-fetch`, args: ['--ignore-robots-txt', '--allow-private-ips'] },
  time: { command: `${bin}/mcp-server-time`, args: ['--local-timezone=Europe/Berlin'] },
  git: { command: `${bin}/mcp-server-git`, args: ['--repository', folder] },
  // Read nothing before that time, and become modern by the first message that they read.
  modern15: eras('modern15', { era: 'modern', turns: true, waitMs: 15_000 }),
  silent: eras('silent', { deaf: true }),
  slow75: { ...eras('slow75', { waitMs: 75_000 }), startTimeoutMs: 90_000 },
};
const CALLS: readonly Call[] = [
  { server: 'fetch', tool: 'fetch', args: { url: pageUrl }, holds: 'a page to be fetched' },
  { server: 'time', tool: 'get_current_time', args: { timezone: 'Europe/Berlin' }, holds: 'Europe/Berlin' },
  { server: 'git', tool: 'git_status', args: { repo_path: folder }, holds: 'On branch main' },
  ...['modern15', 'silent', 'slow75'].map((server) => ({ server, tool: 'work', args: {}, holds: 'done' })),
];

const config = path.join(folder, 'servers.json');
writeFileSync(config, JSON.stringify({ mcpServers }));
// Python's imports take long when others compute.
const busy = Array.from({ length: availableParallelism() }, () => spawn(process.execPath, ['-e', 'for (;;);']));
const gateway = await startGateway({ args: ['--config', config], cwd: folder });
const startedAt = performance.now();
setTimeout(() => busy.forEach((child) => child.kill('SIGKILL')), BUSY_MS);
const gates = await Promise.all(CALLS.map(called));
gates.push(await checkedMetrics());
await gateway.stop();
page.close();
rmSync(folder, { recursive: true, force: true });
report(gates);

async function called({ server, tool, args, holds }: Call): Promise<Gate> {
  const promise = `${server} is listed within ${LISTED_WITHIN_MS / 1000} s, and answers ${tool}`;
  try {
    await until(promise, async () => (await toolsOf(server)) > 0, LISTED_WITHIN_MS);
    const seconds = ((performance.now() - startedAt) / 1000).toFixed(1);
    const { status, text } = await post(gateway.url, `/${server}/${tool}`, args);
    return { promise, measured: `${seconds} s, ${status} ${text.slice(0, 60)}`, isMet: status === 200 && text.includes(holds) };
  } catch (error) {
    return { promise, measured: (error as Error).message, isMet: false };
  }
}

async function toolsOf(name: string): Promise<number> {
  const { servers } = JSON.parse((await get(gateway.url, '/v1/servers')).text) as { servers: { name: string; tools: number }[] };
  return servers.find((server) => server.name === name)?.tools ?? 0;
}

async function checkedMetrics(): Promise<Gate> {
  const needs = 'The metrics are judged by promtool.';
  if (!(await succeeds('promtool', ['--version']))) await installDebianPackages(['prometheus'], needs);
  const { text: input } = await get(gateway.url, '/metrics');
  const { status, stdout, stderr } = spawnSync('promtool', ['check', 'metrics'], { input, encoding: 'utf8' });
  return {
    promise: '`promtool check metrics` finds nothing',
    measured: `exit ${status} ${stdout}${stderr}`.trim(),
    isMet: status === 0 && stdout + stderr === '',
  };
}
