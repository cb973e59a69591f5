import { cleanParameters, convertOpenApiToToolPayload, type JsonMap } from '../../../../test/support/schemas/open-webui-reader.js';
import type { JsonObject } from '../mcp-types.js';
import { publishNames } from '../names/publish-names.js';
import { selectTools } from '../select-tools.js';
import type { OpenApiDocument } from './openapi-types.js';
import { toolsToDocument } from './tools-to-document.js';

interface Schema {
  readonly [keyword: string]: unknown;
  readonly properties?: Readonly<Record<string, unknown>>;
}

/** What Open WebUI makes of a document; fails where it would take something for a string that has no type. */
function readTools(document: OpenApiDocument): { name: unknown; description: unknown; parameters: Schema }[] {
  return convertOpenApiToToolPayload(document as unknown as JsonMap).map(({ name, description, parameters }) => {
    const guesses: JsonMap[] = [];
    const cleaned = cleanParameters(parameters, (guess) => guesses.push(guess));
    expect({ name, guesses }).toEqual({ name, guesses: [] });
    return { name, description, parameters: cleaned };
  });
}

const FORBIDDEN = [
  '$ref',
  '$defs',
  'definitions',
  'oneOf',
  'allOf',
  'const',
  '$dynamicRef',
  '$recursiveRef',
  'nullable',
  '$id',
  '$anchor',
  'additionalItems',
];

/** Every schema inside a published one, with the path to it. */
function* schemasIn(schema: unknown, path = '#'): Generator<[string, unknown]> {
  yield [path, schema];
  if (typeof schema !== 'object' || schema === null) return;
  const node = schema as Record<string, unknown>;
  for (const keyword of ['properties', 'patternProperties', 'dependentSchemas']) {
    for (const [name, inner] of Object.entries((node[keyword] as object | undefined) ?? {}))
      yield* schemasIn(inner, `${path}/${keyword}/${name}`);
  }
  for (const keyword of ['anyOf', 'prefixItems'])
    for (const [index, inner] of ((node[keyword] as unknown[] | undefined) ?? []).entries())
      yield* schemasIn(inner, `${path}/${keyword}/${index}`);
  for (const keyword of ['items', 'contains', 'propertyNames', 'not', 'if', 'then', 'else'])
    if (keyword in node) yield* schemasIn(node[keyword], `${path}/${keyword}`);
  if (typeof node['additionalProperties'] === 'object') yield* schemasIn(node['additionalProperties'], `${path}/additionalProperties`);
}

function offencesOf(schema: unknown, path: string): string[] {
  if (typeof schema !== 'object' || schema === null) return [`${path} is ${String(schema)}`];
  const isAnyItem = path.endsWith('/items') && Object.keys(schema).length === 0;
  const isTyped = 'type' in schema || 'anyOf' in schema || isAnyItem;
  return [
    ...FORBIDDEN.filter((keyword) => Object.hasOwn(schema, keyword)).map((keyword) => `${path} has ${keyword}`),
    ...(isTyped ? [] : [`${path} has no type`]),
  ];
}

const deep = (depth: number): JsonObject =>
  JSON.parse('{"properties":{"a":'.repeat(depth) + '{"type":"string"}' + '}}'.repeat(depth)) as JsonObject;
const tree = { type: 'object', properties: { name: { type: 'string' }, children: { type: 'array', items: { $ref: '#/$defs/tree' } } } };

const SCHEMAS: Record<string, JsonObject> = {
  empty: {},
  'no type': { properties: { a: { type: 'string' } } },
  'null keywords': { type: 'object', properties: null, required: null, $defs: null, anyOf: null, enum: null },
  'wrong types': {
    type: 5,
    properties: [],
    required: 'a',
    anyOf: {},
    allOf: 'x',
    items: 7,
    enum: {},
    description: [],
    title: {},
    $ref: 5,
    minimum: 'a',
  },
  'booleans everywhere': {
    properties: {
      yes: true,
      no: false,
      list: { type: 'array', items: true },
      nested: { not: true, additionalProperties: true, anyOf: [true, false] },
    },
    additionalProperties: true,
  },
  refs: {
    properties: {
      a: { $ref: '#/$defs/a', description: 'mine' },
      b: { $ref: '#/definitions/b~1c' },
      c: { $ref: '#/properties/a' },
      d: { $ref: 'https://example.com/x' },
      e: { $ref: '#/%24defs/a' },
    },
    $defs: { a: { type: 'integer' } },
    definitions: { 'b/c': { enum: ['x'] } },
  },
  recursion: { properties: { root: { $ref: '#/$defs/tree' }, self: { $ref: '#' } }, $defs: { tree } },
  'endless ref': { $ref: '#' },
  'refs in a circle': {
    properties: { a: { $ref: '#/$defs/a' } },
    $defs: { a: { $ref: '#/$defs/b' }, b: { allOf: [{ $ref: '#/$defs/a' }] } },
  },
  'root anyOf': {
    anyOf: [
      { properties: { a: { type: 'string' } }, required: ['a'] },
      { properties: { b: { type: 'integer' } }, required: ['b'] },
    ],
  },
  'root oneOf in $ref': {
    $ref: '#/$defs/u',
    $defs: {
      u: { oneOf: [{ $ref: '#/$defs/x' }, { $ref: '#/$defs/y' }], discriminator: { propertyName: 'kind' } },
      x: { properties: { kind: { const: 'x' } }, required: ['kind'] },
      y: { properties: { kind: { const: 'y' } }, required: ['kind'] },
    },
  },
  'root allOf': { allOf: [{ properties: { a: { type: 'string' } } }, { properties: { b: { type: 'string' } }, required: ['a'] }] },
  'root array': { type: 'array', items: { type: 'string' } },
  'root map': { type: 'object', additionalProperties: { type: 'integer' } },
  'root enum': { enum: [{ a: 1 }] },
  tuple: { properties: { a: { items: [{ type: 'string' }, true], additionalItems: false } } },
  'const and enum': {
    properties: { a: { const: 1 }, b: { enum: ['x', 2, null] }, c: { enum: ['only'] }, d: { const: null }, e: { enum: [] } },
  },
  'unions in unions': {
    properties: {
      a: { anyOf: [{ anyOf: [{ type: 'string' }, { type: 'null' }] }, { type: 'integer' }] },
      b: { anyOf: [{ type: 'null' }] },
      c: { type: ['array', 'null'], items: { type: 'string' } },
      d: { anyOf: [] },
    },
  },
  conditions: {
    properties: { a: { type: 'string' } },
    if: { properties: { a: { const: 'x' } } },
    then: { properties: { b: { type: 'string' } } },
    else: { required: ['c'] },
    not: { required: ['z'] },
    dependentSchemas: { a: { properties: { d: true } } },
  },
  'schema bomb': {
    properties: { a: { $ref: '#/$defs/d0' } },
    $defs: Object.fromEntries(
      Array.from({ length: 30 }, (_, n) => [
        `d${n}`,
        { type: 'object', properties: { l: { $ref: `#/$defs/d${n + 1}` }, r: { $ref: `#/$defs/d${n + 1}` } } },
      ]),
    ),
  },
  deep: deep(2_000),
  '__proto__ keys': JSON.parse(
    '{"properties":{"__proto__":{"type":"string"},"constructor":{"$ref":"#/properties/__proto__"}},"__proto__":{"type":"x"},"required":["__proto__"]}',
  ) as JsonObject,
  'odd names': { properties: { model_config: { type: 'string' }, $ref: { type: 'string' }, anyOf: { type: 'string' }, '': {} } },
};

const { tools } = selectTools(Object.entries(SCHEMAS).map(([name, inputSchema]) => ({ name, inputSchema })));
const names = publishNames(
  tools.map(({ name }) => ({ server: 'hostile', name })),
  { style: 'bare' },
);
const document = toolsToDocument({
  tools: tools.map((tool, index) => ({ publishedName: names[index] as string, server: 'hostile', tool })),
  info: { title: 'Hostile', version: '1' },
  pathOf: (name) => `/tools/${name}`,
});
const published = new Map(
  Object.values(document.paths).map(({ post }, index) => [
    tools[index]?.name as string,
    post.requestBody.content['application/json'].schema,
  ]),
);

describe('a document of odd tools, as Open WebUI reads it', () => {
  it('[AC7] (contract test 2) has for each tool a legal operationId of its own, a description, and a body with type object and properties', () => {
    const operations = Object.values(document.paths).map(({ post }) => post);
    expect(operations).toHaveLength(Object.keys(SCHEMAS).length);
    expect(new Set(operations.map(({ operationId }) => operationId)).size).toBe(operations.length);
    for (const operation of operations) {
      expect(operation.operationId).toMatch(/^[a-zA-Z0-9_-]{1,64}$/);
      expect(operation.description.trim()).not.toBe('');
      expect(operation.requestBody.content['application/json'].schema).toMatchObject({ type: 'object', properties: {} });
    }
  });

  it.each([...published.keys()])(
    '[AC7] (contract test 3) %s is published ref-free, boolean-free, typed, without oneOf and allOf',
    (name) => {
      expect([...schemasIn(published.get(name))].flatMap(([path, schema]) => offencesOf(schema, path))).toEqual([]);
    },
  );

  it('[AC7] (contract test 3) is read to the end: no crash, no wrong type, nothing deeper than Python bears', () => {
    const read = readTools(JSON.parse(JSON.stringify(document)) as OpenApiDocument);
    expect(read).toHaveLength(tools.length);
    const parametersOf = (name: string) => read[tools.findIndex((tool) => tool.name === name)]?.parameters;
    expect(parametersOf('refs')?.properties?.['a']).toEqual({ type: 'integer', description: 'mine' });
    expect(parametersOf('refs')?.properties?.['c']).toEqual({ type: 'integer', description: 'mine' });
    expect(parametersOf('refs')?.properties?.['b']).toEqual({ type: 'string', enum: ['x'], description: 'Always x.' });
    expect(Object.keys(parametersOf('root anyOf')?.properties ?? {})).toEqual(['a', 'b']);
    expect(parametersOf('root oneOf in $ref')).toEqual({
      type: 'object',
      properties: { kind: { type: 'string', enum: ['x', 'y'], description: 'One of: x, y.' } },
      required: ['kind'],
    });
    expect(Object.keys(parametersOf('root map')?.properties ?? {})).toEqual(['entries']);
    expect(parametersOf('unions in unions')?.properties?.['c']).toEqual({ type: 'array', items: { type: 'string' } });
    expect(parametersOf('conditions')?.properties).toMatchObject({ a: { type: 'string' }, b: {}, d: {} });
    expect(Object.keys(parametersOf('__proto__ keys')?.properties ?? {})).toEqual(['__proto__', 'constructor']);
  });

  it('[AC7] (contract test 3) tells tools apart in the first 100 characters', () => {
    const twins = ['a', 'b'].map((name) => ({
      publishedName: name,
      server: 's',
      tool: { name, description: 'The same words. '.repeat(20), inputSchema: {} },
    }));
    const other = { publishedName: 'c', server: 's', tool: { name: 'c', description: 'Another.', inputSchema: {} } };
    const { paths } = toolsToDocument({ tools: [...twins, other], info: { title: 't', version: '1' }, pathOf: (name) => `/${name}` });
    const starts = Object.values(paths).map(({ post }) => post.description.slice(0, 100));
    expect(new Set(starts).size).toBe(3);
    expect(starts[0]).toMatch(/^a: The same words\./);
    expect(starts[2]).toBe('Another.');
  });

  it('[AC7] stays small where a schema does not', () => {
    for (const schema of published.values()) expect(JSON.stringify(schema).length).toBeLessThan(1_000_000);
  });
});
