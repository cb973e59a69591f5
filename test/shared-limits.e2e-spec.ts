import { hash } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import type { UpstreamSettings } from '../src/config/upstream-settings.js';
import { Redis } from '../src/redis/redis.service.js';
import type { RedisState } from '../src/redis/redis-status.js';
import { closesAfterEach } from './support/ends.ts';
import { type Exchange, get, post, told } from './support/exchange.ts';
import { type GatewayHere, httpUpstream, startGatewayHere } from './support/gateway.ts';
import { judgedByRedis } from './support/redis/judged-by-redis.ts';
import { headersOf, refusal, waitOf } from './support/limit-answers.ts';
import { RawMcpServer, toolOf } from './support/raw-mcp-server.ts';
import { temporaryFolder } from './support/recorded.ts';
import { RedisServer } from './support/redis/redis-server.ts';
import { untilPublished } from './support/tool-requests.ts';
import { until } from './support/until.ts';

const TOOL = '/v1/tools/work';
const closing = closesAfterEach();
const folder = temporaryFolder();

type Two = readonly [GatewayHere, GatewayHere];
interface Refusing {
  readonly scope: string;
  readonly limit: number;
  readonly words: string;
}

/** Two gateways in front of one server. Their callers are addresses, which `call` makes up. */
async function startTwo(environment: Readonly<Record<string, string>>, upstream: Parameters<typeof httpUpstream>[1] = {}): Promise<Two> {
  const server = closing(await RawMcpServer.start({ tools: [toolOf('work'), toolOf('play')] }));
  const upstreams: UpstreamSettings[] = [httpUpstream(server.url, upstream)];
  const start = async () => {
    const gateway = closing(await startGatewayHere({ REPLICAS: '2', TRUST_PROXY: '1', ...environment }, upstreams));
    await untilPublished(gateway, 'work');
    return gateway;
  };
  return [await start(), await start()];
}

const call = (gateway: GatewayHere, from: string, at = TOOL) => post(gateway.url, at, {}, { 'x-forwarded-for': from });

/** So many calls of one caller, each through the other gateway than the one before. */
async function inTurn(gateways: Two, times: number, make: (gateway: GatewayHere) => Promise<Exchange>): Promise<Exchange[]> {
  const answers: Exchange[] = [];
  for (let time = 0; time < times; time += 1) answers.push(await make(gateways[time % 2] as GatewayHere));
  return answers;
}

const statuses = (answers: readonly Exchange[]) => answers.map(({ status }) => status);
const those = (answers: readonly Exchange[], code: number) => answers.filter(({ status }) => status === code);
const times = (status: number, count: number) => Array<number>(count).fill(status);

function expectRefused(answer: Exchange, { scope, limit, words }: Refusing): void {
  const seconds = waitOf(answer);
  expect(told(answer)).toEqual(refusal({ scope, limit }, `${words}: try again in ${seconds} s.`, seconds));
  expect(answer.limits).toEqual({
    ...headersOf(scope, limit, answer),
    'x-ratelimit-remaining': '0',
    'x-ratelimit-reset': `${seconds}`,
  });
}

const become = async (gateways: Two, state: RedisState) => {
  for (const { app } of gateways) {
    const redis = app.get(Redis, { strict: false });
    await until(`Redis is ${state}`, () => redis.status().state === state && redis.isUsable === (state === 'up'));
  }
};

describe('limits of two replicas that share a Redis', () => {
  it('[P3][S3][AC9] of 200 calls at once exactly 100 pass; the others are told what to wait for, in headers and body', async () => {
    const redis = closing(await RedisServer.start());
    const gateways = await startTwo({ REDIS_URL: redis.url, RATE_LIMIT_CLIENT: '100' });
    const answers = await judgedByRedis(gateways, (attempt) =>
      Promise.all(Array.from({ length: 200 }, (_, index) => call(gateways[index % 2] as GatewayHere, `192.0.2.${attempt}`))),
    );
    const [passed, refused] = [those(answers, 200), those(answers, 429)];
    expect([passed.length, refused.length]).toEqual([100, 100]);
    expect(new Set(passed.map(({ limits }) => limits['x-ratelimit-remaining']))).toEqual(
      new Set(Array.from({ length: 100 }, (_, used) => String(used))),
    );
    for (const answer of passed) expect(answer.limits).toEqual(headersOf('client', 100, answer));
    const words = 'You may make 100 calls in 60 s, and have made them';
    for (const answer of refused) expectRefused(answer, { scope: 'client', limit: 100, words });
  });

  it('[P3][S3] the limit of the whole system holds for all together; who is refused by it keeps their own calls', async () => {
    const redis = closing(await RedisServer.start());
    const gateways = await startTwo({ REDIS_URL: redis.url, RATE_LIMIT_SYSTEM: '4', RATE_LIMIT_CLIENT: '3' });
    const [seen, more] = await judgedByRedis<[Exchange[], Exchange[]]>(gateways, async () => {
      await redis.run('FLUSHALL');
      const all = [];
      for (const from of ['192.0.2.1', '192.0.2.2', '192.0.2.2']) all.push(...(await inTurn(gateways, 2, (to) => call(to, from))));
      await redis.run('DEL', 'mcpo:limits:system');
      return [all, await inTurn(gateways, 2, (to) => call(to, '192.0.2.2'))];
    });
    expect(statuses(seen)).toEqual([...times(200, 4), ...times(429, 2)]);
    const words = 'The gateway takes 4 calls in 60 s from all clients together, and has taken them';
    for (const answer of those(seen, 429)) expectRefused(answer, { scope: 'system', limit: 4, words });
    // One of three was left: the two that were refused had not been counted.
    expect(statuses(more)).toEqual([200, 429]);
    expectRefused(more[1] as Exchange, { scope: 'client', limit: 3, words: 'You may make 3 calls in 60 s, and have made them' });
  });

  it('[P3] a tool has its limit, and a role', async () => {
    const redis = closing(await RedisServer.start());
    const file = path.join(folder(), 'keys.json');
    writeFileSync(file, JSON.stringify([{ name: 'a', role: 'admin', sha256: hash('sha256', 'key-of-caller-a') }]));
    const settings = { REDIS_URL: redis.url, RATE_LIMIT_ROLES: 'admin:6', API_KEYS_FILE: file };
    const gateways = await startTwo(settings, { toolLimits: [{ pattern: 'work', limit: 3 }] });
    const asAdmin = (at: string) => inTurn(gateways, 4, ({ url }) => post(url, at, {}, { authorization: 'Bearer key-of-caller-a' }));
    const [work, play] = await judgedByRedis<[Exchange[], Exchange[]]>(gateways, async () => {
      await redis.run('FLUSHALL');
      return [await asAdmin(TOOL), await asAdmin('/v1/tools/play')];
    });
    expect(statuses(work)).toEqual([200, 200, 200, 429]);
    expectRefused(work[3] as Exchange, { scope: 'tool', limit: 3, words: 'You may call "work" 3 times in 60 s, and have done so' });
    expect(statuses(play)).toEqual([200, 200, 429, 429]);
    expectRefused(play[2] as Exchange, { scope: 'role', limit: 6, words: 'Your role may make 6 calls in 60 s, and you have made them' });
  });

  it('[S6][REDIS] Redis is told neither who calls nor what', async () => {
    const redis = closing(await RedisServer.start());
    const settings = { REDIS_URL: redis.url, REDIS_PREFIX: 'team:', API_KEYS: 'canary:key-of-caller-a', RATE_LIMIT_CLIENT: '9' };
    const [gateway] = await startTwo(settings, { toolLimits: [{ pattern: '*', limit: 3 }] });
    await judgedByRedis([gateway], async () => {
      await redis.run('FLUSHALL');
      return post(gateway.url, TOOL, {}, { authorization: 'Bearer key-of-caller-a' });
    });
    const keys = (await redis.run('KEYS', 'team:mcpo:limits:*')) as string[];
    const digests = ['key:canary:canary', 'tool:default/work key:canary:canary'].map((key) => hash('sha256', key, 'base64url'));
    expect(keys.sort()).toEqual(['system', ...digests].map((name) => `team:mcpo:limits:${name}`).sort());
    for (const key of keys) {
      expect(await redis.run('LRANGE', key, '0', '-1')).toEqual([expect.stringMatching(/^\d+ 0 1$/)]);
      expect(await redis.run('PTTL', key)).toBeGreaterThan(0);
    }
  });
});

describe('limits of two replicas whose Redis is away', () => {
  const SHARE = 'You may make 10 calls in 60 s, 5 of them through this replica while limits are not shared, and have made them';

  /** Each admits five of ten and tells so. */
  async function expectShares(gateways: Two, from: string): Promise<void> {
    for (const gateway of gateways) {
      const answers = [];
      for (let time = 0; time < 7; time += 1) answers.push(await call(gateway, from));
      expect(statuses(answers)).toEqual([...times(200, 5), 429, 429]);
      for (const answer of those(answers, 200)) expect(answer.limits).toEqual(headersOf('client', 5, answer));
      for (const answer of those(answers, 429)) expectRefused(answer, { scope: 'client', limit: 5, words: SHARE });
    }
  }

  it.each([
    ['killed', (redis: RedisServer) => redis.kill(), (redis: RedisServer) => redis.restart()],
    [
      'stopped',
      (redis: RedisServer) => Promise.resolve(redis.signal('SIGSTOP')),
      (redis: RedisServer) => Promise.resolve(redis.signal('SIGCONT')),
    ],
    [
      'without memory',
      (redis: RedisServer) => redis.run('CONFIG', 'SET', 'maxmemory', '1'),
      (redis: RedisServer) => redis.run('CONFIG', 'SET', 'maxmemory', '0'),
    ],
    [
      'a replica',
      (redis: RedisServer) => redis.run('REPLICAOF', '127.0.0.1', '1'),
      (redis: RedisServer) => redis.run('REPLICAOF', 'NO', 'ONE'),
    ],
  ])(
    '[E7][S3] %s amid calls: none of them fails, each replica admits its share, and they share again at its return',
    async (how, spoil, mend) => {
      const redis = closing(await RedisServer.start());
      const gateways = await startTwo({ REDIS_URL: redis.url, RATE_LIMIT_CLIENT: '10' });
      const stream = new CallsWithoutEnd(gateways);
      await until('calls are made', () => stream.made > 20);
      await spoil(redis);
      await become(gateways, ['killed', 'stopped'].includes(how) ? 'down' : 'degraded');
      await expectShares(gateways, '192.0.2.1');
      await mend(redis);
      await become(gateways, 'up');
      expect(new Set(await stream.end())).toEqual(new Set([200]));
      const answers = await judgedByRedis(gateways, (attempt) => inTurn(gateways, 12, (to) => call(to, `192.0.2.${10 + attempt}`)));
      expect(statuses(answers)).toEqual([...times(200, 10), 429, 429]);
    },
  );

  it('[E7] none is configured: each replica admits its share of every limit, and the only one all of it', async () => {
    const gateways = await startTwo({ RATE_LIMIT_CLIENT: '10' });
    await expectShares(gateways, '192.0.2.1');
    const [single] = await startTwo({ RATE_LIMIT_SYSTEM: '3', REPLICAS: '1' });
    expect(statuses(await inTurn([single, single], 4, (to) => call(to, '192.0.2.1')))).toEqual([200, 200, 200, 429]);
    const [three] = await startTwo({ RATE_LIMIT_SYSTEM: '4', REPLICAS: '3' }, { toolLimits: [{ pattern: 'work', limit: 3 }] });
    const [passed, ofTool, ofSystem] = [await call(three, '192.0.2.1'), await call(three, '192.0.2.1'), await call(three, '192.0.2.1')];
    expect(passed.status).toBe(200);
    const share = '1 of them through this replica while limits are not shared';
    expectRefused(ofTool, { scope: 'tool', limit: 1, words: `You may call "work" 3 times in 60 s, ${share}, and have done so` });
    const all = 'The gateway takes 4 calls in 60 s from all clients together, 2 of them through this replica while limits are not shared';
    expectRefused(ofSystem, { scope: 'system', limit: 2, words: `${all}, and has taken them` });
  });

  it('[E7] a limit whose key holds something else is judged by shares, and every other by Redis', async () => {
    const redis = closing(await RedisServer.start());
    const gateways = await startTwo({ REDIS_URL: redis.url, RATE_LIMIT_CLIENT: '10' });
    const spoil = (from: string, ...command: string[]) =>
      redis.run(command[0] as string, `mcpo:limits:${hash('sha256', `address:${from}`, 'base64url')}`, ...command.slice(1));
    await spoil('192.0.2.1', 'SET', 'no list');
    await expectShares(gateways, '192.0.2.1');
    await spoil('192.0.2.2', 'RPUSH', 'garbage');
    await expectShares(gateways, '192.0.2.2');
    const answers = await judgedByRedis(gateways, (attempt) => inTurn(gateways, 11, (to) => call(to, `192.0.2.${10 + attempt}`)));
    expect(statuses(answers)).toEqual([...times(200, 10), 429]);
    expect((await get(gateways[0].url, '/ready')).status).toBe(200);
  });
});

/** Calls one after another, each of a caller of its own. */
class CallsWithoutEnd {
  private readonly seen: number[] = [];
  private isOver = false;
  private readonly over: Promise<unknown>;

  constructor(gateways: Two) {
    this.over = Promise.all(gateways.map((gateway, index) => this.call(gateway, index)));
  }

  get made(): number {
    return this.seen.length;
  }

  /** The statuses of all. */
  async end(): Promise<readonly number[]> {
    this.isOver = true;
    await this.over;
    return this.seen;
  }

  private async call(gateway: GatewayHere, index: number): Promise<void> {
    for (let caller = 0; !this.isOver; caller += 1) {
      const { status } = await call(gateway, `198.18.${index * 100 + Math.floor(caller / 200)}.${caller % 200}`);
      this.seen.push(status);
    }
  }
}
