import { closesAfterEach } from './support/ends.ts';
import { type Exchange, post, request, told } from './support/exchange.ts';
import { judgedByRedis } from './support/judged-by-redis.ts';
import { headersOf, refusal, waitOf } from './support/limit-answers.ts';
import { Nginx } from './support/nginx.ts';
import { startGateway } from './support/processes.ts';
import { RedisServer } from './support/redis-server.ts';
import { until } from './support/until.ts';

const closing = closesAfterEach();
const KEYS = [1, 2, 3, 4, 5].map((caller) => `caller-${caller}:key-of-caller-${caller}`).join(',');

/** Two gateways as processes of their own, which share a Redis, behind nginx. */
async function startReplicas(environment: Readonly<Record<string, string>>) {
  const redis = closing(await RedisServer.start());
  const env = { REDIS_URL: redis.url, REPLICAS: '2', ...environment };
  const gateways = await Promise.all([startGateway({ env }), startGateway({ env })]);
  gateways.forEach(closing);
  for (const { url } of gateways) await until('it is ready', async () => (await request(url, '/ready')).status === 200);
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
});
