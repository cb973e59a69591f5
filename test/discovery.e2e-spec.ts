import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { UpstreamSettings } from '../src/config/upstream-settings.js';
import { closesAfterEach } from './support/ends.js';
import { httpUpstream, startGatewayHere, stdioUpstream } from './support/gateway.js';
import { ROOT, startNode } from './support/processes.js';
import { RawMcpServer, type RawServerOptions, toolOf } from './support/raw-mcp-server.js';
import { callTool, publishedTools, untilPublished } from './support/tool-requests.js';
import { until } from './support/until.js';

const SERVERS = path.join(ROOT, 'test/support/servers');

describe('discovery', () => {
  const closing = closesAfterEach();

  const startGateway = async (upstream: UpstreamSettings, environment: Record<string, string> = {}) =>
    closing(await startGatewayHere(environment, [upstream]));

  const start = async (options: RawServerOptions = {}, environment: Record<string, string> = {}) => {
    const server = closing(await RawMcpServer.start(options));
    const gateway = await startGateway(httpUpstream(server.url), environment);
    await untilPublished(gateway, 'work');
    return { server, gateway };
  };

  describe('[AC5][AC7] follows what a server says of its tools', () => {
    it('on the standing stream of an older one over HTTP', async () => {
      const { server, gateway } = await start();
      await until('the stream', () => server.openStreams.size === 2);
      server.tools = [toolOf('other')];
      server.notify('notifications/tools/list_changed');
      await untilPublished(gateway, 'other');
      await expect(publishedTools(gateway)).resolves.toEqual(['other']);
    });

    it('on the response stream of a call', async () => {
      const { server, gateway } = await start({
        on: {
          'tools/call': (exchange) => {
            server.tools = [toolOf('work'), toolOf('grown')];
            exchange.stream({ jsonrpc: '2.0', method: 'notifications/tools/list_changed' }, exchange.answer());
            exchange.response.end();
          },
        },
      });
      await expect(callTool(gateway, 'work')).resolves.toMatchObject({ status: 200, body: 'done' });
      await untilPublished(gateway, 'grown');
    });

    it.each<[string, () => Promise<UpstreamSettings>]>([
      ['an older one over stdio', async () => stdioUpstream(path.join(SERVERS, 'raw-stdio.mjs'))],
      ['a new one over stdio', async () => stdioUpstream(path.join(SERVERS, 'sdk-v2.mjs'), ['--stdio', '--modern-only'])],
      [
        'a new one over HTTP',
        async () => httpUpstream(closing(await startNode('test/support/servers/sdk-v2.mjs', { args: ['--modern-only'] })).url),
      ],
    ])('of %s', async (_, upstream) => {
      const gateway = await startGateway(await upstream());
      await untilPublished(gateway, 'grow');
      await expect(callTool(gateway, 'grow')).resolves.toMatchObject({ status: 200 });
      await untilPublished(gateway, 'grown');
    });

    it('with a document that is another one, under another ETag', async () => {
      const { server, gateway } = await start();
      const before = await fetch(`${gateway.url}/openapi.json`);
      server.tools = [toolOf('work'), toolOf('more')];
      server.notify('notifications/tools/list_changed');
      await untilPublished(gateway, 'more');
      const after = await fetch(`${gateway.url}/openapi.json`, { headers: { 'if-none-match': before.headers.get('etag') as string } });
      expect(after.status).toBe(200);
      expect(after.headers.get('etag')).not.toBe(before.headers.get('etag'));
    });
  });

  it('[AC5][P7] lists again when CACHE_TTL is over, for servers that say nothing', async () => {
    const { server, gateway } = await start({ on: { GET: (exchange) => exchange.send(405) } }, { CACHE_TTL: '1' });
    server.tools = [toolOf('silent')];
    await untilPublished(gateway, 'silent');
    await expect(publishedTools(gateway)).resolves.toEqual(['silent']);
  });

  it('[AC5] serves the document without asking the server', async () => {
    const { server, gateway } = await start();
    const lists = server.received('tools/list').length;
    for (let read = 0; read < 50; read++) await publishedTools(gateway);
    expect(server.received('tools/list')).toHaveLength(lists);
  });

  it('[AC5][E1] lists that change under load cost no call an answer and no document a tool', async () => {
    const { server, gateway } = await start();
    await until('the stream', () => server.openStreams.size === 2);
    let isOver = false;
    const statuses = new Set<number>();
    const documents = new Set<boolean>();
    const under = async (load: () => Promise<unknown>) => {
      while (!isOver) await load();
    };
    const load = Promise.all([
      ...Array.from({ length: 4 }, () => under(async () => statuses.add((await callTool(gateway, 'work')).status))),
      under(async () => documents.add((await publishedTools(gateway)).includes('work'))),
    ]);
    for (let change = 0; change < 10; change += 1) {
      server.tools = [toolOf('work'), toolOf(`other_${change}`)];
      server.notify('notifications/tools/list_changed');
      await untilPublished(gateway, `other_${change}`);
    }
    isOver = true;
    await load;
    expect([[...statuses], [...documents]]).toEqual([[200], [true]]);
  });

  describe('[AC5] takes all pages', () => {
    const pages = (count: number): RawServerOptions => ({
      on: {
        'tools/list': (exchange) => {
          const page = Number(exchange.message.params?.cursor ?? 0);
          exchange.result({
            tools: [toolOf(page === 0 ? 'work' : `tool-${page}`)],
            nextCursor: page + 1 < count ? String(page + 1) : undefined,
          });
        },
      },
    });

    it('of a list', async () => {
      const { gateway } = await start(pages(25));
      const tools = await publishedTools(gateway);
      expect(tools).toHaveLength(25);
      expect(tools).toEqual(['work', ...Array.from({ length: 24 }, (_, index) => `tool-${index + 1}`)]);
      await expect(callTool(gateway, 'tool-24')).resolves.toMatchObject({ status: 200 });
    });

    it('and stops when the cursor runs in a circle, with the last good list kept', async () => {
      const { server, gateway } = await start();
      server.on['tools/list'] = (exchange) =>
        exchange.result({ tools: [toolOf('circle')], nextCursor: exchange.message.params?.cursor === 'a' ? 'b' : 'a' });
      const before = server.received('tools/list').length;
      server.notify('notifications/tools/list_changed');
      await until('three attempts', () => server.received('tools/list').length >= before + 9);
      await sleep(300);
      expect(server.received('tools/list').length).toBeLessThanOrEqual(before + 36);
      await expect(publishedTools(gateway)).resolves.toEqual(['work']);
      await expect(callTool(gateway, 'work')).resolves.toMatchObject({ status: 200 });
      expect(server.received('initialize')).toHaveLength(2);
    });
  });

  it('[AC5][E8] asks again by itself when a server that is up cannot list its tools yet', async () => {
    let failures = 5;
    const server: RawMcpServer = closing(
      await RawMcpServer.start({
        on: {
          'tools/list': (exchange) => (failures-- > 0 ? exchange.error(-32_603, 'warming up') : exchange.result({ tools: server.tools })),
        },
      }),
    );
    const gateway = await startGateway(httpUpstream(server.url));
    await untilPublished(gateway, 'work');
    expect(server.received('initialize')).toHaveLength(2);
  });

  describe('[AC5][AC3] a call whose tool is gone', () => {
    const GONE = { code: -32_602, message: 'Unknown tool: work' };

    it('makes one list, answers 404, and the tool is gone from the document', async () => {
      const { server, gateway } = await start();
      const lists = server.received('tools/list').length;
      server.tools = [toolOf('other')];
      server.on['tools/call'] = (exchange) => exchange.error(GONE.code, GONE.message);
      // A list that is younger than a second is not asked for again.
      await sleep(1_100);
      await expect(callTool(gateway, 'work')).resolves.toMatchObject({
        status: 404,
        body: { error: { type: 'tool_not_found', message: 'Unknown tool: work', correlation_id: 'test-1' } },
      });
      await expect(publishedTools(gateway)).resolves.toEqual(['other']);
      expect(server.received('tools/list')).toHaveLength(lists + 1);
      await expect(callTool(gateway, 'work')).resolves.toMatchObject({ status: 404 });
      expect(server.received('tools/call')).toHaveLength(1);
    });

    it.each(['Unknown tool: work', 'MCP error -32602: Tool work not found'])('is believed of a result that says "%s"', async (text) => {
      const { server, gateway } = await start();
      const says = { content: [{ type: 'text', text }], isError: true };
      server.on['tools/call'] = (exchange) => exchange.result(says);
      await sleep(1_100);
      await expect(callTool(gateway, 'work')).resolves.toMatchObject({
        status: 422,
        body: { error: { type: 'tool_error', message: text } },
      });
      server.tools = [toolOf('other')];
      await sleep(1_100);
      await expect(callTool(gateway, 'work')).resolves.toMatchObject({ status: 404, body: { error: { type: 'tool_not_found' } } });
      await expect(publishedTools(gateway)).resolves.toEqual(['other']);
    });

    it('makes few lists when a thousand calls say so', async () => {
      const { server, gateway } = await start({ on: { 'tools/call': (exchange) => exchange.error(GONE.code, GONE.message) } });
      const lists = server.received('tools/list').length;
      const from = performance.now();
      for (let round = 0; round < 20; round++) {
        const answers = await Promise.all(Array.from({ length: 50 }, () => callTool(gateway, 'work')));
        expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([400]));
      }
      const seconds = (performance.now() - from) / 1000;
      expect(server.received('tools/call')).toHaveLength(1_000);
      expect(server.received('tools/list').length - lists).toBeLessThanOrEqual(Math.ceil(seconds) + 1);
    });

    it('reaches no server when its name was never known', async () => {
      const { server, gateway } = await start();
      // Where the machine is slow a ping of the health checks may come meanwhile.
      const heard = () => server.exchanges.filter(({ text }) => !text.includes('"method":"ping"')).length;
      const before = heard();
      for (let round = 0; round < 20; round++) {
        const answers = await Promise.all(Array.from({ length: 50 }, (_, index) => callTool(gateway, `unknown-${round}-${index}`)));
        expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([404]));
      }
      expect(heard()).toBe(before);
    });
  });
});
