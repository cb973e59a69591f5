import { setImmediate as nextTurn } from 'node:timers/promises';
import { closesAfterEach } from './support/ends.js';
import { get, post } from './support/exchange.js';
import { httpUpstream, startGatewayHere } from './support/gateway.js';
import { allListed } from './support/listed.js';
import { RawMcpServer, type RawServerOptions, toolOf } from './support/raw-mcp-server.js';
import { callTool, errorOf, publishedTools, untilPublished } from './support/tool-requests.js';
import { until } from './support/until.js';
import type { UpstreamSettings } from '../src/config/upstream-settings.js';
import { ToolCatalog } from '../src/discovery/tool-catalog.service.js';
import { McpClient } from '../src/mcp-client/mcp-client.service.js';
import type { Upstream } from '../src/mcp-client/upstream.js';

const closing = closesAfterEach();

/** A server that answers each call with its own name and that of the tool that was called. */
const serverOf = async (name: string, tools: readonly string[], options: RawServerOptions = {}) =>
  closing(
    await RawMcpServer.start({
      tools: tools.map((tool) => toolOf(tool)),
      on: {
        'tools/call': (exchange) => exchange.result({ content: [{ type: 'text', text: `${name}: ${exchange.message.params?.name}` }] }),
        ...options.on,
      },
      ...options,
    }),
  );

const startGateway = async (upstreams: readonly UpstreamSettings[]) =>
  closing(await startGatewayHere({}, upstreams, { naming: 'prefixed' }));

/** Nothing listens there. */
const NOWHERE = 'http://127.0.0.1:9/mcp';

describe('names of many servers', () => {
  it('[AC7] have the server in front, in the order of the configuration and of the lists', async () => {
    const one = await serverOf('one', ['b', 'a']);
    const two = await serverOf('two', ['a', 'b']);
    const gateway = await startGateway([httpUpstream(one.url, { name: 'z' }), httpUpstream(two.url, { name: 'y' })]);
    await allListed(gateway.url);
    await expect(publishedTools(gateway)).resolves.toEqual(['z_b', 'z_a', 'y_a', 'y_b']);
    await expect(callTool(gateway, 'z_a')).resolves.toMatchObject({ status: 200, body: 'one: a' });
    await expect(callTool(gateway, 'y_a')).resolves.toMatchObject({ status: 200, body: 'two: a' });
    await expect(callTool(gateway, 'a')).resolves.toMatchObject({ status: 404, body: { error: { type: 'tool_not_found' } } });
  });

  it('[AC7] do not depend on whether another server is there', async () => {
    const one = await serverOf('one', ['b_c']);
    const two = await serverOf('two', ['c']);
    const a = httpUpstream(one.url, { name: 'a' });
    const together = await startGateway([a, httpUpstream(two.url, { name: 'a_b' })]);
    await allListed(together.url);
    const [first, second] = await publishedTools(together);
    expect(first).toMatch(/^a_b_c_[0-9a-z]{8}$/);
    expect(second).toBe('a_b_c');
    await expect(callTool(together, first as string)).resolves.toMatchObject({ status: 200, body: 'one: b_c' });
    await expect(callTool(together, 'a_b_c')).resolves.toMatchObject({ status: 200, body: 'two: c' });

    const alone = await startGateway([a, httpUpstream(NOWHERE, { name: 'a_b' })]);
    await untilPublished(alone, first as string);
    await expect(publishedTools(alone)).resolves.toEqual([first]);
  });

  it('stay the same objects, with all that was made of them, when the list of another server changes', async () => {
    const [one, two] = [await serverOf('one', ['a']), await serverOf('two', ['b'])];
    const gateway = await startGateway([httpUpstream(one.url, { name: 'one' }), httpUpstream(two.url, { name: 'two' })]);
    await allListed(gateway.url);
    const [catalog, [first]] = [gateway.app.get(ToolCatalog), gateway.app.get(McpClient).upstreams];
    const before = catalog.snapshot();
    await expect(catalog.replace(first as Upstream, [toolOf('a'), toolOf('c')])).resolves.toBe(true);
    const after = catalog.snapshot();
    expect([...after.entries.keys()]).toEqual(['one_a', 'one_c', 'two_b']);
    expect(after.servers.get('two')).toBe(before.servers.get('two'));
    expect(after.entries.get('two_b')).toBe(before.entries.get('two_b'));
    expect([...(after.servers.get('one')?.entries.keys() ?? [])]).toEqual(['a', 'c']);
    await expect(publishedTools(gateway)).resolves.toEqual(['one_a', 'one_c', 'two_b']);
  });

  it('[AC5][P2] are taken over whole, in turns: readers see the list before or the one after, of the servers that are there', async () => {
    const [one, two] = [await serverOf('one', ['a']), await serverOf('two', ['b'])];
    const first = httpUpstream(one.url, { name: 'one' });
    const gateway = await startGateway([first, httpUpstream(two.url, { name: 'two' })]);
    await allListed(gateway.url);
    const [catalog, mcpClient] = [gateway.app.get(ToolCatalog), gateway.app.get(McpClient)];
    const long = Array.from({ length: 20_000 }, (_, n) => toolOf(`tool_${n}`));
    let isTaken: boolean | undefined;
    const taking = catalog.replace(mcpClient.upstreams[0] as Upstream, long).then((answer) => (isTaken = answer));
    const sizes = new Set<number>();
    for (let turn = 1; isTaken === undefined; turn += 1) {
      await nextTurn();
      sizes.add(catalog.snapshot().entries.size);
      if (turn % 8 !== 0 || turn > 160) continue;
      mcpClient.apply({ upstreams: [first, httpUpstream(two.url, { name: `two_${turn}` })], inactiveServers: [] });
      expect([...catalog.snapshot().servers.keys()]).toEqual(mcpClient.upstreams.map(({ name }) => name));
    }
    await expect(taking).resolves.toBe(true);
    expect([...sizes].filter((size) => ![1, 2, 20_000, 20_001].includes(size))).toEqual([]);
    expect([...catalog.snapshot().servers.keys()]).toEqual(mcpClient.upstreams.map(({ name }) => name));
    await until('both are listed', () => catalog.snapshot().entries.size === 20_001);
  });

  it('[AC7] are data: a tool is found by its exact name alone', async () => {
    const names = ['x{y}', 'a/b', '../', '%2e%2e%2f', '任务', ':name', '*'];
    const gateway = await startGateway([httpUpstream((await serverOf('odd', names)).url, { name: 'odd' })]);
    await allListed(gateway.url);
    const published = await publishedTools(gateway);
    expect(published.filter((name) => !/^odd_[\w-]{1,60}$/.test(name))).toEqual([]);
    for (const [index, name] of names.entries()) {
      const answer = { status: 200, text: JSON.stringify(`odd: ${name}`) };
      expect(await post(gateway.url, `/v1/tools/${published[index]}`, {})).toMatchObject(answer);
      expect(await post(gateway.url, `/v1/tools/${encodeURIComponent(`odd_${name}`)}`, {})).toMatchObject(answer);
    }
    for (const path of ['/v1/tools/odd_xy', '/v1/tools/odd_x%7Bz%7D', '/v1/tools/odd_a', '/v1/tools/%2e%2e%2f'])
      expect(await post(gateway.url, path, {})).toMatchObject({ status: 404 });
  });

  it('[AC9] serves only the tools that its settings allow', async () => {
    const server = await serverOf('one', ['read_file', 'read_secret', 'write_file']);
    const gateway = await startGateway([httpUpstream(server.url, { name: 'files', allowedTools: ['read_*'], deniedTools: ['*_secret'] })]);
    await allListed(gateway.url);
    await expect(publishedTools(gateway)).resolves.toEqual(['files_read_file']);
    for (const name of ['files_read_secret', 'files_write_file'])
      await expect(callTool(gateway, name)).resolves.toMatchObject({
        status: 404,
        body: errorOf({ type: 'tool_not_found', message: expect.any(String), details: { tool: name, closest: ['files_read_file'] } }),
      });
    expect((await get(gateway.url, '/v1/tools?format=mcp')).text).not.toMatch(/secret|write_file/);
    expect(server.received('tools/call')).toEqual([]);
  });
});

describe('a name that no tool has', () => {
  it('[E1][AC3] answers 503 only where it may be that of a server that is not listed yet', async () => {
    const gateway = await startGateway([
      httpUpstream((await serverOf('one', ['read'])).url, { name: 'up' }),
      httpUpstream(NOWHERE, { name: 'down' }),
    ]);
    await untilPublished(gateway, 'up_read');
    await expect(callTool(gateway, 'down_read')).resolves.toMatchObject({
      status: 503,
      body: { error: { type: 'upstream_unavailable', details: { server: 'down' }, retry_after: expect.any(Number) } },
    });
    await expect(callTool(gateway, 'up_red')).resolves.toMatchObject({
      status: 404,
      body: errorOf({
        type: 'tool_not_found',
        message: 'There is no tool "up_red". Did you mean up_read?',
        details: { tool: 'up_red', closest: ['up_read'] },
      }),
    });
    await expect(callTool(gateway, 'read')).resolves.toMatchObject({ status: 404 });
  });
});
