import { closesAfterEach } from './support/ends.ts';
import { get, post } from './support/exchange.ts';
import { freePort } from './support/network/free-port.ts';
import { httpUpstream, startGatewayHere } from './support/gateway.ts';
import { RawMcpServer, toolOf } from './support/raw-mcp-server.ts';
import { RedisServer } from './support/redis/redis-server.ts';
import { untilPublished } from './support/tool-requests.ts';
import { until } from './support/until.ts';

const closing = closesAfterEach();
const TOKEN = 'x-teams-auth-token';

/** How many reads of the catalogue there were until now, by what came of them. */
async function readsOf(url: string) {
  const { text } = await get(url, '/metrics');
  const sample = (name: string) => Number(new RegExp(`^${name}\\{cache="catalog"\\} (\\d+)$`, 'm').exec(text)?.[1] ?? 0);
  return { hits: sample('mcpo_cache_hits_total'), misses: sample('mcpo_cache_misses_total') };
}

/** Those during some work. */
async function readsDuring(url: string, work: () => Promise<unknown>) {
  const before = await readsOf(url);
  await work();
  const after = await readsOf(url);
  return { hits: after.hits - before.hits, misses: after.misses - before.misses };
}

describe('[MON][P7] reads of the catalogue are counted, each once', () => {
  const inTurn = async (...work: (() => Promise<unknown>)[]) => {
    for (const each of work) await each();
  };

  it('as hits: documents, lists and calls that wait for no list of tools', async () => {
    const server = closing(await RawMcpServer.start());
    const { url } = closing(await startGatewayHere({}, [httpUpstream(server.url)]));
    await untilPublished({ url }, 'work');
    const paths = [
      '/openapi.json',
      '/v1/openapi.json',
      '/v1/tools',
      '/v1/tools?format=mcp',
      '/v1/tools/work',
      '/default/openapi.json',
      '/v1/servers',
    ];
    const documents = await readsDuring(url, () => inTurn(...paths.map((path) => () => get(url, path))));
    expect(documents).toEqual({ hits: paths.length, misses: 0 });
    const calls = await readsDuring(url, () =>
      inTurn(
        () => post(url, '/v1/tools/work', {}),
        () => post(url, '/v1/tools', { name: 'work', arguments: {} }),
        () => post(url, '/work', {}),
        () => post(url, '/default/work', {}),
        () => post(url, '/v1/tools/unknown', {}),
      ),
    );
    expect(calls).toEqual({ hits: 5, misses: 0 });
  });

  it('as none: what needs no list, and what does not come so far', async () => {
    const server = closing(await RawMcpServer.start());
    const { url } = closing(await startGatewayHere({ API_KEYS: 'key-of-a-caller' }, [httpUpstream(server.url)]));
    await untilPublished({ url }, 'work');
    const paths = ['/health', '/ready', '/docs', '/default/docs', '/v1/tools?format=none', '/v1/servers'];
    const reads = await readsDuring(url, () => inTurn(...paths.map((path) => () => get(url, path)), () => post(url, '/v1/tools/work', {})));
    expect(reads).toEqual({ hits: 0, misses: 0 });
  });

  it('as misses: those that got the stand-in for tools', async () => {
    const dead = httpUpstream(`http://127.0.0.1:${await freePort()}/mcp`, { name: 'dead' });
    const only = closing(await startGatewayHere({}, [dead]));
    const paths = ['/openapi.json', '/v1/tools?format=mcp', '/dead/openapi.json'];
    const reads = await readsDuring(only.url, () =>
      inTurn(
        ...paths.map((path) => () => get(only.url, path)),
        () => post(only.url, '/v1/tools/gateway_status', {}),
        () => post(only.url, '/v1/tools/unknown', {}),
      ),
    );
    expect(reads).toEqual({ hits: 0, misses: 5 });
    await only.close();
    const server = closing(await RawMcpServer.start());
    const both = closing(await startGatewayHere({}, [dead, httpUpstream(server.url, { name: 'up' })], { naming: 'prefixed' }));
    await untilPublished(both, 'up_work');
    expect(await readsDuring(both.url, () => get(both.url, '/openapi.json'))).toEqual({ hits: 1, misses: 0 });
    expect(await readsDuring(both.url, () => get(both.url, '/up/openapi.json'))).toEqual({ hits: 1, misses: 0 });
    expect(await readsDuring(both.url, () => get(both.url, '/dead/openapi.json'))).toEqual({ hits: 0, misses: 1 });
  });

  it('as hits: those of a server that has no tools', async () => {
    const server = closing(await RawMcpServer.start({ tools: [] }));
    const { url } = closing(await startGatewayHere({}, [httpUpstream(server.url)]));
    await until('it is listed', async () => !(await get(url, '/openapi.json')).text.includes('gateway_status'));
    expect(await readsDuring(url, () => get(url, '/openapi.json'))).toEqual({ hits: 1, misses: 0 });
  });

  it("as misses: those that waited for a caller's own list, and as hits those after them", async () => {
    const server = closing(
      await RawMcpServer.start({
        guard: (exchange) => {
          const isKnown = exchange.headers[TOKEN] !== undefined && exchange.headers[TOKEN] !== 'eve';
          if (!isKnown) exchange.send(401);
          return isKnown;
        },
      }),
    );
    const { url } = closing(await startGatewayHere({}, [httpUpstream(server.url, { forwardHeaders: [TOKEN] })]));
    await until('it asks', async () => (await get(url, '/v1/servers')).text.includes('"needs_auth"'));
    const [ann, bob, eve] = ['ann', 'bob', 'eve'].map((token) => ({ [TOKEN]: token }));
    expect(await readsDuring(url, () => get(url, '/openapi.json', ann))).toEqual({ hits: 0, misses: 1 });
    expect(await readsDuring(url, () => get(url, '/openapi.json', ann))).toEqual({ hits: 1, misses: 0 });
    expect(await readsDuring(url, () => post(url, '/v1/tools/work', {}, ann))).toEqual({ hits: 1, misses: 0 });
    expect(await readsDuring(url, () => post(url, '/v1/tools/work', {}, bob))).toEqual({ hits: 0, misses: 1 });
    expect(await readsDuring(url, () => get(url, '/openapi.json', eve))).toEqual({ hits: 0, misses: 1 });
  });

  it('as a miss: a call that asked whether its tool is still there', async () => {
    const server = closing(await RawMcpServer.start({ on: { 'tools/call': (exchange) => exchange.error(-32_602, 'Unknown tool: work') } }));
    const { url } = closing(await startGatewayHere({}, [httpUpstream(server.url)]));
    await untilPublished({ url }, 'work');
    // A list that is younger than a second is not asked for again.
    const lists = () => server.received('tools/list').length;
    const call = () => post(url, '/v1/tools/work', {});
    await until('the list is old enough', async () => {
      const before = lists();
      const reads = await readsDuring(url, call);
      const hasAsked = lists() > before;
      expect(reads).toEqual(hasAsked ? { hits: 0, misses: 1 } : { hits: 1, misses: 0 });
      return hasAsked;
    });
  });
});

describe('with Redis', () => {
  it('[P7][E8] 95 % of the reads hit, though gateway and server are started again and again', async () => {
    const redis = closing(await RedisServer.start());
    const port = await freePort();
    const upstream = httpUpstream(`http://127.0.0.1:${port}/mcp`);
    const startServer = () => RawMcpServer.start({ port, tools: [toolOf('work'), toolOf('other')] });
    const startGateway = () => startGatewayHere({ REDIS_URL: redis.url, CACHE_TTL: '1' }, [upstream]);
    let [server, gateway] = [await startServer(), await startGateway()];
    try {
      await untilPublished(gateway, 'work');
      await until('it is written', () => redis.run('GET', 'mcpo:tools:last-good:default'));
      const before = await readsOf(gateway.url);
      const read = async () => {
        for (let count = 0; count < 40; count += 1) {
          await get(gateway.url, '/openapi.json');
          await post(gateway.url, '/v1/tools/work', {});
        }
      };
      for (let round = 0; round < 3; round += 1) {
        await read();
        await server.stop();
        await read();
        await gateway.close();
        gateway = await startGateway();
        await read();
        server = await startServer();
        await read();
      }
      const after = await readsOf(gateway.url);
      const [hits, misses] = [after.hits - before.hits, after.misses - before.misses];
      expect(hits + misses).toBe(3 * 4 * 80);
      expect(hits / (hits + misses)).toBeGreaterThanOrEqual(0.95);
    } finally {
      await gateway.close();
      await server.stop();
    }
  });
});
