import path from 'node:path';
import { closesAfterEach } from './support/ends.ts';
import { errorAnswer, get, post, told } from './support/exchange.ts';
import { allListed } from './support/listed.ts';
import { ROOT, type RunningProcess, startGateway } from './support/processes.ts';
import { until } from './support/until.ts';

const TOOL = '/v1/tools/list_plans';
const LIMIT = 400 * 1024 * 1024;

describe('[P5] little memory left', () => {
  const closing = closesAfterEach();

  const shedding = async ({ url }: RunningProcess) => /^mcpo_memory_shedding (\d)$/m.exec((await get(url, '/metrics')).text)?.[1];
  const changesIn = (gateway: RunningProcess) =>
    gateway.stdout.map((line) => JSON.parse(line) as Record<string, unknown>).filter(({ msg }) => /^new calls are/.test(String(msg)));

  it('refuses new calls, while health answers, until there is memory again', async () => {
    const gateway = closing(
      await startGateway({
        nodeArgs: ['--import', path.join(ROOT, 'test/support/process/on-sigusr2.mjs')],
        env: { MEMORY_LIMIT: String(LIMIT), SIGUSR2_DOES: 'memory' },
      }),
    );
    await allListed(gateway.url);
    expect((await post(gateway.url, TOOL, {})).status).toBe(200);
    expect((await get(gateway.url, '/metrics')).text).toContain(`\nmcpo_memory_limit_bytes ${LIMIT}\n`);

    process.kill(gateway.pid, 'SIGUSR2');
    await until('calls are refused', async () => (await shedding(gateway)) === '1');
    const reason = `The gateway has used 85 % of its memory (${LIMIT} bytes); the tool did not run.`;
    const message = `Service temporarily unavailable: ${reason.replace('The', 'the')}`;
    const refusal = errorAnswer(
      503,
      { type: 'overloaded', message, details: { reason, limit: LIMIT }, retry_after: 5 },
      { 'retry-after': '5' },
    );
    expect(told(await post(gateway.url, TOOL, {}))).toEqual(refusal);
    for (const where of ['/health', '/health/live', '/ready', '/metrics', '/v1/tools'])
      expect((await get(gateway.url, where)).status).toBe(200);

    process.kill(gateway.pid, 'SIGUSR2');
    await until('calls are taken', async () => (await post(gateway.url, TOOL, {})).status === 200);
    expect(await shedding(gateway)).toBe('0');
    const fields = { context: 'gateway', rss_bytes: expect.any(Number) as number, limit_bytes: LIMIT };
    await until('the log tells of it', () => changesIn(gateway).length === 2);
    expect(changesIn(gateway)).toMatchObject([
      { level: 'warn', msg: 'new calls are refused: little memory is left', ...fields },
      { level: 'info', msg: 'new calls are taken again: there is memory', ...fields },
    ]);
  }, 60_000);
});
