import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { parse } from 'yaml';
import { closesAfterEach } from './support/ends.ts';
import { post } from './support/exchange.ts';
import { freePort } from './support/network/free-port.ts';
import { allListed } from './support/listed.ts';
import { ROOT, startGateway, startPlanner } from './support/processes.ts';
import { type Exchange, RawMcpServer } from './support/raw-mcp-server.ts';
import { RedisServer } from './support/redis/redis-server.ts';
import { until } from './support/until.ts';

interface Thresholds {
  readonly failureThreshold: number;
}

const { probes } = parse(readFileSync('deploy/helm/mcpo-proxy/values.yaml', 'utf8')) as {
  probes: { liveness: Thresholds; readiness: Thresholds };
};

/** The image's probe, as its health check, or an `exec` probe of Kubernetes, runs it. */
async function probe(env: Readonly<Record<string, string>>, ...args: string[]): Promise<{ status: number; said: string }> {
  const { PATH } = process.env as Record<string, string>;
  const child = spawn(process.execPath, [path.join(ROOT, 'deploy/probes/probe.mjs'), ...args], { env: { PATH, ...env } });
  let said = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => (said += text));
  const [status] = (await once(child, 'close')) as [number];
  return { status, said };
}

describe('[C4][P4] probes', () => {
  const closing = closesAfterEach();

  /** What Kubernetes makes of twice as many probes as it bears failures: restarted, out of service, or neither. */
  const judgedBy = async (env: Readonly<Record<string, string>>) => {
    const failsAll = async (at: string, { failureThreshold }: Thresholds) => {
      let failures = 0;
      for (let asked = 0; asked < 2 * failureThreshold && failures < failureThreshold; asked += 1)
        failures = (await probe(env, at)).status === 0 ? 0 : failures + 1;
      return failures >= failureThreshold;
    };
    return { restarted: await failsAll('/health/live', probes.liveness), outOfService: await failsAll('/ready', probes.readiness) };
  };
  const WELL = { restarted: false, outOfService: false };

  it('go on while the MCP server is dead and Redis does not answer', async () => {
    const redis = closing(await RedisServer.start());
    const planner = closing(await startPlanner());
    const gateway = closing(await startGateway({ env: { MCP_SERVER_URL: planner.url, REDIS_URL: redis.url } }));
    await allListed(gateway.url);
    const env = { PORT: new URL(gateway.url).port };
    expect(await judgedBy(env)).toEqual(WELL);
    await planner.stop('SIGKILL');
    expect((await post(gateway.url, '/v1/tools/list_plans', {})).status).toBe(503);
    expect(await judgedBy(env)).toEqual(WELL);
    redis.signal('SIGSTOP');
    expect(await judgedBy(env)).toEqual(WELL);
    redis.signal('SIGCONT');
  });

  it('take it out of service as soon as it ends, while its last call is on its way', async () => {
    const held: Exchange[] = [];
    const server = closing(await RawMcpServer.start({ on: { 'tools/call': (exchange) => void held.push(exchange) } }));
    const gateway = await startGateway({ env: { MCP_SERVER_URL: server.url } });
    closing({ stop: () => gateway.stop('SIGKILL') });
    await allListed(gateway.url);
    const env = { PORT: new URL(gateway.url).port };
    expect(await judgedBy(env)).toEqual(WELL);
    const answer = post(gateway.url, '/v1/tools/work', {});
    await until('the server has the call', () => held.length === 1);
    const exited = gateway.stop();
    await until('it is ending', () => gateway.stdout.some((line) => line.includes('"msg":"stopping"')));
    expect(await judgedBy(env)).toMatchObject({ outOfService: true });
    held[0]?.result();
    expect((await answer).status).toBe(200);
    expect(await exited).toBe(0);
  });

  it('find it where HOST says that it listens, and say why not', async () => {
    const gateway = closing(await startGateway({ env: { HOST: '0.0.0.0', ALLOW_ANONYMOUS: 'true' } }));
    const { port } = new URL(gateway.url);
    expect(await probe({ HOST: '0.0.0.0', PORT: port })).toEqual({ status: 0, said: '' });
    expect(await probe({ PORT: port }, '/nothing')).toMatchObject({
      status: 1,
      said: expect.stringContaining('/nothing: 404\n') as string,
    });
    await allListed(gateway.url);
    expect(await probe({}, `${gateway.url}/ready`)).toEqual({ status: 0, said: '' });
    const tls = closing(await startGateway({ args: ['-t', 'test/data/tls/server.crt', '-K', 'test/data/tls/server.key'] }));
    const ready = await until('the planner is listed', async () => {
      const answer = await probe({ PORT: new URL(tls.url).port }, '/ready');
      return answer.status === 0 && answer;
    });
    expect(ready).toEqual({ status: 0, said: '' });
    const free = await freePort();
    const { status, said } = await probe({ PORT: `${free}` });
    expect([status, said.split('\n')[0]]).toEqual([1, `http://127.0.0.1:${free}/health/live: connect ECONNREFUSED 127.0.0.1:${free}`]);
  });
});
