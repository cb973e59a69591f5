import { setTimeout as sleep } from 'node:timers/promises';
import type { HttpUpstreamSettings } from '../src/config/upstream-settings.js';
import { CallSlots } from '../src/throttler/call-slots.js';
import { closesAfterEach } from './support/ends.ts';
import { errorAnswer, type Exchange, get, ID, post, request, told } from './support/exchange.ts';
import { type GatewayHere, httpUpstream, startGatewayHere } from './support/gateway.ts';
import { judgedByRedis } from './support/redis/judged-by-redis.ts';
import { allListed } from './support/listed.ts';
import { type Exchange as Call, RawMcpServer, textResult, toolOf } from './support/raw-mcp-server.ts';
import { RedisServer } from './support/redis/redis-server.ts';
import { until } from './support/until.ts';

const closing = closesAfterEach();
const KEY = 'canary-of-state-'.repeat(3);
const SECRET = 'canary-of-results';
const READ = '/v1/tools/read';
const WRITE = '/v1/tools/write';
const TOOLS = [toolOf('read'), toolOf('write'), { ...(toolOf('look') as object), annotations: { readOnlyHint: true } }];
const KEPT: Partial<HttpUpstreamSettings> = { cachedTools: [{ pattern: 'read', ttlMs: 60_000 }] };

/** A server whose answers count the calls of all its tools. */
async function counting(): Promise<RawMcpServer & { readonly calls: () => number }> {
  let calls = 0;
  const server = await RawMcpServer.start({
    tools: TOOLS,
    on: { 'tools/call': (call) => call.result(textResult(`${SECRET} ${(calls += 1)}`)) },
  });
  closing(server);
  return Object.assign(server, { calls: () => calls });
}

async function gatewayOf(server: RawMcpServer, more: Partial<HttpUpstreamSettings> = KEPT, environment: Record<string, string> = {}) {
  const gateway = closing(await startGatewayHere(environment, [httpUpstream(server.url, more)]));
  await allListed(gateway.url);
  return gateway;
}

/** What a call was answered, without what is its own. */
const seen = ({ status, headers, text }: Exchange) => ({ status, text, cache: headers['x-cache'], age: headers['age'] });
const answered = (count: number, cache?: string, age?: string) => ({ status: 200, text: JSON.stringify(`${SECRET} ${count}`), cache, age });
const AGE = expect.stringMatching(/^\d$/) as string;
const read = async ({ url }: GatewayHere, args: unknown = {}, headers = {}) => seen(await post(url, READ, args, headers));
const write = async ({ url }: GatewayHere) => seen(await post(url, WRITE, {}));

async function counters({ url }: GatewayHere): Promise<Record<string, number>> {
  const { text } = await get(url, '/metrics');
  const of = (name: string) => Number(new RegExp(`^mcpo_cache_${name}_total\\{cache="results"\\} (\\d+)$`, 'm').exec(text)?.[1] ?? NaN);
  return { hits: of('hits'), misses: of('misses'), stale: of('stale') };
}

describe('results that are kept', () => {
  it('[MON] stand for others of the same arguments, whatever their spelling; each is counted', async () => {
    const server = await counting();
    const gateway = await gatewayOf(server);
    const before = await counters(gateway);
    expect(await read(gateway, '{"a": 1, "b": [2]}')).toEqual(answered(1, 'miss'));
    expect(await read(gateway, '{"b":[2],"a":1}')).toEqual(answered(1, 'hit', AGE));
    expect(await read(gateway, '{"b":[2],"a":2}')).toEqual(answered(2, 'miss'));
    expect(await read(gateway, '{"n":9007199254740992}')).toEqual(answered(3, 'miss'));
    expect(await read(gateway, '{"n":9007199254740993}')).toEqual(answered(4, 'miss'));
    expect(await counters(gateway)).toEqual({
      hits: (before.hits as number) + 1,
      misses: (before.misses as number) + 4,
      stale: before.stale,
    });
  });

  it('[MON] the part of hits among all is a metric', async () => {
    const gateway = await gatewayOf(await counting());
    const ratio = async () => /^mcpo_cache_hit_ratio\{cache="results"\} (\S+)$/m.exec((await get(gateway.url, '/metrics')).text)?.[1];
    expect(await ratio()).toBe('1');
    await read(gateway);
    expect(await ratio()).toBe('0');
    for (let hits = 0; hits < 3; hits += 1) await read(gateway);
    expect(await ratio()).toBe('0.75');
  });

  it('[AC2] are answered as they were the first time, to the last header', async () => {
    const gateway = await gatewayOf(await counting());
    const first = await post(gateway.url, READ, {});
    const second = await post(gateway.url, READ, {});
    expect(told(first)).toEqual({
      status: 200,
      headers: { 'x-correlation-id': ID, 'content-type': 'application/json', 'x-cache': 'miss' },
      text: JSON.stringify(`${SECRET} 1`),
    });
    expect(told(second)).toEqual({ ...told(first), headers: { ...first.headers, 'x-cache': 'hit', age: AGE } });
  });

  it('[E1] only of tools that the operator lists; a call of another tool drops all', async () => {
    const gateway = await gatewayOf(await counting());
    expect([await read(gateway), await read(gateway)]).toEqual([answered(1, 'miss'), answered(1, 'hit', AGE)]);
    expect(await write(gateway)).toEqual(answered(2));
    expect([await read(gateway), await write(gateway), await read(gateway)]).toEqual([
      answered(3, 'miss'),
      answered(4),
      answered(5, 'miss'),
    ]);
  });

  it('[S4] a call that was refused drops nothing', async () => {
    const server = await counting();
    const gateway = await gatewayOf(server);
    await read(gateway);
    server.on['tools/call'] = (call: Call) => call.error(-32_602, 'Invalid params', { field: 'title', issue: 'required' });
    expect((await post(gateway.url, WRITE, {})).status).toBe(400);
    expect(await read(gateway)).toEqual(answered(1, 'hit', AGE));
  });

  it.each(['no-cache', 'max-age=0', 'private, no-store'])('[E1] Cache-Control: %s asks the server', async (directive) => {
    const gateway = await gatewayOf(await counting());
    await read(gateway);
    expect(await read(gateway, {}, { 'cache-control': directive })).toEqual(answered(2, 'miss'));
    expect(await read(gateway)).toEqual(answered(2, 'hit', AGE));
  });

  it('[E1] grow old', async () => {
    const gateway = await gatewayOf(await counting(), {
      cachedTools: [
        { pattern: 're*', ttlMs: 300 },
        { pattern: '*ad', ttlMs: 60_000 },
      ],
    });
    await read(gateway);
    await sleep(310);
    expect(await read(gateway)).toEqual(answered(2, 'miss'));
  });

  it('[AC3] failures and what a tool says no to are not kept', async () => {
    const server = await counting();
    const gateway = await gatewayOf(server);
    server.on['tools/call'] = (call: Call) => call.result({ ...(textResult('no') as object), isError: true });
    expect((await post(gateway.url, READ, {})).status).toBe(422);
    server.on['tools/call'] = (call: Call) => call.result(textResult('yes'));
    expect(await read(gateway)).toEqual({ status: 200, text: '"yes"', cache: 'miss', age: undefined });
  });

  it('[S7] users with credentials of their own have results of their own (threat 21)', async () => {
    const server = await counting();
    const gateway = await gatewayOf(server, { ...KEPT, forwardHeaders: ['x-teams-auth-token'] });
    const of = (token: string) => read(gateway, {}, { 'x-teams-auth-token': token });
    expect([await of('a'), await of('b'), await of('a'), await read(gateway)]).toEqual([
      answered(1, 'miss'),
      answered(2, 'miss'),
      answered(1, 'hit', AGE),
      answered(3, 'miss'),
    ]);
  });

  describe('at the same time', () => {
    it('[AC4] identical calls make one, which all get', async () => {
      const { server, gateway, held } = await holding();
      const calls = Array.from({ length: 10 }, () => read(gateway));
      await until('the call', () => held.length > 0);
      await until('all others', () => inFlight(gateway) === 10);
      expect((await get(gateway.url, '/metrics')).text).toContain('\nmcpo_calls_in_flight 10\n');
      held[0]?.result(textResult('one'));
      const answers = await Promise.all(calls);
      expect(answers.map(({ text }) => text)).toEqual(Array.from({ length: 10 }, () => '"one"'));
      expect(answers.map(({ cache }) => cache).sort()).toEqual([...Array.from({ length: 9 }, () => 'hit'), 'miss']);
      expect(calledOf(server)).toBe(1);
    });

    it('[AC4] one that leaves takes it from nobody; when all have left it is cancelled', async () => {
      const { server, gateway, held } = await holding();
      const [one, other] = [new AbortController(), new AbortController()];
      const first = leaving(gateway, one.signal);
      await until('the call', () => held.length > 0);
      const second = leaving(gateway, other.signal);
      await until('both', () => inFlight(gateway) === 2);
      one.abort();
      await expect(first).rejects.toThrow();
      await until('one', () => inFlight(gateway) === 1);
      expect(cancelledOf(server)).toBe(0);
      other.abort();
      await expect(second).rejects.toThrow();
      await until('it is cancelled', () => cancelledOf(server) === 1);
      // Another one does not wait for what was given up.
      const third = read(gateway);
      await until('another call', () => held.length > 1);
      held[1]?.result(textResult('two'));
      expect(await third).toMatchObject({ text: '"two"', cache: 'miss' });
    });

    it('[E1] what was asked before a write is neither kept nor given to who asks after it', async () => {
      const { gateway, held } = await holding();
      const before = read(gateway);
      await until('the read', () => held.length > 0);
      await writeThrough(gateway, held);
      const after = read(gateway);
      await until('a read of its own', () => held.length > 2);
      held[2]?.result(textResult('after'));
      held[0]?.result(textResult('before'));
      expect([(await before).text, (await after).text]).toEqual(['"before"', '"after"']);
      expect(await read(gateway)).toMatchObject({ text: '"after"', cache: 'hit' });
    });
  });

  describe('while their server is away', () => {
    it.each([
      ['a tool that is listed', READ, { cachedTools: [{ pattern: 'read', ttlMs: 1 }] }, 'miss'],
      ['a tool that reads only, says a server that is trusted', '/v1/tools/look', { trustAnnotations: true }, undefined],
    ])('[E1] the last one of %s is served, and says so', async (_, path, settings, fresh) => {
      const server = await counting();
      const gateway = await gatewayOf(server, settings);
      expect(seen(await post(gateway.url, path, {}))).toEqual(answered(1, fresh));
      const before = await counters(gateway);
      await server.stop();
      expect(seen(await post(gateway.url, path, {}))).toEqual(answered(1, 'stale', AGE));
      expect((await counters(gateway)).stale).toBe((before.stale as number) + 1);
      expect((await post(gateway.url, path, { other: 1 })).status).toBe(503);
    });

    it('[E1] of no other tool, and of none that was written through since', async () => {
      const server = await counting();
      const gateway = await gatewayOf(server, { cachedTools: [{ pattern: 'read', ttlMs: 1 }] });
      await read(gateway);
      await write(gateway);
      await server.stop();
      for (const path of [READ, WRITE]) {
        const answer = await post(gateway.url, path, {});
        const reason = 'The MCP server cannot be reached; the tool did not run.';
        const details = { server: 'default', reason };
        const retry_after = Number(answer.headers['retry-after']);
        expect(told(answer)).toEqual(
          errorAnswer(
            503,
            { type: 'upstream_unavailable', message: 'Service temporarily unavailable', details, retry_after },
            { 'retry-after': `${retry_after}` },
          ),
        );
      }
    });
  });

  describe('of replicas with one Redis', () => {
    const shared = (redis: RedisServer) => ({ REDIS_URL: redis.url, STATE_ENCRYPTION_KEY: KEY });
    const keysOf = async (redis: RedisServer) => ((await redis.run('KEYS', 'mcpo:results:*')) as string[]).sort();

    it("[REDIS] are everybody's, and lie there under digests and encrypted", async () => {
      const redis = closing(await RedisServer.start());
      const server = await counting();
      const one = await gatewayOf(server, KEPT, shared(redis));
      const other = await gatewayOf(server, KEPT, shared(redis));
      const answers = await judgedByRedis([one, other], async (attempt) => {
        await redis.run('FLUSHALL');
        const made = await read(one, { a: SECRET, attempt });
        await until('it is kept', async () => (await keysOf(redis)).length === 2);
        return [made, await read(other, { a: SECRET, attempt })];
      });
      expect(answers).toEqual([answered(server.calls(), 'miss'), answered(server.calls(), 'hit', AGE)]);
      const keys = await keysOf(redis);
      const generation = keys.find((key) => key.includes('generation'));
      const name = keys.find((key) => key !== generation);
      expect([name, generation]).toEqual([expect.stringMatching(/^mcpo:results:[\w-]{43}$/), 'mcpo:results:generation:default']);
      const value = (await redis.run('GET', name as string)) as string;
      expect(value).toMatch(/^"v1\.[\w+/]+={0,2}"$/);
      expect(Buffer.from(value.slice('"v1.'.length), 'base64').toString('latin1')).not.toContain(SECRET);
      expect(Number(await redis.run('PTTL', name as string))).toBeGreaterThan(86_000_000);
    });

    it('[REDIS] stay in memory without STATE_ENCRYPTION_KEY', async () => {
      const redis = closing(await RedisServer.start());
      const server = await counting();
      const environment = { REDIS_URL: redis.url };
      const [one, other] = [await gatewayOf(server, KEPT, environment), await gatewayOf(server, KEPT, environment)];
      expect([await read(one), await read(other), await read(one)]).toEqual([
        answered(1, 'miss'),
        answered(2, 'miss'),
        answered(1, 'hit', AGE),
      ]);
      expect(await write(one)).toEqual(answered(3));
      await until('the other has heard of it', async () => (await read(other)).text === answered(4).text);
      expect(await keysOf(redis)).toEqual([]);
    });

    it('[REDIS] a write through one drops them at the other, in memory and in Redis', async () => {
      const redis = closing(await RedisServer.start());
      const server = await counting();
      const [one, other] = [await gatewayOf(server, KEPT, shared(redis)), await gatewayOf(server, KEPT, shared(redis))];
      for (let round = 0; round < 20; round += 1) {
        const [written, after] = await judgedByRedis([one, other], async () => {
          await read(one);
          await read(other);
          return [await write(one), await read(other)] as const;
        });
        expect(countOf(after)).toBeGreaterThan(countOf(written));
      }
    });

    it('[E7] a write while Redis is away is made good when it is back', async () => {
      const redis = closing(await RedisServer.start());
      const server = await counting();
      const one = await gatewayOf(server, KEPT, shared(redis));
      await read(one);
      await until('it is kept', async () => (await keysOf(redis)).length === 2);
      redis.signal('SIGSTOP');
      expect(await write(one)).toEqual(answered(2));
      expect(await read(one)).toMatchObject({ status: 200, cache: 'miss' });
      redis.signal('SIGCONT');
      const other = await gatewayOf(server, KEPT, shared(redis));
      await until('the generation is another', async () => (await read(other)).text !== answered(1).text);
    });

    it.each(['garbage', '"v1.AAAA"', '{"a":1}'])('[E7] %s in their place is a miss (threat 35)', async (garbage) => {
      const redis = closing(await RedisServer.start());
      const server = await counting();
      const one = await gatewayOf(server, KEPT, shared(redis));
      await read(one);
      await until('it is kept', async () => (await keysOf(redis)).length === 2);
      for (const key of await keysOf(redis)) await redis.run('SET', key, garbage);
      const other = await gatewayOf(server, KEPT, shared(redis));
      expect(await read(other)).toEqual(answered(2, 'miss'));
      expect(await read(other)).toEqual(answered(2, 'hit', AGE));
    });

    it('[S6] one that was kept for other arguments opens for none', async () => {
      const redis = closing(await RedisServer.start());
      const server = await counting();
      const one = await gatewayOf(server, KEPT, shared(redis));
      await read(one, { a: 1 });
      await read(one, { a: 2 });
      await until('both are kept', async () => (await keysOf(redis)).length === 3);
      const [first, second] = (await keysOf(redis)).filter((key) => !key.includes('generation')) as [string, string];
      await redis.run('COPY', first, second, 'REPLACE');
      const other = await gatewayOf(server, KEPT, shared(redis));
      const answers = [await read(other, { a: 1 }), await read(other, { a: 2 })];
      expect(answers.map(({ cache }) => cache).sort()).toEqual(['hit', 'miss']);
    });
  });
});

const countOf = ({ text }: { readonly text: string }) => Number(/\d+/.exec(text)?.[0]);

async function writeThrough(gateway: GatewayHere, held: Call[]): Promise<void> {
  const writing = write(gateway);
  await until('the write', () => held.length > 1);
  held[1]?.result(textResult('written'));
  await writing;
}

/** A server whose calls wait until a test answers them. */
async function holding() {
  const held: Call[] = [];
  const server = closing(await RawMcpServer.start({ tools: TOOLS, on: { 'tools/call': (call) => void held.push(call) } }));
  return { server, held, gateway: await gatewayOf(server) };
}

const inFlight = ({ app }: GatewayHere) => app.get(CallSlots, { strict: false }).inFlight;
const calledOf = ({ exchanges }: RawMcpServer) => exchanges.filter(({ message }) => message.method === 'tools/call').length;
const cancelledOf = ({ exchanges }: RawMcpServer) => exchanges.filter(({ message }) => message.method === 'notifications/cancelled').length;

/** A call that its caller can leave. */
function leaving({ url }: GatewayHere, signal: AbortSignal): Promise<Exchange> {
  return request(url, READ, { method: 'POST', headers: { 'content-type': 'application/json' }, body: '{}', signal });
}
