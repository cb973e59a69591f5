import { readSettings } from '../src/config/read-settings.js';
import { errorAnswer, get, jsonAnswer, post, told } from './support/exchange.ts';
import { PLANNER } from './support/built.ts';
import { startConfigured } from './support/configured-server.ts';
import { closesAfterEach } from './support/ends.ts';
import { type GatewayHere, startGatewayHere, stdioUpstream } from './support/gateway.ts';
import { allListed } from './support/listed.ts';
import { ROOT } from './support/processes.ts';

const closing = closesAfterEach();
const KEY = 'sk-a-key-of-tests';
const JSON_TYPE = 'application/json';
const WHOLE_TYPE = 'application/vnd.mcp+json';

type Node = Record<string, unknown>;
interface Response {
  readonly $ref?: string;
  readonly description: string;
  readonly headers?: Record<string, Node>;
  readonly content?: Record<string, { schema: Node }>;
}
interface Operation {
  readonly operationId?: string;
  readonly tags?: readonly string[];
  readonly security?: readonly Node[];
  readonly parameters?: readonly { $ref?: string; name: string; in: string; schema: Node }[];
  readonly requestBody: { readonly content: Record<string, { schema: Node; example?: unknown }> };
  readonly responses: Record<string, Response>;
}
interface Document {
  readonly info: Node;
  readonly servers: unknown;
  readonly security: unknown;
  readonly tags: readonly { name: string; description?: string }[];
  readonly paths: Record<string, Record<'get' | 'post', Operation>>;
  readonly components: { readonly securitySchemes?: Node; readonly responses: Record<string, Response>; readonly schemas: Node };
}

async function documentAt(url: string, path: string, headers: Record<string, string> = {}): Promise<Document> {
  return JSON.parse((await get(url, path, headers)).text) as Document;
}

/** What a reference inside the document leads to; anything else as it is. */
function followed<T extends { $ref?: string }>(document: Document, node: T): T {
  if (node.$ref === undefined) return node;
  const steps = node.$ref.split('/').slice(1);
  return steps.reduce<unknown>((inner, key) => (inner as Node)[key], document) as T;
}

const responseOf = (document: Document, { responses }: Operation, status: string) => followed(document, responses[status] as Response);

const tool = (name: string, more: object = {}) => ({ name, description: `Does ${name}.`, inputSchema: { type: 'object' }, ...more });
const N_SCHEMA = { type: 'object', properties: { n: { type: 'integer' } }, required: ['n'] };

async function startTools(tools: readonly unknown[], more: Partial<Parameters<typeof startConfigured>[0]> = {}) {
  return closing(await startConfigured({ tools, ...more }));
}

async function startPlanner(environment: Record<string, string> = {}, more = {}): Promise<GatewayHere> {
  const planner = stdioUpstream(`${ROOT}/${PLANNER}`, [], { name: 'planner' });
  const gateway = closing(await startGatewayHere(environment, [planner], more));
  await allListed(gateway.url);
  return gateway;
}

describe('the answers of an operation', () => {
  it('[AC7] are with an outputSchema that, or an array of it and what stands beside it', async () => {
    const result = { content: [{ type: 'text', text: 'Mind the gap.' }], structuredContent: { n: 1 } };
    const { gateway } = await startTools([tool('report', { outputSchema: N_SCHEMA })], { call: (exchange) => exchange.result(result) });
    const document = await documentAt(gateway.url, '/openapi.json');
    const { schema } = responseOf(document, document.paths['/v1/tools/raw_report']?.post as Operation, '200').content?.[JSON_TYPE] ?? {};
    expect(schema).toEqual({
      anyOf: [N_SCHEMA, { type: 'array', items: {}, minItems: 2, description: expect.stringContaining('beside') as string }],
    });
    expect(told(await post(gateway.url, '/raw/report', {}))).toEqual(jsonAnswer('[{"n":1},"Mind the gap."]'));
  });

  it('[AC7] say which types can come: the whole result always, text and images where no outputSchema forbids them', async () => {
    const { gateway } = await startTools([tool('free'), tool('typed', { outputSchema: N_SCHEMA })]);
    const document = await documentAt(gateway.url, '/openapi.json');
    const typesOf = (path: string) => Object.keys(responseOf(document, document.paths[path]?.post as Operation, '200').content ?? {});
    expect(typesOf('/v1/tools/raw_free')).toEqual([JSON_TYPE, WHOLE_TYPE, 'text/plain', 'image/*']);
    expect(typesOf('/v1/tools/raw_typed')).toEqual([JSON_TYPE, WHOLE_TYPE]);
    const [free] = Object.values(document.paths);
    const whole = responseOf(document, free?.post as Operation, '200').content?.[WHOLE_TYPE]?.schema as Node;
    expect(followed(document, whole)).toMatchObject({ type: 'object', properties: { content: { type: 'array' }, structuredContent: {} } });
  });

  it('[AC7] say that a page can come where its server may show some', async () => {
    const { gateway } = await startTools([tool('free')], { entry: { inlineHtml: true } });
    const document = await documentAt(gateway.url, '/openapi.json');
    const { content } = responseOf(document, document.paths['/v1/tools/raw_free']?.post as Operation, '200');
    expect(Object.keys(content ?? {})).toContain('text/html');
  });

  it.each(['401', '403', '413', '415', '500'])('[AC7] tell of %s', async (status) => {
    const { gateway } = await startTools([tool('free')], { environment: { API_KEYS: KEY } });
    for (const path of ['/openapi.json', '/v1/openapi.json', '/v1/tools/raw_free', '/raw/openapi.json']) {
      const document = await documentAt(gateway.url, path, { authorization: `Bearer ${KEY}` });
      const [item] = Object.values(document.paths);
      const { description, content } = responseOf(document, item?.post as Operation, status);
      expect({ description, types: Object.keys(content ?? {}) }).toEqual({
        description: expect.stringMatching(/\w/) as string,
        types: [JSON_TYPE, 'application/problem+json'],
      });
    }
  });

  it('[AC7] say which headers they have', async () => {
    const { gateway } = await startTools([tool('free')]);
    const document = await documentAt(gateway.url, '/openapi.json');
    const operation = document.paths['/v1/tools/raw_free']?.post as Operation;
    const headersOf = (status: string) => Object.keys(responseOf(document, operation, status).headers ?? {});
    const limits = ['RateLimit', 'RateLimit-Policy'];
    expect(headersOf('200')).toEqual(expect.arrayContaining(['X-Correlation-Id', 'X-Output-Schema', ...limits]));
    expect(headersOf('429')).toEqual(expect.arrayContaining(['X-Correlation-Id', 'Retry-After', ...limits]));
    expect(headersOf('503')).toEqual(expect.arrayContaining(['X-Correlation-Id', 'Retry-After']));
    for (const status of Object.keys(operation.responses)) expect(headersOf(status)).toContain('X-Correlation-Id');
  });

  it('[AC7] of a description of the tool are told where its path takes GET, in an operation that no chat takes for a tool', async () => {
    const { gateway } = await startTools([tool('free')]);
    for (const path of ['/openapi.json', '/v1/openapi.json']) {
      const document = await documentAt(gateway.url, path);
      const [item] = Object.values(document.paths);
      expect(item?.get.parameters?.map((parameter) => followed(document, parameter))).toMatchObject([
        { name: 'format', in: 'query', schema: { type: 'string', enum: ['openapi', 'mcp'] } },
      ]);
      expect(item?.get).toMatchObject({
        responses: { '200': expect.anything() as object, '400': expect.anything() as object, '404': expect.anything() as object },
      });
      expect(item?.get).not.toHaveProperty('operationId');
    }
    const own = await documentAt(gateway.url, '/raw/openapi.json');
    expect(Object.keys(own.paths['/free'] ?? {})).toEqual(['post']);
  });
});

describe('security', () => {
  const DOCUMENTS = ['/openapi.json', '/v1/openapi.json', '/v1/tools/raw_free', '/raw/openapi.json'];
  const authorization = `Bearer ${KEY}`;

  it.each(DOCUMENTS)('[AC7] [S1] of %s asks for a key where there are some', async (path) => {
    const { gateway } = await startTools([tool('free')], { environment: { API_KEYS: KEY } });
    const { security, components } = await documentAt(gateway.url, path, { authorization });
    expect(security).toEqual([{ bearerAuth: [] }]);
    expect(components.securitySchemes).toMatchObject({ bearerAuth: { type: 'http', scheme: 'bearer' } });
  });

  it.each(DOCUMENTS)('[AC7] of %s asks for nothing where there is no key', async (path) => {
    const { gateway } = await startTools([tool('free')]);
    const { security, components } = await documentAt(gateway.url, path);
    expect(security).toEqual([]);
    expect(components.securitySchemes).toBeUndefined();
  });

  const neededAt = (document: Document, path: string, method: 'get' | 'post') =>
    document.paths[path]?.[method].security ?? document.security;

  it("[AC7] [S1] of the gateway's own document says for each endpoint whether it needs a key", async () => {
    const { gateway } = await startTools([tool('free')], { environment: { API_KEYS: KEY } });
    const document = await documentAt(gateway.url, '/gateway/openapi.json');
    expect(document.components.securitySchemes).toEqual({
      bearerAuth: expect.objectContaining({ type: 'http', scheme: 'bearer' }) as object,
    });
    const needed = [{ bearerAuth: [] }];
    expect(neededAt(document, '/v1/tools', 'post')).toEqual(needed);
    expect(neededAt(document, '/v1/tools/{name}', 'post')).toEqual(needed);
    expect(neededAt(document, '/v1/servers', 'get')).toEqual(needed);
    expect(neededAt(document, '/openapi.json', 'get')).toEqual([{}, ...needed]);
    for (const path of ['/health', '/health/live', '/ready', '/metrics']) expect(neededAt(document, path, 'get')).toEqual([]);
  });

  it("[AC7] [S1] of the gateway's own document says that documents need a key with --strict-auth, and nothing does without keys", async () => {
    const strict = await startTools([tool('free')], { environment: { API_KEYS: KEY }, settings: { strictAuth: true } });
    const document = await documentAt(strict.gateway.url, '/gateway/openapi.json', { authorization });
    for (const path of ['/openapi.json', '/v1/tools', '/{server}/openapi.json'])
      expect(neededAt(document, path, 'get')).toEqual([{ bearerAuth: [] }]);
    const open = await startTools([tool('free')]);
    const { paths, security, components } = await documentAt(open.gateway.url, '/gateway/openapi.json');
    expect(components.securitySchemes).toBeUndefined();
    expect(JSON.stringify([paths, security])).not.toContain('bearer');
  });
});

describe('servers of a document', () => {
  const DOCUMENTS = ['/openapi.json', '/v1/openapi.json', '/raw/openapi.json', '/gateway/openapi.json'];
  const serversAt = async ({ url }: GatewayHere, prefix = '') =>
    Promise.all(DOCUMENTS.map(async (path) => (await documentAt(url, `${prefix}${path}`)).servers));
  const toldAt = (base: string) => [[{ url: base || '/' }], [{ url: `${base}/v1` }], [{ url: `${base}/raw` }], [{ url: base || '/' }]];

  it('[AC7] are never absent', async () => {
    expect(await serversAt((await startTools([tool('free')])).gateway)).toEqual(toldAt(''));
  });

  it.each([
    ['https://gw.example', {}, 'https://gw.example'],
    ['https://gw.example/', {}, 'https://gw.example'],
    ['https://gw.example/mcpo/', {}, 'https://gw.example/mcpo'],
    ['https://gw.example', { pathPrefix: '/tools' }, 'https://gw.example/tools'],
    ['https://gw.example/tools', { pathPrefix: '/tools' }, 'https://gw.example/tools'],
    ['https://gw.example', { rootPath: '/mcpo', pathPrefix: '/tools' }, 'https://gw.example/mcpo/tools'],
    ['https://gw.example/mcpo', { rootPath: '/mcpo', pathPrefix: '/tools' }, 'https://gw.example/mcpo/tools'],
  ])('[AC7] [ENV] are with PUBLIC_URL=%s and %j at %s', async (publicUrl, settings: { pathPrefix?: string }, base) => {
    const { gateway } = await startTools([tool('free')], { environment: { PUBLIC_URL: publicUrl }, settings });
    expect(await serversAt(gateway, settings.pathPrefix)).toEqual(toldAt(base));
  });

  it.each([
    ['https://gw.example', {}, ''],
    ['https://gw.example/mcpo/', {}, '/mcpo'],
    ['https://gw.example/mcpo', { pathPrefix: '/tools' }, '/mcpo/tools'],
    ['https://gw.example/mcpo/tools', { rootPath: '/mcpo', pathPrefix: '/tools' }, '/mcpo/tools'],
  ])('[C4] [ENV] are with PUBLIC_URL=%s and %j where pages look for their documents: below %s', async (publicUrl, settings, base) => {
    const { gateway } = await startTools([tool('free')], { environment: { PUBLIC_URL: publicUrl }, settings });
    const { pathPrefix = '' }: { pathPrefix?: string } = settings;
    const textAt = async (path: string) => (await get(gateway.url, `${pathPrefix}${path}`)).text;
    const page = await textAt('/docs/swagger-ui-init.js');
    for (const path of ['/openapi.json', '/gateway/openapi.json']) expect(page).toContain(`"url": "${base}${path}"`);
    expect(await textAt('/raw/docs')).toContain(`src="${base}/docs/swagger-ui-bundle.js"`);
    expect(await textAt('/raw/docs')).toContain(`src="${base}/raw/docs/swagger-ui-init.js"`);
    expect(await textAt('/raw/docs/swagger-ui-init.js')).toContain(`"url":"${base}/raw/openapi.json"`);
  });

  it.each(['gw.example', 'ftp://gw.example', 'https://user:secret@gw.example', 'https://gw.example/?a=1', 'https://gw.example/#a'])(
    '[ENV] PUBLIC_URL=%s is refused',
    (publicUrl) => {
      const message = 'PUBLIC_URL: must be an http:// or https:// URL without user, password, query and fragment';
      expect(() => readSettings({ PUBLIC_URL: publicUrl })).toThrow(message);
    },
  );
});

describe('the rest of a document', () => {
  it('[AC7] declares the tags that its operations have, its licence and whom to ask', async () => {
    const { gateway } = await startTools([tool('free')]);
    for (const path of ['/openapi.json', '/v1/openapi.json', '/raw/openapi.json', '/v1/tools/raw_free', '/gateway/openapi.json']) {
      const { info, tags, paths } = await documentAt(gateway.url, path);
      expect(info).toMatchObject({ license: { name: 'MIT', identifier: 'MIT' }, contact: { name: expect.stringMatching(/\w/) as string } });
      const used = Object.values(paths).flatMap((item) => Object.values(item).flatMap((operation) => operation.tags ?? ['none']));
      expect({ path, tags: tags.map(({ name }) => name).sort() }).toEqual({ path, tags: [...new Set(used)].sort() });
      for (const { description } of tags) expect(description).toMatch(/\w/);
    }
  });

  it('[C4] prefills the body of a tool in Swagger UI with arguments that it takes', async () => {
    const gateway = await startPlanner();
    const document = await documentAt(gateway.url, '/openapi.json');
    const { example } = document.paths['/v1/tools/create_task']?.post.requestBody.content[JSON_TYPE] ?? {};
    expect(example).toEqual({ title: 'Review quarterly reports', due_date: '2025-10-15' });
    expect((await post(gateway.url, '/v1/tools/create_task', example)).status).toBe(200);
  });

  it('[C4] prefills what is required alone where the tool gives no example', async () => {
    const inputSchema = {
      type: 'object',
      properties: {
        id: { type: 'string', minLength: 8 },
        kind: { enum: ['x', 'y'] },
        count: { type: 'integer', minimum: 3 },
        tags: { type: 'array', items: { type: 'string' }, minItems: 1 },
        when: { type: 'object', properties: { day: { type: 'string', format: 'date' }, note: { type: 'string' } }, required: ['day'] },
        sure: { type: 'boolean', default: true },
        parent: { type: 'string' },
      },
      required: ['id', 'kind', 'count', 'tags', 'when', 'sure'],
    };
    const { gateway } = await startTools([tool('free', { inputSchema }), tool('empty')]);
    const { paths } = await documentAt(gateway.url, '/openapi.json');
    const exampleOf = (name: string) => paths[`/v1/tools/raw_${name}`]?.post.requestBody.content[JSON_TYPE]?.example;
    expect(exampleOf('empty')).toEqual({});
    const example = exampleOf('free');
    expect(example).toEqual({
      id: expect.stringMatching(/^.{8,}$/) as string,
      kind: 'x',
      count: 3,
      tags: [expect.any(String) as string],
      when: { day: expect.stringMatching(/^\d{4}-\d\d-\d\d$/) as string },
      sure: true,
    });
    expect((await post(gateway.url, '/raw/free', example)).status).toBe(200);
  });
});

describe('errors', () => {
  it.each(['application/problem+json', 'application/problem+json, application/json;q=0.9'])(
    '[AC3] are problem details (RFC 9457) with the same fields for Accept: %s',
    async (accept) => {
      const { gateway } = await startTools([tool('free', { inputSchema: N_SCHEMA })]);
      const { error } = JSON.parse((await post(gateway.url, '/raw/free', {})).text) as { error: Node };
      const { status, headers, text } = await post(gateway.url, '/raw/free', {}, { accept });
      expect({ status, type: headers['content-type'], body: JSON.parse(text) as unknown }).toEqual({
        status: 400,
        type: 'application/problem+json; charset=utf-8',
        body: { ...error, title: 'Bad Request', status: 400, detail: error['message'] },
      });
      const lost = await get(gateway.url, '/nowhere', { accept });
      expect(JSON.parse(lost.text)).toMatchObject({
        type: 'not_found',
        title: 'Not Found',
        status: 404,
        detail: expect.any(String) as string,
      });
    },
  );

  it.each(['*/*', 'application/json', 'application/json, application/problem+json', 'application/problem+json;q=0.5, application/json'])(
    '[AC3] are the usual ones for Accept: %s',
    async (accept) => {
      const { gateway } = await startTools([tool('free', { inputSchema: N_SCHEMA })]);
      const usual = told(await post(gateway.url, '/raw/free', {}));
      expect(told(await post(gateway.url, '/raw/free', {}, { accept }))).toEqual(usual);
    },
  );

  it.each(['/v1/tools?format=xml', '/v1/tools?format=', '/v1/tools?format=mcp&format=mcp', '/v1/tools/raw_free?format=MCP'])(
    '[E5] %s is 400',
    async (path) => {
      const { gateway } = await startTools([tool('free')]);
      const problem = { field: 'format', issue: 'must be one of openapi, mcp' };
      const message = 'Invalid params: format: must be one of openapi, mcp';
      const expected = errorAnswer(400, { type: 'validation_error', message, details: { ...problem, problems: [problem] } });
      expect(told(await get(gateway.url, path))).toEqual(expected);
    },
  );

  it('[AC3] [E1] of an overload have a type of their own, and say the reason', async () => {
    const { gateway } = await startTools([tool('free')], { settings: { maxConnections: 1 }, call: () => undefined });
    const aborted = new AbortController();
    const first = fetch(`${gateway.url}/raw/free`, {
      method: 'POST',
      body: '{}',
      headers: { 'content-type': JSON_TYPE },
      signal: aborted.signal,
    }).catch(() => undefined);
    let refused = await post(gateway.url, '/raw/free', 'nonsense');
    for (let tries = 0; refused.status !== 503 && tries < 100; tries += 1) refused = await post(gateway.url, '/raw/free', 'nonsense');
    aborted.abort();
    await first;
    const { error } = JSON.parse(refused.text) as { error: Node };
    expect({ status: refused.status, error }).toEqual({
      status: 503,
      error: {
        type: 'overloaded',
        message:
          'Service temporarily unavailable: the gateway serves no more than 1 calls at once (MAX_CONNECTIONS); the tool did not run.',
        details: { reason: expect.stringContaining('MAX_CONNECTIONS') as string, limit: 1 },
        correlation_id: 'test-id',
        retry_after: 1,
      },
    });
  });

  describe('of validation have one shape, whoever judges', () => {
    const refuse = async (data: unknown, message = 'Invalid params') => {
      const { gateway } = await startTools([tool('free')], { call: (exchange) => exchange.error(-32_602, message, data) });
      const { error } = JSON.parse((await post(gateway.url, '/raw/free', {})).text) as { error: { message: string; details: Node } };
      return error;
    };
    const one = { field: 'due.days[0]', issue: 'must be a date' };

    it.each([
      ['field and issue', { field: 'due.days[0]', issue: 'must be a date' }],
      ['a JSON pointer', { field: '/due/days/0', issue: 'must be a date' }],
      ['a JSONPath', { field: "$.due['days'][0]", issue: 'must be a date' }],
      ['dots', { field: 'due.days.0', issue: 'must be a date' }],
      ["ajv's errors", [{ instancePath: '/due/days/0', keyword: 'format', message: 'must be a date' }]],
      ["zod's issues", { issues: [{ path: ['due', 'days', 0], code: 'x', message: 'must be a date' }] }],
      ["pydantic's errors", { errors: [{ loc: ['due', 'days', 0], type: 'x', msg: 'must be a date' }] }],
      ['problems', { problems: [{ field: 'due.days[0]', issue: 'must be a date' }] }],
    ])('[AC3] [E5] by %s', async (_, data) => {
      expect((await refuse(data)).details).toMatchObject({ ...one, problems: [one] });
    });

    it('[AC3] [E5] where the server says nothing but words', async () => {
      const { message, details } = await refuse(undefined, 'days must be dates');
      const problem = { field: 'arguments', issue: 'days must be dates' };
      expect({ message, details }).toEqual({ message: 'days must be dates', details: { ...problem, problems: [problem] } });
    });
  });
});

describe('pages of other origins', () => {
  const origin = 'http://localhost:3000';

  it('[S2] may send traceparent and x-request-id', async () => {
    const { gateway } = await startTools([tool('free')]);
    const response = await fetch(`${gateway.url}/raw/free`, {
      method: 'OPTIONS',
      headers: { origin, 'access-control-request-method': 'POST' },
    });
    const allowed = (response.headers.get('access-control-allow-headers') ?? '').split(',');
    expect(allowed).toEqual(expect.arrayContaining(['traceparent', 'x-request-id']));
  });

  it('[S2] may read X-Output-Schema', async () => {
    const { gateway } = await startTools([tool('free')]);
    const { headers } = await post(gateway.url, '/raw/free', {}, { origin });
    expect(`${headers['access-control-expose-headers']}`.split(',')).toContain('X-Output-Schema');
  });
});
