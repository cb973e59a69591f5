import { get } from './support/exchange.ts';
import { type GatewayHere, startGatewayHere } from './support/gateway.ts';
import { allListed } from './support/listed.ts';

type Node = Record<string, unknown>;
interface Media {
  readonly schema?: Node;
  readonly example?: unknown;
}
interface Answer {
  readonly $ref?: string;
  readonly description: string;
  readonly content?: Record<string, Media>;
}
interface Operation {
  readonly operationId: string;
  readonly summary: string;
  readonly parameters?: readonly { name: string; in: string; schema: Node }[];
  readonly requestBody?: { readonly content: Record<string, Media> };
  readonly responses: Record<string, Answer>;
}
interface Document {
  readonly paths: Record<string, Record<string, Operation>>;
  readonly components: Record<string, Record<string, unknown>>;
}

describe("the gateway's own document", () => {
  let gateway: GatewayHere;
  let document: Document;

  beforeAll(async () => {
    gateway = await startGatewayHere();
    await allListed(gateway.url);
    document = JSON.parse((await get(gateway.url, '/gateway/openapi.json')).text) as Document;
  });
  afterAll(() => gateway.close());

  const operations = () =>
    Object.entries(document.paths).flatMap(([path, item]) =>
      Object.entries(item).map(([method, operation]) => ({ path, method, operation })),
    );
  const answersOf = ({ responses }: Operation) =>
    Object.entries(responses).map(([status, answer]) => ({
      status,
      answer: answer.$ref ? (document.components['responses']?.[answer.$ref.split('/').pop() as string] as Answer) : answer,
    }));

  it('[C4] has for each answer a schema and an example', () => {
    const bare = operations().flatMap(({ path, method, operation }) =>
      answersOf(operation)
        .filter(({ status, answer }) => {
          if (status === '304') return false;
          const media = Object.values(answer.content ?? {});
          const isTyped = media.every(({ schema }) => schema !== undefined && Object.keys(schema).length > 0);
          return media.length === 0 || !isTyped || !media.some(({ example }) => example !== undefined);
        })
        .map(({ status }) => `${method} ${path} ${status}`),
    );
    expect(bare).toEqual([]);
  });

  it('[C4] tells of 400, 401 and 404 where they can come', () => {
    const statusesOf = (path: string, method: string) => Object.keys(document.paths[path]?.[method]?.responses ?? {});
    for (const [path, method, expected] of [
      ['/v1/tools', 'get', ['200', '400', '401']],
      ['/v1/tools/{name}', 'get', ['200', '400', '401', '403', '404']],
      ['/v1/tools', 'post', ['200', '400', '401', '403', '404', '413', '415', '422', '429', '500', '502', '503', '504']],
      ['/v1/tools/{name}', 'post', ['200', '400', '401', '403', '404', '413', '415', '422', '429', '500', '502', '503', '504']],
      ['/{server}/{tool}', 'post', ['200', '400', '401', '403', '404']],
      ['/{server}/openapi.json', 'get', ['200', '401', '404']],
      ['/openapi.json', 'get', ['200', '401']],
      ['/v1/servers', 'get', ['200', '401']],
      ['/v1/errors', 'get', ['200', '401', '403']],
    ] as const)
      expect({ path, method, statuses: statusesOf(path, method) }).toEqual({
        path,
        method,
        statuses: expect.arrayContaining([...expected]) as string[],
      });
  });

  it('[C4] has operation ids without the names of classes', () => {
    const ids = operations().map(({ operation }) => operation.operationId);
    expect(ids.filter((id) => !/^[a-z][a-zA-Z0-9]*$/.test(id))).toEqual([]);
    expect(new Set(ids).size).toBe(ids.length);
  });

  it('[C4] says that names are not empty, with examples that Swagger UI prefills', () => {
    const names = operations().flatMap(({ operation }) => (operation.parameters ?? []).filter((parameter) => parameter.in === 'path'));
    expect(names.length).toBeGreaterThan(4);
    for (const { name, schema } of names)
      expect({ name, schema }).toMatchObject({
        name,
        schema: { type: 'string', minLength: 1, example: name === 'server' ? 'planner' : 'create_task' },
      });
    const envelope = document.paths['/v1/tools']?.['post']?.requestBody?.content['application/json']?.schema;
    expect(envelope).toMatchObject({ properties: { name: { type: 'string', minLength: 1 } } });
  });

  it('[C4] answers of health, of the list of servers and of metrics look as they are told', async () => {
    for (const path of [
      '/health',
      '/health/mcp',
      '/health/redis',
      '/health/openwebui',
      '/health/live',
      '/ready',
      '/v1/servers',
      '/v1/errors',
    ]) {
      const media = document.paths[path]?.['get']?.responses['200']?.content?.['application/json'];
      const answer = JSON.parse((await get(gateway.url, path)).text) as Node;
      expect({ path, keys: Object.keys(media?.example as Node) }).toEqual({ path, keys: Object.keys(answer) });
    }
    expect(Object.keys(document.paths['/metrics']?.['get']?.responses['200']?.content ?? {})).toEqual(['text/plain']);
  });
});
