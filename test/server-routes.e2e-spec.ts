import * as built from './support/built.js';
import { closesAfterEach } from './support/ends.js';
import { get, post, request, told } from './support/exchange.js';
import { httpUpstream, startGatewayHere, stdioUpstream } from './support/gateway.js';
import { allListed } from './support/listed.js';
import { ROOT } from './support/processes.js';
import { RawMcpServer, toolOf } from './support/raw-mcp-server.js';
import { packaged } from './support/installed/server-everything.js';
import { publishedTools, untilPublished } from './support/tool-requests.js';
import { until } from './support/until.js';
import type { Settings } from '../src/config/settings.js';
import type { UpstreamSettings } from '../src/config/upstream-settings.js';

interface OpenApi {
  readonly info: unknown;
  readonly servers?: unknown;
  readonly paths: Record<string, { readonly post: { readonly operationId: string } }>;
}

const closing = closesAfterEach();
const PLANNER = stdioUpstream(`${ROOT}/${built.PLANNER}`, [], { name: 'planner' });
/** Nothing listens there. */
const NOWHERE = httpUpstream('http://127.0.0.1:9/mcp', { name: 'down' });

const start = async (upstreams: readonly UpstreamSettings[], more: Partial<Settings> = {}, environment: Record<string, string> = {}) =>
  closing(await startGatewayHere(environment, upstreams, { naming: 'prefixed', ...more }));

async function fetched(gateway: { readonly url: string }, path: string): Promise<OpenApi> {
  const { status, text } = await get(gateway.url, path);
  expect({ path, status }).toEqual({ path, status: 200 });
  return JSON.parse(text) as OpenApi;
}
const idsOf = ({ paths }: OpenApi) => Object.values(paths).map(({ post: operation }) => operation.operationId);

/** What every document says of who stands behind it. */
const ABOUT = { license: { name: 'MIT', identifier: 'MIT' }, contact: { name: 'The operators of this gateway' } };

describe('real servers behind one gateway', () => {
  it('[AC7][AC1][EP2] each have a document and calls of their own, and all of them share one', async () => {
    const gateway = await start([
      PLANNER,
      stdioUpstream(packaged('server-everything'), [], { name: 'everything' }),
      stdioUpstream(packaged('server-filesystem'), [ROOT], { name: 'files' }),
      stdioUpstream(packaged('server-memory'), [], { name: 'memory' }),
    ]);
    await allListed(gateway.url);
    const merged = await fetched(gateway, '/openapi.json');
    expect(Object.keys(merged.paths)).toEqual(idsOf(merged).map((id) => `/v1/tools/${id}`));
    const own: string[] = [];
    for (const server of ['planner', 'everything', 'files', 'memory']) {
      const document = await fetched(gateway, `/${server}/openapi.json`);
      expect(Object.keys(document.paths)).toEqual(idsOf(document).map((id) => `/${id}`));
      expect(document.servers).toEqual([{ url: `/${server}` }]);
      // Open WebUI reserves write_file, so it has its server in front there too.
      own.push(...idsOf(document).map((id) => (id.startsWith(`${server}_`) ? id : `${server}_${id}`)));
    }
    expect(idsOf(merged)).toEqual(own);
    expect(own).toEqual(expect.arrayContaining(['planner_create_task', 'everything_echo', 'files_list_directory', 'memory_read_graph']));

    expect((await fetched(gateway, '/planner/openapi.json')).info).toMatchObject({
      title: expect.stringMatching(/planner/i),
      description: expect.stringMatching(/^A planner: plans hold buckets/),
    });
    const answer = { status: 200, text: '"Echo: hello"' };
    for (const path of ['/everything/echo', '/everything/echo/', '/v1/tools/everything_echo'])
      expect(await post(gateway.url, path, { message: 'hello' })).toMatchObject(answer);
    expect(await post(gateway.url, '/memory/read_graph', {})).toMatchObject({ status: 200, text: expect.stringMatching(/entities/) });
    expect(await post(gateway.url, '/v1/tools', { name: 'everything_echo', arguments: { message: 'hello' } })).toMatchObject(answer);

    const { servers } = JSON.parse((await get(gateway.url, '/v1/servers')).text) as { servers: { name: string; tools: number }[] };
    expect(servers.map(({ name, tools }) => [name, tools])).toEqual(
      ['planner', 'everything', 'files', 'memory'].map((server) => [server, own.filter((id) => id.startsWith(`${server}_`)).length]),
    );
  });
});

describe('a server of several', () => {
  const startTwo = async (more: Partial<Settings> = {}, environment: Record<string, string> = {}) => {
    const tools = ['work', 'x{y}', '../', 'a/b'].map((name) => toolOf(name));
    const server: RawMcpServer = closing(
      await RawMcpServer.start({ tools, on: { 'tools/call': (exchange) => exchange.result(said(exchange.message.params?.name)) } }),
    );
    const gateway = await start([httpUpstream(server.url, { name: 'raw' }), NOWHERE], more, environment);
    await untilPublished({ url: `${gateway.url}${more.pathPrefix ?? ''}` }, 'raw_work');
    return { server, gateway };
  };
  const said = (text: unknown) => ({ content: [{ type: 'text', text: `ran ${String(text)}` }] });

  it('[AC7] is called by its exact names alone, in its own document and by URL encoding', async () => {
    const { server, gateway } = await startTwo();
    const document = await fetched(gateway, '/raw/openapi.json');
    expect(idsOf(document).filter((id) => !/^[\w-]{1,64}$/.test(id))).toEqual([]);
    for (const [index, name] of ['work', 'x{y}', '../', 'a/b'].entries()) {
      const answer = { status: 200, text: JSON.stringify(`ran ${name}`) };
      expect(await post(gateway.url, `/raw${Object.keys(document.paths)[index]}`, {})).toMatchObject(answer);
      expect(await post(gateway.url, `/raw/${encodeURIComponent(name)}`, {})).toMatchObject(answer);
    }
    const calls = server.received('tools/call').length;
    for (const path of ['/raw/x%7Bz%7D', '/raw/xy', '/raw/a', '/raw/%2e%2e%2fwork', '/raw/raw_work', '/raw/wrk'])
      expect(await post(gateway.url, path, {})).toMatchObject({ status: 404, text: expect.stringMatching(/"type":"tool_not_found"/) });
    for (const path of ['/other/work', '/work', '/RAW/work', '/r%61w%2fwork'])
      expect(await post(gateway.url, path, {})).toMatchObject({ status: 404, text: expect.stringMatching(/"type":"not_found"/) });
    expect(server.received('tools/call')).toHaveLength(calls);
    expect(JSON.parse((await post(gateway.url, '/raw/wrk', {})).text)).toMatchObject({
      error: { message: 'There is no tool "wrk". Did you mean work?', details: { tool: 'wrk', closest: ['work'] } },
    });
  });

  it('[AC7] is answered without a redirect, also with a slash at the end', async () => {
    const { gateway } = await startTwo();
    for (const path of ['/openapi.json/', '/v1/openapi.json/', '/raw/openapi.json', '/raw/openapi.json/', '/raw/docs', '/raw/docs/'])
      expect({ path, status: (await get(gateway.url, path)).status }).toEqual({ path, status: 200 });
    for (const path of ['/raw/work/', '/v1/tools/raw_work/']) expect(await post(gateway.url, path, {})).toMatchObject({ status: 200 });
    expect((await get(gateway.url, '/other/openapi.json')).status).toBe(404);
    expect((await get(gateway.url, '/other/docs')).status).toBe(404);
  });

  it('[C4] has a page of Swagger UI, whose scripts are there', async () => {
    const { gateway } = await startTwo();
    const page = await get(gateway.url, '/raw/docs');
    expect(page.headers['content-type']).toBe('text/html; charset=utf-8');
    const assets = [...page.text.matchAll(/(?:href|src)="([^"]+)"/g)].map(([, url]) => url as string);
    expect(assets).toEqual(['/docs/swagger-ui.css', '/docs/swagger-ui-bundle.js', '/raw/docs/swagger-ui-init.js']);
    for (const asset of assets) expect({ asset, status: (await get(gateway.url, asset)).status }).toEqual({ asset, status: 200 });
    const script = told(await get(gateway.url, '/raw/docs/swagger-ui-init.js'));
    expect(script).toMatchObject({
      headers: { 'content-type': 'text/javascript; charset=utf-8' },
      text: expect.stringMatching(/^SwaggerUIBundle\(\{"url":"\/raw\/openapi.json",.*\}\);\n$/),
    });
    expect((await get(gateway.url, '/other/docs/swagger-ui-init.js')).status).toBe(404);
  });

  it('[C4][S5] guards its pages, and only them, by the headers that browsers read', async () => {
    const { gateway } = await startTwo();
    const guards = {
      'content-security-policy':
        "default-src 'self';base-uri 'self';font-src 'self' https: data:;form-action 'self';frame-ancestors 'self';img-src 'self' data:;object-src 'none';script-src 'self';script-src-attr 'none';style-src 'self' https: 'unsafe-inline'",
      'x-content-type-options': 'nosniff',
      'x-frame-options': 'SAMEORIGIN',
      'referrer-policy': 'no-referrer',
    };
    for (const page of ['/docs', '/docs/', '/docs/swagger-ui-init.js', '/raw/docs', '/raw/docs/swagger-ui-init.js']) {
      const { headers } = await get(gateway.url, page);
      expect(headers).toMatchObject(guards);
      expect(headers['strict-transport-security']).toBeUndefined();
    }
    for (const other of ['/openapi.json', '/raw/openapi.json', '/v1/tools/docs'])
      expect((await get(gateway.url, other)).headers).not.toHaveProperty('content-security-policy');
  });

  it('[E1][E8] keeps its document while it is down, and breaks no other', async () => {
    const { server, gateway } = await startTwo();
    const before = idsOf(await fetched(gateway, '/raw/openapi.json'));
    await server.stop();
    await until('the server to be missed', async () => (await post(gateway.url, '/raw/work', {})).status === 503);
    expect(idsOf(await fetched(gateway, '/raw/openapi.json'))).toEqual(before);
    await expect(publishedTools(gateway)).resolves.toHaveLength(before.length);
    expect(idsOf(await fetched(gateway, '/down/openapi.json'))).toEqual(['gateway_status']);
    expect(await post(gateway.url, '/down/gateway_status', {})).toMatchObject({
      status: 200,
      text: expect.stringMatching(/"name":"down"/),
    });
    expect(await post(gateway.url, '/down/work', {})).toMatchObject({ status: 503 });
  });

  it('[AC10][S6] is reported with what is known of it, those too that are not started', async () => {
    const headers = { authorization: 'Basic c2VjcmV0LWNhbmFyeQ==' };
    const server = closing(await RawMcpServer.start());
    const refusing = closing(
      await RawMcpServer.start({ on: { initialize: (exchange) => exchange.error(-32_001, `no: ${exchange.headers.authorization}`) } }),
    );
    const gateway = await start(
      [httpUpstream(server.url, { name: 'raw', headers }), httpUpstream(refusing.url, { name: 'down', headers, protocol: 'legacy' })],
      {
        inactiveServers: [{ name: 'off', state: 'disabled', reason: 'Disabled in the configuration.' }],
      },
      { API_KEYS: 'me:key-1234567890123456' },
    );
    await untilPublished(gateway, 'raw_work');
    expect(await get(gateway.url, '/v1/servers')).toMatchObject({ status: 401 });
    const authorization = 'Bearer key-1234567890123456';
    const report = await until('the failure to be known', async () => {
      const { text } = await get(gateway.url, '/v1/servers', { authorization });
      return text.includes('no: ') ? text : undefined;
    });
    expect(report).not.toMatch(/canary|c2Vjcm/);
    const since = expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/);
    expect(JSON.parse(report)).toEqual({
      servers: [
        {
          name: 'raw',
          state: 'up',
          since,
          transport: 'streamable-http',
          era: 'legacy',
          protocolVersion: '2025-11-25',
          serverInfo: { name: 'raw', version: '1' },
          tools: 1,
        },
        {
          name: 'down',
          state: 'degraded',
          since,
          transport: expect.any(String),
          tools: 0,
          lastError: expect.stringMatching(/no: \[hidden\]/),
        },
        { name: 'off', state: 'disabled', since, tools: 0, lastError: 'Disabled in the configuration.' },
      ],
    });
    const own = JSON.parse((await get(gateway.url, '/gateway/openapi.json')).text) as { paths: Record<string, object> };
    expect(Object.keys(own.paths['/v1/servers'] ?? {})).toEqual(['get']);
    expect((await get(gateway.url, '/off/openapi.json')).status).toBe(404);
    for (const path of ['/raw/work', '/work']) expect(await post(gateway.url, path, {})).toMatchObject({ status: 401 });
  });

  it('[AC7] is below the path prefix with everything else', async () => {
    const { gateway } = await startTwo({ pathPrefix: '/tools/mine' });
    for (const path of ['/openapi.json', '/raw/openapi.json', '/docs', '/raw/docs', '/gateway/openapi.json', '/v1/servers', '/health/live'])
      expect({ path, status: (await get(gateway.url, `/tools/mine${path}`)).status }).toEqual({ path, status: 200 });
    for (const path of [
      '/openapi.json',
      '/raw/openapi.json',
      '/docs',
      '/',
      '/tools/mineral/openapi.json',
      '/tools',
      '/healthx',
      '/health/../docs',
    ])
      expect({ path, status: (await get(gateway.url, path)).status }).toEqual({ path, status: 404 });
    for (const path of ['/health/live', '/metrics']) expect((await get(gateway.url, path)).status).toBe(200);
    const document = await fetched(gateway, '/tools/mine/openapi.json');
    expect(document.servers).toEqual([{ url: '/tools/mine' }]);
    expect(await post(gateway.url, `/tools/mine${Object.keys(document.paths)[0]}`, {})).toMatchObject({ status: 200 });
    expect(await post(gateway.url, '/tools/mine/raw/work', {})).toMatchObject({ status: 200 });
    expect(await post(gateway.url, '/raw/work', {})).toMatchObject({ status: 404 });
    expect((await get(gateway.url, '/tools/mine/raw/docs')).text).toContain('src="/tools/mine/raw/docs/swagger-ui-init.js"');
    expect((await get(gateway.url, '/tools/mine/raw/docs/swagger-ui-init.js')).text).toContain('"url":"/tools/mine/raw/openapi.json"');
    const initializer = await get(gateway.url, '/tools/mine/docs/swagger-ui-init.js');
    expect(initializer.text).toContain('"url": "/tools/mine/openapi.json"');
    const messageAt = async (path: string, method = 'GET') =>
      (JSON.parse((await request(gateway.url, path, { method })).text) as { error: { message: string } }).error.message;
    expect(await messageAt('/tools/mine/no?a=/no')).toBe(
      'There is nothing at GET /tools/mine/no. The tools are described at /tools/mine/openapi.json.',
    );
    expect(await messageAt('/tools/mine/v1/servers', 'PUT')).toBe('/tools/mine/v1/servers does not take PUT. Use GET, HEAD.');
  });

  it('[AC7] says in its document where a proxy in front serves it', async () => {
    const { gateway } = await startTwo({ rootPath: '/mcpo' });
    expect((await fetched(gateway, '/openapi.json')).servers).toEqual([{ url: '/mcpo' }]);
    expect((await fetched(gateway, '/v1/openapi.json')).servers).toEqual([{ url: '/mcpo/v1' }]);
    expect((await fetched(gateway, '/raw/openapi.json')).servers).toEqual([{ url: '/mcpo/raw' }]);
    expect((await fetched(gateway, '/gateway/openapi.json')).servers).toEqual([{ url: '/mcpo' }]);
    expect((await get(gateway.url, '/raw/docs/swagger-ui-init.js')).text).toContain('"url":"/mcpo/raw/openapi.json"');
  });

  it('[AC7] has the title and description of the settings where all are merged', async () => {
    const { gateway } = await startTwo({ documentTitle: 'Our tools', documentDescription: 'For us.' });
    expect((await fetched(gateway, '/openapi.json')).info).toEqual({
      title: 'Our tools',
      version: '0.1.0',
      description: 'For us.',
      ...ABOUT,
    });
    expect((await fetched(gateway, '/raw/openapi.json')).info).toEqual({
      title: 'raw',
      version: '1',
      description: 'The tools of the MCP server "raw".',
      ...ABOUT,
    });
  });
});

describe('a single server', () => {
  it('[AC1] is called at the root, where mcpo has its tools; our own routes win', async () => {
    const tools = ['work', 'health', 'docs'].map((name) => toolOf(name));
    const server = closing(await RawMcpServer.start({ tools }));
    const gateway = await start([httpUpstream(server.url, { name: 'default' })], { naming: 'bare' });
    await allListed(gateway.url);
    for (const path of ['/work', '/work/', '/default/work', '/v1/tools/work'])
      expect(await post(gateway.url, path, {})).toMatchObject({ status: 200, text: '"done"' });
    expect(await post(gateway.url, '/wrk', {})).toMatchObject({ status: 404, text: expect.stringContaining('Did you mean work?') });
    expect((await get(gateway.url, '/work')).status).toBe(405);
    expect((await request(gateway.url, '/docs')).headers['content-type']).toMatch(/html/);
    expect(idsOf(await fetched(gateway, '/default/openapi.json'))).toEqual(['work', 'health', 'docs']);
  });
});
