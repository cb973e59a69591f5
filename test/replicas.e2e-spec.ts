import { closesAfterEach } from './support/ends.ts';
import { type Exchange, post, request, told } from './support/exchange.ts';
import { judgedByRedis, unanswered } from './support/redis/judged-by-redis.ts';
import { headersOf, refusal, waitOf } from './support/limit-answers.ts';
import { Nginx } from './support/network/nginx.ts';
import { startGateway } from './support/processes.ts';
import { type Exchange as Call, RawMcpServer, textResult } from './support/raw-mcp-server.ts';
import { redisIsUp } from './support/redis/redis-of.ts';
import { RedisServer } from './support/redis/redis-server.ts';
import { until } from './support/until.ts';

const closing = closesAfterEach();
const KEYS = [1, 2, 3, 4, 5].map((caller) => `caller-${caller}:key-of-caller-${caller}`).join(',');

/** Two gateways as processes of their own, which share a Redis, behind nginx. */
async function startReplicas(environment: Readonly<Record<string, string>>) {
  const redis = closing(await RedisServer.start());
  const env = { REDIS_URL: redis.url, REPLICAS: '2', ...environment };
  const gateways = await Promise.all([startGateway({ env }), startGateway({ env })]);
  gateways.forEach(closing);
  for (const gateway of gateways) {
    await until('it is ready', async () => (await request(gateway.url, '/ready')).status === 200);
    await redisIsUp(gateway);
  }
  return { redis, gateways, nginx: closing(await Nginx.start(gateways, '/health/live')) };
}

describe('two processes behind nginx', () => {
  it('[P3][S3] admit exactly 100 of 300 calls at once where the limit is 100, and none fails', async () => {
    const { nginx, gateways } = await startReplicas({ RATE_LIMIT_CLIENT: '100', API_KEYS: KEYS });
    const answers = await judgedByRedis(gateways, (attempt) => {
      const authorization = `Bearer key-of-caller-${attempt}`;
      return Promise.all(Array.from({ length: 300 }, () => post(nginx.url, '/v1/tools/list_plans', {}, { authorization })));
    });
    const [passed, refused] = [200, 429].map((code) => answers.filter(({ status }) => status === code)) as [Exchange[], Exchange[]];
    expect([passed.length, refused.length]).toEqual([100, 200]);
    for (const answer of passed) expect(answer.limits).toEqual(headersOf('client', 100, answer));
    for (const answer of refused) {
      const seconds = waitOf(answer);
      const message = `You may make 100 calls in 60 s, and have made them: try again in ${seconds} s.`;
      const { headers, ...rest } = refusal({ scope: 'client', limit: 100 }, message, seconds);
      expect(told(answer)).toEqual({ ...rest, headers: { ...headers, server: expect.stringContaining('nginx') as string } });
      expect(answer.limits).toEqual(headersOf('client', 100, answer));
    }
    for (const { stdout } of gateways) await until('each has served some', () => stdout.some((line) => line.includes('"status":200')));
  });

  it('[REDIS] honour the keys of each other: of 40 calls with one key through both one is made', async () => {
    const server = await holding();
    const { nginx, gateways } = await startReplicas({ ...STATE, MCP_SERVER_URL: server.url });
    const answers = await judgedByRedis(gateways, async (attempt) => {
      server.held.length = 0;
      const calls = Array.from({ length: 40 }, () => work(nginx.url, `key-${attempt}`));
      await until('the call', () => server.held.length > 0);
      for (const call of server.held) call.result(textResult('done'));
      return Promise.all(calls);
    });
    expect(new Set(answers.map(({ status, text }) => `${status} ${text}`))).toEqual(new Set(['200 "done"']));
    expect(server.held).toHaveLength(1);
  });

  it('[P4] one that is killed loses its calls in flight alone; their keys make none of them again', async () => {
    const server = await holding();
    const attempt = async () => {
      const { nginx, gateways } = await startReplicas({ ...STATE, MCP_SERVER_URL: server.url });
      server.held.length = 0;
      server.on['tools/call'] = (call: Call) => void server.held.push(call);
      const missed = await unanswered(gateways);
      const calls = KEYS_OF_CALLS.map((key) => work(nginx.url, key));
      let early = 0;
      for (const call of calls) void call.finally(() => (early += 1)).catch(() => undefined);
      await until('all calls', () => server.held.length === calls.length || early > 0);
      if (early > 0) return undefined;
      const missedBoth = (await unanswered(gateways)) - missed;
      const missedLeft = await unanswered(gateways.slice(1));
      await gateways[0]?.stop('SIGKILL');
      server.on['tools/call'] = (call: Call) => call.result(textResult('next'));
      for (const call of server.held) call.result(textResult('done'));
      const answers = await Promise.all(calls);
      const again = await Promise.all(KEYS_OF_CALLS.map((key) => work(nginx.url, key)));
      if (missedBoth > 0 || (await unanswered(gateways.slice(1))) > missedLeft) return undefined;
      return { answers, again, next: await Promise.all(KEYS_OF_CALLS.map((key) => work(nginx.url, `next-${key}`))) };
    };
    // As with judgedByRedis; by new ones, for a call whose beginning Redis has missed is made again.
    const { answers, again, next } = await until('Redis answers all in time', attempt, 120_000);
    const lost = KEYS_OF_CALLS.filter((_, index) => answers[index]?.status === 502);
    expect(lost.length).toBeGreaterThan(0);
    expect(answers.filter(({ status, text }) => status === 200 && text === '"done"')).toHaveLength(KEYS_OF_CALLS.length - lost.length);
    const typeOf = ({ text }: Exchange) => (JSON.parse(text) as { error?: { type?: string } }).error?.type ?? JSON.parse(text);
    expect(again.map(typeOf)).toEqual(KEYS_OF_CALLS.map((key) => (lost.includes(key) ? 'outcome_unknown' : 'done')));
    expect(next.map(({ status, text }) => `${status} ${text}`)).toEqual(KEYS_OF_CALLS.map(() => '200 "next"'));
  });
});

const KEYS_OF_CALLS = Array.from({ length: 20 }, (_, index) => `key-${index}`);
const STATE = { STATE_ENCRYPTION_KEY: 'canary-of-state-'.repeat(3) };

/** A server whose calls wait until a test answers them. */
async function holding(): Promise<RawMcpServer & { readonly held: Call[] }> {
  const held: Call[] = [];
  const server = closing(await RawMcpServer.start({ on: { 'tools/call': (call) => void held.push(call) } }));
  return Object.assign(server, { held });
}

const work = (url: string, key: string) => post(url, '/v1/tools/work', {}, { 'idempotency-key': key });
