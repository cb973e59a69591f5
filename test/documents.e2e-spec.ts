import { gunzipSync } from 'node:zlib';
import { PLANNER } from './support/built.ts';
import { errorAnswer, type Exchange, get, ID, post, request, told } from './support/exchange.ts';
import { type GatewayHere, startGatewayHere, stdioUpstream } from './support/gateway.ts';
import { allListed } from './support/listed.ts';
import { ROOT } from './support/processes.ts';

interface Operation {
  readonly operationId: string;
  readonly summary: string;
  readonly description: string;
  readonly requestBody: { readonly content: { readonly 'application/json': { readonly schema: Schema } } };
  readonly responses: Record<string, unknown>;
}
interface OpenApi {
  readonly openapi: string;
  readonly info: { readonly title: string; readonly version: string; readonly description: string };
  readonly security: unknown;
  readonly paths: Record<string, Record<string, Operation>>;
  readonly components: { readonly securitySchemes: unknown };
}
type Schema = Record<string, unknown>;

const PLANNER_TOOLS = [
  'list_plans',
  'create_plan',
  'list_buckets',
  'list_tasks',
  'get_task',
  'create_task',
  'update_task',
  'complete_task',
  'delete_task',
  'search_tasks',
  'import_tasks',
  'plan_report',
];
const ROUTES = [
  '/openapi.json',
  '/v1/openapi.json',
  '/v1/tools',
  '/v1/tools?format=mcp',
  '/v1/tools/create_task',
  '/v1/tools/create_task?format=mcp',
];
const DOCUMENT_HEADERS = {
  'x-correlation-id': ID,
  'content-type': 'application/json; charset=utf-8',
  'cache-control': 'no-cache',
  vary: 'Accept-Encoding',
};

describe('documents', () => {
  let gateway: GatewayHere;
  const fetched = async <T = OpenApi>(path: string): Promise<T> => JSON.parse((await get(gateway.url, path)).text) as T;

  beforeAll(async () => {
    gateway = await startGatewayHere();
    await allListed(gateway.url);
  });
  afterAll(() => gateway.close());

  describe('as OpenAPI', () => {
    it.each([
      ['/openapi.json', '/v1/tools'],
      ['/v1/openapi.json', '/tools'],
      ['/v1/tools', '/tools'],
    ])('[AC7][EP2] %s lists the tools with paths relative to its base (contract 1)', async (path, prefix) => {
      const exchange = await get(gateway.url, path);
      const document = JSON.parse(exchange.text) as OpenApi;
      expect({ status: exchange.status, headers: exchange.headers }).toEqual({
        status: 200,
        headers: { ...DOCUMENT_HEADERS, etag: expect.stringMatching(/^"[\w-]{22}"$/) },
      });
      expect(document).toMatchObject({
        openapi: '3.1.0',
        info: { title: 'MCP tools', version: '0.1.0', description: expect.stringMatching(/^A planner: plans hold buckets/) },
        security: [],
      });
      expect(Object.keys(document.paths)).toEqual(PLANNER_TOOLS.map((name) => `${prefix}/${name}`));
      expect(Object.values(document.paths).map((item) => Object.keys(item))).toEqual(PLANNER_TOOLS.map(() => ['post', 'get']));
    });

    it('[AC7] gives the same operations at every base', async () => {
      const operations = async (path: string) => Object.values((await fetched(path)).paths);
      const root = await operations('/openapi.json');
      expect(await operations('/v1/openapi.json')).toEqual(root);
      expect(await operations('/v1/tools')).toEqual(root);
    });

    it('[AC7] leads from each path of each document to the tool', async () => {
      for (const [document, base] of [
        ['/openapi.json', ''],
        ['/v1/openapi.json', '/v1'],
      ] as const) {
        const path = Object.keys((await fetched(document)).paths)[0] as string;
        expect((await post(gateway.url, `${base}${path}`, {})).status).toBe(200);
      }
    });

    it('[AC7][EP2] describes one tool alone', async () => {
      const all = await fetched('/v1/openapi.json');
      const one = await fetched('/v1/tools/create_task');
      expect(one).toEqual({ ...all, paths: { '/tools/create_task': all.paths['/tools/create_task'] } });
    });
  });

  describe('as MCP lists them', () => {
    it('[EP2] gives every tool as the server wrote it', async () => {
      const { tools } = await fetched<{ tools: { name: string }[] }>('/v1/tools?format=mcp');
      expect(tools.map(({ name }) => name)).toEqual(PLANNER_TOOLS);
      expect(tools.find(({ name }) => name === 'get_task')).toEqual({
        name: 'get_task',
        title: 'Get a task',
        description: expect.stringMatching(/^Get one task by its id/),
        inputSchema: { type: 'object', properties: { task_id: expect.any(Object) }, required: ['task_id'], additionalProperties: false },
        outputSchema: expect.objectContaining({ type: 'object' }),
        annotations: { readOnlyHint: true, openWorldHint: false },
      });
    });

    it('[EP2] gives one tool alone', async () => {
      const { tools } = await fetched<{ tools: { name: string }[] }>('/v1/tools?format=mcp');
      expect(await fetched('/v1/tools/create_task?format=mcp')).toEqual(tools.find(({ name }) => name === 'create_task'));
    });
  });

  it.each(['/v1/tools/create_tsk', '/v1/tools/create_tsk?format=mcp'])('[EP2] %s: 404 names the closest tools', async (path) => {
    const message = 'There is no tool "create_tsk". Did you mean create_task?';
    const expected = errorAnswer(404, { type: 'tool_not_found', message, details: { tool: 'create_tsk', closest: ['create_task'] } });
    expect(told(await get(gateway.url, path))).toEqual(expected);
  });

  describe.each(ROUTES)('%s', (path) => {
    let plain: Exchange;
    beforeAll(async () => (plain = await get(gateway.url, path)));

    it('[AC7] is the same with a trailing slash, and never redirects (contract 6)', async () => {
      const [route, query] = path.split('?');
      expect(await get(gateway.url, `${route}/${query ? `?${query}` : ''}`)).toEqual(plain);
      expect(plain.status).toBe(200);
    });

    it.each(['Bearer sk-whatever', 'Bearer ', 'Basic eA=='])(
      '[AC7] is the same with "Authorization: %s" (contract 1)',
      async (authorization) => {
        expect(await get(gateway.url, path, { authorization })).toEqual(plain);
      },
    );

    it('[AC7] answers 304 to who has it already, strongly, weakly, or among others', async () => {
      const etag = plain.headers.etag as string;
      const gzipEtag = `${etag.slice(0, -1)}-gzip"`;
      for (const given of [etag, `W/${etag}`, gzipEtag, `"other", W/"more", ${etag}`, `"other",W/${gzipEtag}`, '*']) {
        const { status, headers, text } = await get(gateway.url, path, { 'if-none-match': given });
        expect({ given, status, text, etag: headers.etag, cache: headers['cache-control'], vary: headers.vary }).toEqual({
          given,
          status: 304,
          text: '',
          etag,
          cache: 'no-cache',
          vary: 'Accept-Encoding',
        });
      }
    });

    it('[AC7] answers whole to who has another one', async () => {
      for (const given of ['"other"', `"x${plain.headers.etag?.slice(1)}`, '', 'W/"a", "b"'])
        expect(await get(gateway.url, path, { 'if-none-match': given })).toEqual(plain);
    });

    it('[AC7] is compressed for who asks, under an ETag of its own', async () => {
      const { headers, bytes, status } = await get(gateway.url, path, { 'accept-encoding': 'br;q=1, gzip;q=0.9' });
      const etag = `${plain.headers.etag?.slice(0, -1)}-gzip"`;
      expect({ status, headers }).toEqual({ status: 200, headers: { ...DOCUMENT_HEADERS, etag, 'content-encoding': 'gzip' } });
      expect(gunzipSync(bytes).equals(plain.bytes)).toBe(true);
      expect(bytes.length).toBeLessThan(plain.bytes.length);
      expect((await get(gateway.url, path, { 'accept-encoding': 'gzip', 'if-none-match': etag })).status).toBe(304);
      expect(await get(gateway.url, path, { 'accept-encoding': 'gzip;q=0' })).toEqual(plain);
    });

    it('[AC7] has headers without a body for HEAD', async () => {
      const { status, headers, text } = await request(gateway.url, path, { method: 'HEAD' });
      expect({ status, headers, text }).toEqual({ status: 200, headers: plain.headers, text: '' });
    });
  });

  it('[AC7] tells a 304 nothing of a body (RFC 9110 8.6)', async () => {
    const { etag } = (await get(gateway.url, '/openapi.json')).headers;
    const response = await fetch(`${gateway.url}/openapi.json`, { headers: { 'if-none-match': etag as string } });
    expect({ status: response.status, length: response.headers.get('content-length') }).toEqual({ status: 304, length: null });
  });

  describe('Swagger UI', () => {
    it.each(['/docs', '/docs/'])('[C4] %s loads, with all that it refers to', async (path) => {
      const page = await get(gateway.url, path);
      expect({ status: page.status, type: page.headers['content-type'] }).toEqual({ status: 200, type: 'text/html; charset=utf-8' });
      expect(page.text).toContain('<title>mcpo-proxy</title>');
      const assets = [...page.text.matchAll(/(?:src|href)="(\.\/[^"]+)"/g)].map(
        ([, asset]) => new URL(asset as string, `${gateway.url}${path}`).pathname,
      );
      expect(new Set(assets)).toEqual(
        new Set(
          [
            'swagger-ui.css',
            'favicon-32x32.png',
            'favicon-16x16.png',
            'swagger-ui-bundle.js',
            'swagger-ui-standalone-preset.js',
            'swagger-ui-init.js',
          ].map((name) => `/docs/${name}`),
        ),
      );
      for (const asset of assets) {
        const { status, bytes } = await get(gateway.url, asset);
        expect({ asset, status, isEmpty: bytes.length === 0 }).toEqual({ asset, status: 200, isEmpty: false });
      }
    });

    it('[C4] offers both documents, the tools first, each read when it is shown', async () => {
      const { text } = await get(gateway.url, '/docs/swagger-ui-init.js');
      const options = JSON.parse(/"customOptions": (\{[\s\S]*?\n {2}\})/.exec(text)?.[1] ?? '{}') as Record<string, unknown>;
      expect(options).toMatchObject({
        urls: [
          { name: 'Tools', url: '/openapi.json' },
          { name: 'Gateway', url: '/gateway/openapi.json' },
        ],
        'urls.primaryName': 'Tools',
        tryItOutEnabled: true,
      });
    });

    it("[C4] has a second document for the gateway's own endpoints", async () => {
      const document = await fetched('/gateway/openapi.json');
      expect({ openapi: document.openapi, title: document.info.title }).toEqual({ openapi: '3.1.0', title: 'mcpo-proxy' });
      expect(Object.fromEntries(Object.entries(document.paths).map(([path, item]) => [path, Object.keys(item)]))).toMatchObject({
        '/openapi.json': ['get'],
        '/v1/openapi.json': ['get'],
        '/v1/tools': ['get', 'post'],
        '/v1/tools/{name}': ['get', 'post'],
        '/health': ['get'],
        '/health/mcp': ['get'],
        '/health/redis': ['get'],
        '/health/openwebui': ['get'],
        '/health/live': ['get'],
        '/ready': ['get'],
        '/metrics': ['get'],
      });
      const operations = Object.values(document.paths).flatMap((item) => Object.values(item));
      expect(new Set(operations.map(({ operationId }) => operationId)).size).toBe(operations.length);
      expect(operations.filter(({ responses }) => Object.keys(responses).length === 0)).toEqual([]);
      expect(unresolvedReferences(document)).toEqual([]);
    });
  });
});

describe('documents of real servers', () => {
  let gateway: GatewayHere;
  let document: OpenApi;
  const server = (name: string, args: string[] = []) =>
    stdioUpstream(`${ROOT}/node_modules/@modelcontextprotocol/server-${name}/dist/index.js`, args, { name });

  beforeAll(async () => {
    const planner = stdioUpstream(`${ROOT}/${PLANNER}`, [], { name: 'planner' });
    gateway = await startGatewayHere({}, [planner, server('everything'), server('filesystem', ['/tmp']), server('memory')]);
    await allListed(gateway.url);
    document = JSON.parse((await get(gateway.url, '/openapi.json')).text) as OpenApi;
  });
  afterAll(() => gateway.close());

  const operations = () => Object.values(document.paths).map((item) => item.post as Operation);

  it('[AC7] holds the tools of every server (contract 2)', () => {
    const ids = operations().map(({ operationId }) => operationId);
    for (const name of ['create_task', 'echo', 'read_text_file', 'create_entities'])
      expect(ids.filter((id) => id.endsWith(name))).toHaveLength(1);
    expect(new Set(ids).size).toBe(ids.length);
    expect(ids.filter((id) => !/^[a-zA-Z0-9_-]{1,64}$/.test(id))).toEqual([]);
    expect(Object.keys(document.paths)).toEqual(ids.map((id) => `/v1/tools/${id}`));
  });

  it('[AC7] says of every operation what it does and takes (contract 2)', () => {
    const wordless = operations().filter(({ summary, description }) => !summary || !description);
    expect(wordless).toEqual([]);
    for (const { operationId, requestBody } of operations()) {
      expect({ operationId, schema: requestBody.content['application/json'].schema }).toEqual({
        operationId,
        schema: expect.objectContaining({ type: 'object', properties: expect.any(Object) }),
      });
    }
    expect(unresolvedReferences(document)).toEqual([]);
  });

  it('[AC7] publishes only schemas that the reader of Open WebUI understands', () => {
    const problems = operations().flatMap(({ operationId, requestBody }) =>
      problemsOf(requestBody.content['application/json'].schema, operationId),
    );
    expect(problems).toEqual([]);
  });

  it('[AC7] tells the tools apart in the first 100 characters of their descriptions', () => {
    const starts = operations().map(({ description }) => description.slice(0, 100));
    expect(new Set(starts).size).toBe(starts.length);
  });
});

/** Everything in a schema that Open WebUI stumbles over, by place. */
function problemsOf(schema: unknown, place: string): string[] {
  if (typeof schema !== 'object' || schema === null || Array.isArray(schema)) return [`${place} is ${JSON.stringify(schema)}`];
  const { type, properties, items, anyOf, required } = schema as Schema;
  const forbidden = ['$ref', '$defs', 'definitions', 'oneOf', 'allOf', 'const'].filter((keyword) => keyword in schema);
  return [
    ...forbidden.map((keyword) => `${place} has ${keyword}`),
    ...(type === undefined && anyOf === undefined ? [`${place} has no type`] : []),
    ...(required === null ? [`${place} has required: null`] : []),
    ...Object.entries((properties ?? {}) as Schema).flatMap(([name, property]) => problemsOf(property, `${place}.${name}`)),
    ...(items === undefined ? [] : problemsOf(items, `${place}[]`)),
    ...((anyOf ?? []) as unknown[]).flatMap((variant, index) => problemsOf(variant, `${place}|${index}`)),
  ];
}

/** The `$ref`s of a document that lead nowhere inside it. */
function unresolvedReferences(document: unknown): string[] {
  const references = [...JSON.stringify(document).matchAll(/"\$ref":"([^"]*)"/g)].map(([, reference]) => reference as string);
  const target = (reference: string) =>
    reference
      .split('/')
      .slice(1)
      .reduce<unknown>((node, key) => (node as Record<string, unknown> | undefined)?.[key], document);
  return references.filter((reference) => !reference.startsWith('#/components/') || target(reference) === undefined);
}
