import { realpathSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { UpstreamSettings } from '../src/config/upstream-settings.js';
import { McpClient } from '../src/mcp-client/mcp-client.service.js';
import * as built from './support/built.js';
import { closesAfterEach } from './support/ends.js';
import { type GatewayHere, httpUpstream, startGatewayHere, stdioUpstream } from './support/gateway.js';
import { ROOT, startNode, startPlanner } from './support/processes.js';
import { RawMcpServer } from './support/raw-mcp-server.js';
import { temporaryFolder } from './support/recorded.js';
import { freePort } from './support/network/free-port.js';
import { packaged, startEverything } from './support/installed/server-everything.js';
import { callTool, publishedTools, untilPublished } from './support/tool-requests.js';
import { until } from './support/until.js';

const SDK_V2 = path.join(ROOT, 'test/support/servers/sdk-v2.mjs');
const PLANNER = path.join(ROOT, built.PLANNER);

describe('[T2][AC5] every kind of server is listed and called', () => {
  const closing = closesAfterEach();
  const newFolder = temporaryFolder();

  const startGateway = async (upstream: UpstreamSettings, tool: string) => {
    const gateway = closing(await startGatewayHere({}, [upstream]));
    await untilPublished(gateway, tool);
    return gateway;
  };

  const negotiated = ({ app }: GatewayHere) => {
    const { era, protocolVersion } = app.get(McpClient).upstreams[0]?.status().server ?? {};
    return [era, protocolVersion];
  };

  describe('the planner', () => {
    const check = async (upstream: UpstreamSettings) => {
      const gateway = await startGateway(upstream, 'create_task');
      await expect(callTool(gateway, 'create_task', { title: 'Review' })).resolves.toMatchObject({
        status: 200,
        body: { title: 'Review', plan_id: 'abc123' },
      });
      expect(negotiated(gateway)).toEqual(['legacy', '2025-11-25']);
    };

    it('over stdio', () => check(stdioUpstream(PLANNER)));

    it('over HTTP, with answers as event streams', async () => {
      await check(httpUpstream(`${closing(await startPlanner()).url}/mcp`));
    });

    it('over HTTP, with answers as JSON', async () => {
      await check(httpUpstream(`${closing(await startPlanner({ env: { PLANNER_JSON_RESPONSES: 'true' } })).url}/mcp`));
    });
  });

  describe('server-everything', () => {
    const check = async (upstream: UpstreamSettings) => {
      const gateway = await startGateway(upstream, 'echo');
      await expect(callTool(gateway, 'echo', { message: 'hello' })).resolves.toMatchObject({ status: 200, body: 'Echo: hello' });
      await expect(callTool(gateway, 'get-sum', { a: 2, b: 3 })).resolves.toMatchObject({
        status: 200,
        body: expect.stringContaining('5'),
      });
      expect((await publishedTools(gateway)).length).toBeGreaterThanOrEqual(10);
    };

    it('over stdio', () => check(stdioUpstream(packaged('server-everything'), ['stdio'])));

    it('over HTTP', async () => {
      const port = await freePort();
      closing(await startEverything(port));
      await check(httpUpstream(`http://127.0.0.1:${port}/mcp`));
    });
  });

  it('server-filesystem over stdio', async () => {
    const folder = realpathSync(newFolder());
    writeFileSync(path.join(folder, 'note.txt'), 'written before');
    const gateway = await startGateway(stdioUpstream(packaged('server-filesystem'), [folder]), 'read_text_file');
    const read = await callTool(gateway, 'read_text_file', { path: path.join(folder, 'note.txt') });
    expect(read.status).toBe(200);
    expect(JSON.stringify(read.body)).toContain('written before');
    await expect(callTool(gateway, 'read_text_file', { path: '/etc/passwd' })).resolves.toMatchObject({
      status: 422,
      body: { error: { type: 'tool_error', message: expect.stringContaining('Access denied') } },
    });
  });

  it('server-memory over stdio', async () => {
    const env = { ...stdioUpstream('').env, MEMORY_FILE_PATH: path.join(newFolder(), 'memory.json') };
    const gateway = await startGateway(stdioUpstream(packaged('server-memory'), [], { env }), 'read_graph');
    const entities = [{ name: 'Ada', entityType: 'person', observations: ['writes'] }];
    await expect(callTool(gateway, 'create_entities', { entities })).resolves.toMatchObject({ status: 200 });
    await expect(callTool(gateway, 'read_graph')).resolves.toMatchObject({ status: 200, body: { entities, relations: [] } });
  });

  describe('the newest generation', () => {
    const startHttp = async (...args: string[]) => closing(await startNode(SDK_V2, { args }));

    const check = async (gateway: GatewayHere) => {
      expect(negotiated(gateway)).toEqual(['modern', '2026-07-28']);
      await expect(callTool(gateway, 'era')).resolves.toMatchObject({ status: 200, body: 'modern' });
      await expect(callTool(gateway, 'echo', { value: 'ä' })).resolves.toMatchObject({
        status: 200,
        body: { name: 'echo', arguments: { value: 'ä' } },
      });
    };

    it('alone, over HTTP', async () => {
      const { url } = await startHttp('--modern-only');
      await check(await startGateway(httpUpstream(`${url}/mcp`), 'era'));
    });

    it('alone, over stdio', async () => check(await startGateway(stdioUpstream(SDK_V2, ['--stdio', '--modern-only']), 'era')));

    it('beside the older one, over HTTP', async () => {
      const { url } = await startHttp();
      await check(await startGateway(httpUpstream(`${url}/mcp`), 'era'));
    });

    it('beside the older one, over stdio', async () => check(await startGateway(stdioUpstream(SDK_V2, ['--stdio']), 'era')));

    it('in its older way without sessions, when the settings say so', async () => {
      const { url } = await startHttp();
      const gateway = await startGateway(httpUpstream(`${url}/mcp`, { protocol: 'legacy' }), 'era');
      await expect(callTool(gateway, 'era')).resolves.toMatchObject({ status: 200, body: 'legacy' });
      expect(negotiated(gateway)).toEqual(['legacy', '2025-11-25']);
    });

    it('with headers that repeat the name and arguments, which the server compares', async () => {
      const { url } = await startHttp('--modern-only', '--mirrored');
      const gateway = closing(await startGatewayHere({}, [httpUpstream(`${url}/mcp`)]));
      const name = await until('the tool', async () => (await publishedTools(gateway)).find((published) => published.includes('query')));
      const args = { region: ' süd\n', limit: -7, strict: true, filter: { owner: '=?base64?eA==?=' } };
      await expect(callTool(gateway, name, args)).resolves.toMatchObject({ status: 200, body: { name: 'région/query', arguments: args } });
      await expect(callTool(gateway, name, { region: 'eu', limit: 1.0 })).resolves.toMatchObject({ status: 200 });
      await expect(callTool(gateway, name)).resolves.toMatchObject({ status: 200, body: { arguments: {} } });
    });

    it.each(['over HTTP', 'over stdio'])('is told %s when the caller leaves, and when the time is up [E2]', async (how) => {
      const limits = { requestTimeoutMs: 1_500 };
      const upstream =
        how === 'over stdio' ? stdioUpstream(SDK_V2, ['--stdio'], limits) : httpUpstream(`${(await startHttp()).url}/mcp`, limits);
      const gateway = await startGateway(upstream, 'hang');
      const seen = async () => (await callTool(gateway, 'hung')).body as { started: number; aborted: number };
      const leaving = new AbortController();
      const left = callTool(gateway, 'hang', {}, { signal: leaving.signal }).catch((error: Error) => error.name);
      await until('the call', async () => (await seen()).started === 1);
      leaving.abort();
      await expect(left).resolves.toBe('AbortError');
      await until('the end is seen', async () => (await seen()).aborted === 1);
      await expect(callTool(gateway, 'hang')).resolves.toMatchObject({ status: 504, body: { error: { type: 'upstream_timeout' } } });
      await until('the next end is seen', async () => (await seen()).aborted === 2);
    });
  });

  describe('older revisions', () => {
    it.each(['2024-11-05', '2025-03-26', '2025-06-18', '2025-11-25'])(
      '%s, over HTTP with and without sessions',
      async (protocolVersion) => {
        for (const sessions of [true, false]) {
          const server: RawMcpServer = closing(
            await RawMcpServer.start({
              sessions,
              on: {
                initialize: (exchange) =>
                  exchange.result({ ...(server.introduction(exchange) as object), protocolVersion }, server.newSession()),
              },
            }),
          );
          const gateway = await startGateway(httpUpstream(server.url), 'work');
          await expect(callTool(gateway, 'work')).resolves.toMatchObject({ status: 200, body: 'done' });
          expect(negotiated(gateway)).toEqual(['legacy', protocolVersion]);
          const [call] = server.received('tools/call');
          expect(call?.headers['mcp-protocol-version']).toBe(protocolVersion);
          expect(Object.keys(call?.headers ?? {}).filter((name) => /^mcp-(method|name|param)/.test(name))).toEqual([]);
          expect(call?.message.params?._meta).toEqual({ progressToken: call?.message.id, 'io.mcpo-proxy/correlation-id': 'test-1' });
          expect(call?.headers['x-correlation-id']).toBe('test-1');
        }
      },
    );
  });
});
