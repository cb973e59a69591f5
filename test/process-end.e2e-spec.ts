import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { get, post } from './support/exchange.ts';
import { ROOT, type RunningProcess, startGateway } from './support/processes.ts';
import { until } from './support/until.ts';

const SERVER = path.join(ROOT, 'test/support/servers/raw-stdio.mjs');
const CANARY = 'CANARY-51c7';

describe('[AC5] the end of a process', () => {
  const cleanup: (() => unknown)[] = [];
  afterEach(async () => {
    for (const end of cleanup.splice(0).reverse()) await end();
  });

  const start = async (quirks: object): Promise<RunningProcess> => {
    const folder = mkdtempSync(path.join(tmpdir(), 'process-end-'));
    cleanup.push(() => rmSync(folder, { recursive: true }));
    const raw = { command: process.execPath, args: [SERVER, JSON.stringify(quirks)], env: { API_TOKEN: CANARY } };
    writeFileSync(path.join(folder, 'mcp.json'), JSON.stringify({ mcpServers: { raw } }));
    const gateway = await startGateway({ args: ['-c', path.join(folder, 'mcp.json')], env: { LOG_LEVEL: 'debug' } });
    cleanup.push(() => gateway.stop());
    return gateway;
  };

  /** Lines of the log may come a moment after the answers that tell the same. */
  const losses = ({ stdout }: RunningProcess) =>
    until('the log tells of it', () => {
      const lines = stdout
        .map((line) => JSON.parse(line) as Record<string, unknown>)
        .filter(({ msg }) => msg === 'upstream is not reachable');
      return lines.length > 0 && lines.map(({ upstream, state, error, stderr }) => ({ upstream, state, error, stderr }));
    });

  const lastError = async ({ url }: RunningProcess) =>
    (JSON.parse((await get(url, '/v1/servers')).text) as { servers: { lastError?: string }[] }).servers[0]?.lastError;

  const told = (gateway: RunningProcess) => until('the reason', () => lastError(gateway));

  const pidOf = ({ url }: RunningProcess) =>
    until('the server to answer', async () => {
      const { status, text } = await post(url, '/v1/tools/raw_pid', {});
      return status === 200 && Number(text);
    });

  it('[S6] is told with its exit code; what it wrote last is in the log alone, without its secrets', async () => {
    const gateway = await start({ says: ['starting', `refused: ${CANARY}`] });
    await pidOf(gateway);
    await expect(post(gateway.url, '/v1/tools/raw_die', {})).resolves.toMatchObject({ status: 502 });
    expect(await told(gateway)).toBe('The process ended with exit code 1.');
    expect(await losses(gateway)).toEqual([
      { upstream: 'raw', state: 'degraded', error: 'The process ended with exit code 1.', stderr: ['starting', 'refused: [hidden]'] },
    ]);
    await pidOf(gateway);
    for (const where of ['/v1/servers', '/health/mcp']) expect((await get(gateway.url, where)).text).not.toContain('refused');
    expect(gateway.stdout.join('\n')).not.toContain(CANARY);
    expect(gateway.stdout.some((line) => line.includes('"msg":"stderr"') && line.includes('refused: [hidden]'))).toBe(true);
  });

  it('is told with the signal that killed it', async () => {
    const gateway = await start({});
    process.kill(await pidOf(gateway), 'SIGKILL');
    expect(await told(gateway)).toBe('The process was ended by SIGKILL.');
    expect(await losses(gateway)).toEqual([{ upstream: 'raw', state: 'degraded', error: 'The process was ended by SIGKILL.' }]);
  });

  it('is told, too, where it comes before the first answer', async () => {
    const gateway = await start({ exitsAtOnce: true, says: ['no database'] });
    expect(await told(gateway)).toBe('The process ended with exit code 3.');
    expect((await losses(gateway))[0]).toEqual({
      upstream: 'raw',
      state: 'degraded',
      error: 'The process ended with exit code 3.',
      stderr: ['no database'],
    });
  });
});
