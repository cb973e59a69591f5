import path from 'node:path';
import { readSettings } from '../src/config/read-settings.js';
import type { StdioUpstreamSettings } from '../src/config/upstream-settings.js';
import { NO_COMMAND_LINE } from '../src/config/command-line.js';
import { McpClient } from '../src/mcp-client/mcp-client.service.js';
import { writeFileSync } from 'node:fs';
import { closesAfterEach } from './support/ends.js';
import { get } from './support/exchange.js';
import { type GatewayHere, startGatewayHere, stdioUpstream } from './support/gateway.js';
import { runGateway } from './support/gateway-run.js';
import { ROOT } from './support/processes.js';
import { isRunning, Recorded, temporaryFolder } from './support/recorded.js';
import { callTool, publishedTools } from './support/tool-requests.js';
import { until } from './support/until.js';

const ERAS = path.join(ROOT, 'test/support/servers/eras.mjs');
/** With this start time a second process is started after a silence of 1.5 s, a quarter of it, in place of 10 s. */
const START = { startTimeoutMs: 6_000 } as object;

const closing = closesAfterEach();
const newFolder = temporaryFolder();

async function start(quirks: Record<string, unknown>, more: Partial<StdioUpstreamSettings> = START) {
  const recorded = new Recorded(path.join(newFolder(), 'record'));
  const gateway = closing(await startGatewayHere({}, [stdioUpstream(ERAS, [JSON.stringify({ record: recorded.file, ...quirks })], more)]));
  return { recorded, gateway };
}

const published = (gateway: GatewayHere, withinMs: number) =>
  until('the document has work', async () => (await publishedTools(gateway)).includes('work'), withinMs);
const eraOf = ({ app }: GatewayHere) => app.get(McpClient).upstreams[0]?.status().server?.era;
const pidOf = async (gateway: GatewayHere) => Number((await callTool(gateway, 'pid')).body);
const seenBy = ({ lines }: Recorded, pid: number | undefined) =>
  lines.filter((line) => line.endsWith(` ${pid}`)).map((line) => line.split(' ')[0]);
const reasonOf = async (gateway: GatewayHere) => {
  const { servers } = JSON.parse((await get(gateway.url, '/v1/servers')).text) as { servers: { state: string; lastError?: string }[] };
  return servers[0]?.state === 'degraded' && servers[0].lastError;
};

describe('[AC5] a server over stdio that is silent at first', () => {
  it('gets a second process that begins with `initialize`; the first that answers serves, the other is ended', async () => {
    const { gateway, recorded } = await start({ deaf: true });
    await published(gateway, 4_500);
    const [first, second] = recorded.starts;
    expect([await pidOf(gateway), eraOf(gateway), recorded.starts.length]).toEqual([second, 'legacy', 2]);
    await until('the other is gone', () => !isRunning(first as number));
    expect(seenBy(recorded, first)).toEqual(['start', 'server/discover', 'end']);
    expect(seenBy(recorded, second).slice(0, 3)).toEqual(['start', 'initialize', 'notifications/initialized']);
  });

  it('and is known to be of the older era from then on: its next start is one process without the question', async () => {
    const { gateway, recorded } = await start({ deaf: true });
    await published(gateway, 4_500);
    process.kill(await pidOf(gateway), 'SIGKILL');
    await until('the third process answers', async () => (await pidOf(gateway)) === recorded.starts[2], 4_500);
    expect(seenBy(recorded, recorded.starts[2])[1]).toBe('initialize');
  });

  it('and turns modern with the first message is served by the process that was asked first', async () => {
    const { gateway, recorded } = await start({ era: 'modern', turns: true, waitMs: 2_500 });
    await published(gateway, 4_900);
    const [first, second] = recorded.starts;
    expect([await pidOf(gateway), eraOf(gateway), recorded.starts.length]).toEqual([first, 'modern', 2]);
    await until('the other is gone', () => !isRunning(second as number));
    expect(seenBy(recorded, first)).not.toContain('initialize');
  });

  it('and bears no second process beside it is served by the first', async () => {
    const { gateway, recorded } = await start({ alone: true, waitMs: 2_500 });
    await published(gateway, 4_900);
    expect([await pidOf(gateway), recorded.starts.length]).toEqual([recorded.starts[0], 2]);
  });

  it('gets no second process where its era is set', async () => {
    const { gateway, recorded } = await start({ waitMs: 2_500 }, { ...START, protocol: 'legacy' });
    await published(gateway, 4_900);
    expect(recorded.starts).toHaveLength(1);
  });

  it('gets no second process once it has answered anything', async () => {
    const { gateway, recorded } = await start({ waitMs: 500 });
    await published(gateway, 4_900);
    await new Promise((resolve) => setTimeout(resolve, 1_500));
    expect(recorded.starts).toHaveLength(1);
  });

  it('leaves no process of both when the gateway stops', async () => {
    const { gateway, recorded } = await start({ deaf: true, waitMs: 60_000 });
    await until('both run', () => recorded.starts.length === 2, 4_500);
    await gateway.close();
    await until('both are gone', () => !recorded.starts.some(isRunning));
  });
});

describe('[AC5][ENV] the time for a start', () => {
  it('ends a server that does not answer, which is told by its own name', async () => {
    const { gateway } = await start({ waitMs: 60_000 }, { startTimeoutMs: 1_000 } as object);
    const reason = await until('the reason', () => reasonOf(gateway), 4_500);
    expect(reason).toBe('The MCP server did not answer "server/discover" nor "initialize" within 1 s of its start (startTimeoutMs).');
  });

  const ofFile = (entry: object, environment = {}) => {
    const file = path.join(newFolder(), 'mcp.json');
    writeFileSync(file, JSON.stringify({ mcpServers: { a: { command: 'node', ...entry } } }));
    const [upstream] = readSettings({ MCP_CONFIG: file, ...environment }).upstreams as unknown as Record<string, number>[];
    return [upstream?.startTimeoutMs, upstream?.firstStartTimeoutMs];
  };

  it('is a minute, and five for the first start of what npx or uvx may have to download', () => {
    expect(ofFile({})).toEqual([60_000, 60_000]);
    for (const command of ['npx', 'uvx', '/usr/local/bin/npx', 'npx.cmd'])
      expect([command, ...ofFile({ command })]).toEqual([command, 60_000, 300_000]);
    const { upstreams } = readSettings({}, '', { ...NO_COMMAND_LINE, server: ['uvx', 'mcp-server-time'] });
    expect(upstreams).toMatchObject([{ startTimeoutMs: 60_000, firstStartTimeoutMs: 300_000 }]);
  });

  it('is set for all by START_TIMEOUT, in seconds, and for one by startTimeoutMs', () => {
    expect(ofFile({}, { START_TIMEOUT: '90' })).toEqual([90_000, 90_000]);
    expect(ofFile({ command: 'npx' }, { START_TIMEOUT: '90' })).toEqual([90_000, 90_000]);
    expect(ofFile({ command: 'npx', startTimeoutMs: 1_234 }, { START_TIMEOUT: '90' })).toEqual([1_234, 1_234]);
  });
});

describe('[ENV][AC10] check', () => {
  it('waits as long as the start of a server may take, and says meanwhile what it waits for', () => {
    const folder = newFolder();
    const entry = (quirks: object) => ({
      command: process.execPath,
      args: [ERAS, JSON.stringify({ record: path.join(folder, 'record'), ...quirks })],
      startTimeoutMs: 6_500,
    });
    const file = path.join(folder, 'mcp.json');
    writeFileSync(file, JSON.stringify({ mcpServers: { slow: { ...entry({ waitMs: 60_000 }), protocol: 'legacy' }, quick: entry({}) } }));
    const from = performance.now();
    const { status, stdout, stderr } = runGateway(['check', '-c', file]);
    expect(performance.now() - from).toBeLessThan(18_000);
    expect(status).toBe(1);
    expect(stderr).toBe('slow: waiting for the answer to its first message (up to 6.5 s)\n');
    expect(stdout.split('\n')).toContain(
      '  problem: upstream is not reachable: The MCP server did not answer "initialize" within 6.5 s of its start (startTimeoutMs).',
    );
  });

  it('says equal lines of a process once', () => {
    const says = ['again', 'again', 'other', 'again'];
    const { stdout } = runGateway([
      'check',
      '--',
      process.execPath,
      path.join(ROOT, 'test/support/servers/raw-stdio.mjs'),
      JSON.stringify({ exitsAtOnce: true, says }),
    ]);
    expect(stdout.split('\n').filter((line) => line.startsWith('  stderr'))).toEqual(['  stderr: again', '  stderr: other']);
  });
});
