import { setImmediate as nextTurn } from 'node:timers/promises';
import type { UpstreamSettings } from '../src/config/upstream-settings.js';
import { findEntry } from '../src/discovery/catalog-snapshot.js';
import { ToolCatalog } from '../src/discovery/tool-catalog.service.js';
import { McpClient } from '../src/mcp-client/mcp-client.service.js';
import type { Upstream } from '../src/mcp-client/upstream.js';
import { closesAfterEach } from './support/ends.ts';
import { get, post } from './support/exchange.ts';
import { httpUpstream, startGatewayHere } from './support/gateway.ts';
import { allListed } from './support/listed.ts';
import { RawMcpServer, toolOf } from './support/raw-mcp-server.ts';
import { until } from './support/until.ts';

const closing = closesAfterEach();
const longList = (mark: string) => Array.from({ length: 2_000 }, (_, n) => toolOf(`${mark}_${n}`));

/** Nothing listens there: what is known of such a server's tools is what was listed before. */
const NOWHERE = new URL('http://127.0.0.1:9/mcp');

describe('[AC5] lists of servers that are reloaded', () => {
  /** Two servers: `long` has 2,000 tools, `short` has one. */
  const start = async () => {
    const [long, short] = [closing(await RawMcpServer.start({ tools: longList('a') })), closing(await RawMcpServer.start())];
    const [first, second] = [httpUpstream(long.url, { name: 'long' }), httpUpstream(short.url, { name: 'short' })];
    const gateway = closing(await startGatewayHere({}, [first, second], { naming: 'prefixed' }));
    await allListed(gateway.url);
    const [catalog, mcpClient] = [gateway.app.get(ToolCatalog), gateway.app.get(McpClient)];
    const apply = (...upstreams: UpstreamSettings[]) => mcpClient.apply({ upstreams, inactiveServers: [] });
    /** That all tools are on the connections of the servers that are there. */
    const expectCurrent = () => {
      const connections = new Set([...catalog.snapshot().entries.values()].map(({ upstream }) => upstream));
      expect([...connections].filter((upstream) => !mcpClient.upstreams.includes(upstream as Upstream))).toEqual([]);
    };
    return { gateway, catalog, mcpClient, apply, expectCurrent, first, second };
  };

  it('are gone at once with their server, however long they are, and so are lists on their way', async () => {
    const { gateway, catalog, mcpClient, apply, second } = await start();
    const [before] = mcpClient.upstreams as [Upstream];
    const taking = catalog.replace(before, longList('b'));
    for (let turn = 0; turn < 10; turn += 1) await nextTurn();
    apply(second);
    expect([...catalog.snapshot().entries.keys()]).toEqual(['short_work']);
    expect([...catalog.snapshot().servers.keys()]).toEqual(['short']);
    expect(await post(gateway.url, '/v1/tools/long_a_1', {})).toMatchObject({ status: 404 });
    await expect(taking).resolves.toBe(false);
    expect([...catalog.snapshot().entries.keys()]).toEqual(['short_work']);
    expect((await get(gateway.url, '/long/openapi.json')).status).toBe(404);
  });

  it('go to the server that took the place of theirs at once, without what it does not serve; what only it serves comes later', async () => {
    const { catalog, mcpClient, apply, expectCurrent, first, second } = await start();
    apply({ ...first, url: NOWHERE, allowedTools: ['a_1*'] }, second);
    expectCurrent();
    expect(catalog.snapshot().entries.size).toBe(1_112);
    const kept = findEntry(catalog.snapshot(), 'long_a_1');
    expect(kept).toMatchObject({ publishedName: 'long_a_1', upstream: mcpClient.upstreams[0] });
    expect(findEntry(catalog.snapshot(), 'long_a_1')).toBe(kept);
    for (const name of ['long_a_2', 'a_2'])
      expect(findEntry(catalog.snapshot(), name, name === 'a_2' ? 'long' : undefined)).toBeUndefined();

    apply({ ...first, url: NOWHERE, deniedTools: ['a_1'] }, second);
    expectCurrent();
    expect(findEntry(catalog.snapshot(), 'long_a_1')).toBeUndefined();
    await until('what was not served is there', () => catalog.snapshot().entries.size === 2_000);
    expectCurrent();
    expect(findEntry(catalog.snapshot(), 'long_a_1')).toBeUndefined();
    expect(findEntry(catalog.snapshot(), 'a_2', 'long')).toBe(findEntry(catalog.snapshot(), 'long_a_2'));
    expect([...catalog.snapshot().entries.keys()].slice(0, 3)).toEqual(['long_a_0', 'long_a_2', 'long_a_3']);
  });

  it('are the last ones after any number of reloads, with lists that come between them', async () => {
    const { catalog, mcpClient, apply, expectCurrent, first, second } = await start();
    const taken: boolean[] = [];
    const takes: Promise<unknown>[] = [];
    for (let reload = 0; reload < 5; reload += 1) {
      apply({ ...first, url: NOWHERE, headers: { reload: `${reload}` } }, second);
      expectCurrent();
      takes.push(catalog.replace(mcpClient.upstreams[0] as Upstream, longList(`c${reload}`)).then((isTaken) => taken.push(isTaken)));
      for (let turn = 0; turn < 3 * reload; turn += 1) await nextTurn();
    }
    await Promise.all(takes);
    expect(taken).toEqual([false, false, false, false, true]);
    expectCurrent();
    expect(catalog.snapshot().entries.size).toBe(2_001);
    expect([...catalog.snapshot().entries.keys()].filter((name) => !name.startsWith('long_c4_'))).toEqual(['short_work']);
  });

  it('keep the names of tools that servers beside them share, by either name', async () => {
    const { catalog, mcpClient, apply, second } = await start();
    apply(second, httpUpstream(NOWHERE.href, { name: 'short_work' }), httpUpstream(NOWHERE.href, { name: 'other' }));
    const [, prefixed, other] = mcpClient.upstreams as [Upstream, Upstream, Upstream];
    await catalog.replace(prefixed, [toolOf('er'), toolOf('a b')]);
    await catalog.replace(other, [toolOf('a b'), toolOf('a b')]);
    const { entries, byRealName } = catalog.snapshot();
    expect([...entries].map(([name]) => name)).toEqual([...entries.keys()]);
    expect([...entries.values()].map(({ publishedName }) => publishedName)).toEqual([...entries.keys()]);
    expect([...entries.keys()].slice(0, 2)).toEqual(['short_work', 'short_work_er']);
    expect(byRealName.get('short_work_a b')?.upstream).toBe(prefixed);
    expect([byRealName.get('short_work'), byRealName.get('other_a b'), byRealName.get('none')]).toEqual([undefined, undefined, undefined]);
  });
});
