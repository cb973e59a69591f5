import { Writable } from 'node:stream';
import type { HttpUpstreamSettings } from '../src/config/upstream-settings.js';
import { ToolCatalog } from '../src/discovery/tool-catalog.service.js';
import { McpClient } from '../src/mcp-client/mcp-client.service.js';
import { createLogger } from '../src/logging/json-logger.js';
import { closesAfterEach } from './support/ends.ts';
import { get } from './support/exchange.ts';
import { freePort } from './support/network/free-port.ts';
import { type GatewayHere, httpUpstream, startGatewayHere } from './support/gateway.ts';
import { allListed } from './support/listed.ts';
import { startPlanner } from './support/processes.ts';
import { RawMcpServer, toolOf } from './support/raw-mcp-server.ts';
import { RedisServer } from './support/redis/redis-server.ts';
import { countedEvents } from './support/security-events.ts';
import { callTool, publishedTools, untilPublished } from './support/tool-requests.ts';
import { until } from './support/until.ts';

const closing = closesAfterEach();
const DAYS_7 = 7 * 86_400;
const TIME = String.raw`\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z`;

const startRedis = async (...args: string[]) => closing(await RedisServer.start(...args));
const startServer = async (options: Parameters<typeof RawMcpServer.start>[0] = {}) => closing(await RawMcpServer.start(options));

async function startGateway(redis: RedisServer, upstreams: readonly HttpUpstreamSettings[], environment: Record<string, string> = {}) {
  const naming = upstreams.length > 1 ? 'prefixed' : 'bare';
  return closing(await startGatewayHere({ REDIS_URL: redis.url, ...environment }, upstreams, { naming }));
}

/** A text as Redis may hold it, of now. */
const storedText = (tools: readonly unknown[], lastUpdated = new Date()) =>
  JSON.stringify({ tools, version: '1.0', last_updated: lastUpdated.toISOString() });

const valueOf = async (redis: RedisServer, key: string) => (await redis.run('GET', key)) as string | null;
const ttlOf = async (redis: RedisServer, key: string) => (await redis.run('TTL', key)) as number;

/** Matches what Redis holds of these tools, to the byte. */
const stored = (tools: readonly unknown[]): unknown => {
  const text = JSON.stringify(tools).replace(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`);
  return expect.stringMatching(new RegExp(`^{"tools":${text},"version":"1\\.0","last_updated":"${TIME}"}$`));
};

const kept = (redis: RedisServer, key: string) => until(`${key} is written`, () => valueOf(redis, key));

/** Everything that Redis holds of tools, as one text. */
async function everythingIn(redis: RedisServer): Promise<string> {
  const keys = ((await redis.run('KEYS', '*tools*')) as string[]).sort();
  const values = await Promise.all(keys.map(async (key) => `${key}=${await valueOf(redis, key)}`));
  return values.join('\n');
}

/** Where a gateway tells that its tools are stale. */
async function staleness(gateway: GatewayHere) {
  const [document, servers, health] = await Promise.all(['/openapi.json', '/v1/servers', '/ready'].map((path) => get(gateway.url, path)));
  const reports = JSON.parse(servers?.text as string) as { servers: { stale?: true }[] };
  return {
    header: document?.headers['x-cache'],
    reported: reports.servers.map(({ stale }) => stale),
    health: (JSON.parse(health?.text as string) as { details: { tools: { stale?: string[] } } }).details.tools.stale,
  };
}

const STALE = { header: 'stale', reported: [true], health: ['default'] };
const FRESH = { header: undefined, reported: [undefined], health: undefined };

describe('lists of tools in Redis', () => {
  it.each(['', 'team:'])(
    '[REDIS] are there as the server listed them, with REDIS_PREFIX "%s", for CACHE_TTL, and for seven days',
    async (REDIS_PREFIX) => {
      const [redis, server] = await Promise.all([startRedis(), startServer()]);
      server.tools = [{ ...(toolOf('work') as object), annotations: { readOnlyHint: true }, 'x-unknown': [{ ä: 1.5 }] }, toolOf('über')];
      await startGateway(redis, [httpUpstream(server.url)], { REDIS_PREFIX });
      const lasts: [string, number][] = [
        [`${REDIS_PREFIX}mcpo:tools:discovery`, 300],
        [`${REDIS_PREFIX}mcpo:tools:discovery:default`, 300],
        [`${REDIS_PREFIX}mcpo:tools:last-good`, DAYS_7],
        [`${REDIS_PREFIX}mcpo:tools:last-good:default`, DAYS_7],
      ];
      for (const [key, longest] of lasts) {
        expect(await kept(redis, key)).toEqual(stored(server.tools));
        const ttl = await ttlOf(redis, key);
        expect(ttl).toBeGreaterThan(0);
        expect(ttl).toBeLessThanOrEqual(longest);
      }
      expect(((await redis.run('KEYS', '*tools*')) as string[]).sort()).toEqual(lasts.map(([key]) => key).sort());
    },
  );

  it('[REDIS] hold each of several servers, whatever its name, and all under the names that are published', async () => {
    const [redis, one, other] = await Promise.all([startRedis(), startServer(), startServer()]);
    other.tools = [toolOf('work'), toolOf('denied'), toolOf('play')];
    const names = ['one', 'a: *\nb'] as const;
    const upstreams = [httpUpstream(one.url, { name: names[0] }), httpUpstream(other.url, { name: names[1], deniedTools: ['denied'] })];
    const gateway = await startGateway(redis, upstreams);
    await allListed(gateway.url);
    const { tools } = JSON.parse((await get(gateway.url, '/v1/tools?format=mcp')).text) as { tools: { name: string }[] };
    expect(tools).toHaveLength(3);
    const merged = await until('all are there', async () => {
      const value = await valueOf(redis, 'mcpo:tools:discovery');
      return (value?.match(/"name"/g)?.length ?? 0) === 3 && value;
    });
    expect((JSON.parse(merged) as { tools: unknown }).tools).toEqual(tools);
    expect(await kept(redis, `mcpo:tools:discovery:${names[0]}`)).toEqual(stored(one.tools));
    expect(await kept(redis, `mcpo:tools:last-good:${names[1]}`)).toEqual(stored(other.tools));
  });

  it('[REDIS] hold none that is larger than MAX_LIST_BYTES', async () => {
    const [redis, server, small] = await Promise.all([startRedis(), startServer(), startServer()]);
    server.tools = [{ ...(toolOf('work') as object), description: 'x'.repeat(900) }];
    // Just enough for the list as it travels, which has fewer words around it than one that is kept.
    const maxListBytes = JSON.stringify(server.tools).length + 57;
    const upstreams = [httpUpstream(server.url, { name: 'large', maxListBytes }), httpUpstream(small.url, { name: 'small', maxListBytes })];
    const gateway = await startGateway(redis, upstreams);
    for (const name of ['large_work', 'small_work']) await untilPublished(gateway, name);
    await kept(redis, 'mcpo:tools:discovery:small');
    small.tools = [toolOf('last')];
    await until('the stream', () => small.openStreams.size === 2);
    small.notify('notifications/tools/list_changed');
    await until('it is written after that', async () => (await valueOf(redis, 'mcpo:tools:last-good:small'))?.includes('last'));
    await until('those of both together are gone', async () => !(await everythingIn(redis)).includes('mcpo:tools:last-good='));
    expect(await everythingIn(redis)).not.toMatch(/tools:\S+:large|x{900}/);
  });

  it('[REDIS][S7] hold nothing that a server lists for the credentials of a caller, shared by all callers or not', async () => {
    const token = 'x-teams-auth-token';
    const locked = () =>
      startServer({
        tools: [toolOf('private')],
        guard: (exchange) => {
          const isKnown = exchange.headers[token] === 'ann';
          if (!isKnown) exchange.send(401);
          return isKnown;
        },
      });
    const [redis, own, shared, open] = await Promise.all([startRedis(), locked(), locked(), startServer()]);
    const upstreams = [
      httpUpstream(own.url, { name: 'own', forwardHeaders: [token] }),
      httpUpstream(shared.url, { name: 'shared', forwardHeaders: [token], shareCatalog: true }),
      httpUpstream(open.url, { name: 'open' }),
    ];
    const gateway = await startGateway(redis, upstreams);
    await until('both ask', async () => (await get(gateway.url, '/v1/servers')).text.match(/"needs_auth"/g)?.length === 2);
    await until('the other is listed', async () => (await publishedTools(gateway)).includes('open_work'));
    const seen = (await get(gateway.url, '/openapi.json', { [token]: 'ann' })).text;
    for (const name of ['own_private', 'shared_private', 'open_work']) expect(seen).toContain(name);
    expect(await publishedTools(gateway)).toEqual(['shared_private', 'open_work']);
    open.tools = [toolOf('work'), toolOf('later')];
    await until('the stream', () => open.openStreams.size === 2);
    open.notify('notifications/tools/list_changed');
    await until('it is written after that', async () => (await valueOf(redis, 'mcpo:tools:discovery'))?.includes('open_later'));
    const text = await everythingIn(redis);
    expect(text).not.toContain('private');
    expect(text.match(/^\S+(?==)/gm)).toEqual(
      ['discovery', 'discovery:open', 'last-good', 'last-good:open'].map((key) => `mcpo:tools:${key}`),
    );
  });

  describe('of a server that is down', () => {
    const deadUrl = async () => `http://127.0.0.1:${await freePort()}/mcp`;

    it('[E8][AC5] are published by a gateway that starts meanwhile, and stale until the server is back', async () => {
      const redis = await startRedis();
      const planner = await startPlanner();
      const first = await startGateway(redis, [httpUpstream(planner.url)]);
      await allListed(first.url);
      const tools = (await get(first.url, '/v1/tools?format=mcp')).text;
      await kept(redis, 'mcpo:tools:last-good:default');
      await first.close();
      await planner.stop();
      await redis.run('DEL', 'mcpo:tools:discovery', 'mcpo:tools:discovery:default');
      const gateway = await startGateway(redis, [httpUpstream(planner.url)]);
      await untilPublished(gateway, 'list_plans');
      expect((await get(gateway.url, '/v1/tools?format=mcp')).text).toBe(tools);
      expect(await staleness(gateway)).toEqual(STALE);
      expect((await callTool(gateway, 'list_plans')).status).toBe(503);
      closing(await startPlanner({ env: { PLANNER_PORT: new URL(planner.url).port } }));
      await until('nothing is stale', async () => (await staleness(gateway)).header === undefined);
      expect(await staleness(gateway)).toEqual(FRESH);
      expect((await get(gateway.url, '/v1/tools?format=mcp')).text).toBe(tools);
      expect((await callTool(gateway, 'list_plans')).status).toBe(200);
    });

    it('[E8][P7] are there before the first request, where they are young', async () => {
      const redis = await startRedis();
      await redis.run('SET', 'mcpo:tools:discovery:default', storedText([toolOf('work')]));
      const upstream = httpUpstream(await deadUrl());
      // The start waits for Redis 50 ms, and no longer: it is repeated where this machine is busier than that.
      const gateway = await until('a start at which Redis answers in time', async () => {
        const started = await startGatewayHere({ REDIS_URL: redis.url }, [upstream]);
        if (started.app.get(ToolCatalog, { strict: false }).snapshot().unlisted.length === 0) return started;
        await started.close();
        return undefined;
      });
      closing(gateway);
      expect(await publishedTools(gateway)).toEqual(['work']);
      expect(await staleness(gateway)).toEqual(FRESH);
    });

    it('[E8] are stale when they have grown old, and stay', async () => {
      const redis = await startRedis();
      await redis.run('SET', 'mcpo:tools:discovery:default', storedText([toolOf('work')]));
      const gateway = await startGateway(redis, [httpUpstream(await deadUrl())], { CACHE_TTL: '4' });
      await until('they are old', async () => (await staleness(gateway)).header === 'stale');
      expect(await staleness(gateway)).toEqual(STALE);
      expect(await publishedTools(gateway)).toEqual(['work']);
    });

    it('[E8] are those of a server that a reload has brought, too', async () => {
      const redis = await startRedis();
      await redis.run('SET', 'mcpo:tools:last-good:late', storedText([toolOf('work'), toolOf('denied')]));
      const gateway = await startGateway(redis, []);
      const late = httpUpstream(await deadUrl(), { name: 'late', deniedTools: ['denied'] });
      gateway.app.get(McpClient, { strict: false }).apply({ upstreams: [late], inactiveServers: [] });
      await untilPublished(gateway, 'work');
      expect(await publishedTools(gateway)).toEqual(['work']);
      expect(await staleness(gateway)).toEqual({ ...STALE, health: ['late'] });
      gateway.app.get(McpClient, { strict: false }).apply({ upstreams: [{ ...late, deniedTools: ['work'] }], inactiveServers: [] });
      await untilPublished(gateway, 'denied');
      expect(await staleness(gateway)).toEqual({ ...STALE, health: ['late'] });
    });
  });

  it('[E8] the last good one is not read while the server can be asked, however slow it is', async () => {
    const [redis, server] = await Promise.all([startRedis(), startServer()]);
    let answer = (): void => undefined;
    const asked = new Promise<void>((resolve) => {
      server.on['tools/list'] = (exchange) => {
        answer = () => exchange.result({ tools: server.tools });
        resolve();
      };
    });
    await redis.run('SET', 'mcpo:tools:last-good:default', storedText([toolOf('yesterday')]));
    const gateway = await startGateway(redis, [httpUpstream(server.url)]);
    await asked;
    expect(await publishedTools(gateway)).toEqual(['gateway_status']);
    // Long enough for one that was read.
    await redis.run('PING');
    expect(await publishedTools(gateway)).toEqual(['gateway_status']);
    answer();
    await untilPublished(gateway, 'work');
    expect(await publishedTools(gateway)).toEqual(['work']);
    const reads = /cmdstat_getrange:calls=(\d+)/.exec((await redis.run('INFO', 'commandstats')) as string);
    // At the start, and perhaps once more as messages may have been missed.
    expect(Number(reads?.[1])).toBeLessThanOrEqual(2);
  });

  it('[E8] the last good one is read where the server is up and cannot be listed', async () => {
    const [redis, server] = await Promise.all([startRedis(), startServer()]);
    server.on['tools/list'] = (exchange) => exchange.error(-32_603, 'warming up');
    await redis.run('SET', 'mcpo:tools:last-good:default', storedText([toolOf('yesterday')]));
    const gateway = await startGateway(redis, [httpUpstream(server.url)]);
    await untilPublished(gateway, 'yesterday');
    expect(await staleness(gateway)).toEqual(STALE);
    server.on['tools/list'] = (exchange) => exchange.result({ tools: server.tools });
    await untilPublished(gateway, 'work');
    expect(await staleness(gateway)).toEqual(FRESH);
  });

  const tool = toolOf('poisoned');
  it.each<[string, (redis: RedisServer, key: string) => Promise<unknown>]>([
    ['no JSON', (redis, key) => redis.run('SET', key, '{"tools":[')],
    ['bytes that are no text', (redis, key) => redis.run('SETRANGE', key, '4096', 'x')],
    ['a value of another type', (redis, key) => redis.run('LPUSH', key, storedText([tool]))],
    ['another shape', (redis, key) => redis.run('SET', key, JSON.stringify({ poisoned: tool }))],
    ['tools that are none', (redis, key) => redis.run('SET', key, storedText([tool, 7]))],
    ['another version', (redis, key) => redis.run('SET', key, storedText([tool]).replace('"1.0"', '"9.0"'))],
    ['a time to come', (redis, key) => redis.run('SET', key, storedText([tool], new Date(Date.now() + 3_600_000)))],
    [
      'more than MAX_LIST_BYTES',
      (redis, key) => redis.run('SET', key, storedText([{ ...(tool as object), description: 'x'.repeat(70_000) }])),
    ],
  ])('[E8][REDIS] garbage is a miss, asked for anew and written over: %s', async (_, spoil) => {
    const redis = await startRedis();
    const port = await freePort();
    const keys = ['discovery:default', 'last-good:default', 'discovery', 'last-good'].map((key) => `mcpo:tools:${key}`);
    for (const key of keys) await spoil(redis, key);
    const gateway = await startGateway(redis, [httpUpstream(`http://127.0.0.1:${port}/mcp`, { maxListBytes: 65_536 })]);
    const failed = () => gateway.app.get(McpClient, { strict: false }).upstreams[0]?.status().state === 'degraded';
    await until('the server was looked for', failed);
    expect(await publishedTools(gateway)).toEqual(['gateway_status']);
    const server = await startServer({ port });
    await untilPublished(gateway, 'work');
    for (const key of keys)
      await until(
        `${key} is written over`,
        async () => (await redis.run('TYPE', key)) === 'string' && (await valueOf(redis, key))?.includes('"work"'),
      );
    for (const key of keys) expect(await valueOf(redis, key)).toEqual(stored(server.tools));
  });

  it('[S6] garbage is told once for its server, and nothing of it', async () => {
    const redis = await startRedis();
    for (const kind of ['discovery', 'last-good']) await redis.run('SET', `mcpo:tools:${kind}:default`, 'canary of garbage');
    const lines: string[] = [];
    const to = new Writable({ write: (line: Buffer, _, done) => (lines.push(line.toString()), done()) });
    const upstream = httpUpstream(`http://127.0.0.1:${await freePort()}/mcp`);
    const logger = createLogger('debug', to);
    const gateway = closing(await startGatewayHere({ REDIS_URL: redis.url, LOG_LEVEL: 'debug' }, [upstream], {}, { logger }));
    const attempts = () => lines.filter((line) => line.includes('upstream is not reachable')).length;
    await until('the server was looked for twice', () => attempts() > 1);
    expect(await publishedTools(gateway)).toEqual(['gateway_status']);
    const told = lines.filter((line) => line.includes('what Redis holds')).map((line) => JSON.parse(line) as object);
    expect(told).toEqual([
      expect.objectContaining({
        level: 'warn',
        msg: 'what Redis holds of the tools is no list of this gateway, and is made anew',
        upstream: 'default',
      }),
    ]);
    expect(lines.join('')).not.toContain('canary');
  });

  it('[S5] a tool that the server describes otherwise than the list of before is told', async () => {
    const [redis, server] = await Promise.all([startRedis(), startServer()]);
    const told = async (gateway: GatewayHere) => (await countedEvents(gateway.url)).tool_changed ?? 0;
    await redis.run('SET', 'mcpo:tools:discovery:default', storedText([{ ...(toolOf('work') as object), description: 'Another.' }]));
    const gateway = await startGateway(redis, [httpUpstream(server.url)]);
    await until('it is told', async () => (await told(gateway)) > 0);
  });
});

/** The server has another tool and tells one of its sessions; all gateways show it. */
async function changeForOne(server: RawMcpServer, gateways: readonly GatewayHere[], name: string): Promise<void> {
  server.tools = [toolOf('work'), toolOf(name)];
  const [stream] = server.openStreams;
  stream?.write(`data: ${JSON.stringify({ jsonrpc: '2.0', method: 'notifications/tools/list_changed' })}\n\n`);
  await Promise.all(gateways.map((gateway) => untilPublished(gateway, name)));
}

describe('replicas', () => {
  const start = async (CACHE_TTL: string, options: Parameters<typeof RawMcpServer.start>[0] = {}, count = 2) => {
    const [redis, server] = await Promise.all([startRedis(), startServer(options)]);
    const gateways = await Promise.all(Array.from({ length: count }, () => startGateway(redis, [httpUpstream(server.url)], { CACHE_TTL })));
    for (const gateway of gateways) await untilPublished(gateway, 'work');
    const lists = () => server.received('tools/list').length;
    await until('all have asked', () => lists() >= count);
    return { redis, server, gateways, lists };
  };

  it('[P7] ask a server once in CACHE_TTL, all together, and none shows a list that is older', async () => {
    const { server, gateways, lists } = await start('2', { on: { GET: (exchange) => exchange.send(405) } }, 3);
    let last = 0;
    // A list that takes a second, as on a busy machine, is asked for by another, too: then it is tried again.
    await until(
      'three changes in a row are listed once for all',
      async () => {
        const [from, before] = [performance.now(), lists()];
        for (const end = last + 3; last < end;) {
          const name = `change_${(last += 1)}`;
          server.tools = [toolOf('work'), toolOf(name)];
          await Promise.all(gateways.map((gateway) => untilPublished(gateway, name)));
        }
        const rounds = (performance.now() - from) / 2_000;
        expect(rounds).toBeGreaterThan(1);
        // Alone each of them would have asked.
        return lists() - before <= Math.ceil(rounds);
      },
      60_000,
    );
  });

  it('[AC5] tell one another of a change that the server told one of them, and say no more of it', async () => {
    const { redis, server, gateways, lists } = await start('300');
    await until('the streams', () => server.openStreams.size === 4);
    const messages = async () => Number(/cmdstat_publish:calls=(\d+)/.exec((await redis.run('INFO', 'commandstats')) as string)?.[1]);
    await changeForOne(server, gateways, 'first');
    const before = { lists: lists(), messages: await messages() };
    await changeForOne(server, gateways, 'second');
    await changeForOne(server, gateways, 'third');
    expect({ lists: lists(), messages: await messages() }).toEqual({ lists: before.lists + 2, messages: before.messages + 2 });
  });

  it('[E8] show what the others are told, where they cannot reach the server themselves', async () => {
    const [redis, server] = await Promise.all([startRedis(), startServer()]);
    await startGateway(redis, [httpUpstream(server.url)], { CACHE_TTL: '2' });
    const apart = await startGateway(redis, [httpUpstream(`http://127.0.0.1:${await freePort()}/mcp`)], { CACHE_TTL: '2' });
    await untilPublished(apart, 'work');
    server.tools = [toolOf('changed')];
    await untilPublished(apart, 'changed');
    await until('it is as young as theirs', async () => (await staleness(apart)).header === undefined);
  });

  it('[E7] go on while Redis is away, each by itself, and together when it is back', async () => {
    const { redis, server, gateways } = await start('300');
    await until('the streams', () => server.openStreams.size === 4);
    await redis.kill();
    const change = async (name: string) => {
      server.tools = [toolOf('work'), toolOf(name)];
      server.notify('notifications/tools/list_changed');
      await Promise.all(gateways.map((gateway) => untilPublished(gateway, name)));
    };
    await change('alone');
    for (const gateway of gateways) expect((await callTool(gateway, 'work')).status).toBe(200);
    await redis.restart();
    await until('it is there again', async () => (await valueOf(redis, 'mcpo:tools:discovery:default'))?.includes('alone'));
    await changeForOne(server, gateways, 'together');
  });
});
