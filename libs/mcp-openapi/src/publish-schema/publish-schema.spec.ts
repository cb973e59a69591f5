import fc from 'fast-check';
import { drill } from '../../../../test/support/long-drills.js';
import type { JsonObject } from '../mcp-types.js';
import { atOnce } from '../slices.js';
import { entriesOf, publishOutput, publishSchema, takesEntries } from './index.js';

/** The published form of a property. */
function property(schema: unknown, rest: JsonObject = {}): unknown {
  return (publishSchema({ type: 'object', properties: { p: schema }, ...rest })['properties'] as JsonObject)['p'];
}

const ANY_TYPES = ['string', 'number', 'boolean', 'object', 'array', 'null'];
const ANY = {
  anyOf: [{ type: 'string' }, { type: 'number' }, { type: 'boolean' }, { type: 'object' }, { type: 'array', items: {} }, { type: 'null' }],
};

describe('publishSchema', () => {
  describe('[AC7] keeps what readers use', () => {
    it.each<[JsonObject, JsonObject]>([
      [
        { type: 'string', description: 'Its title', minLength: 1, maxLength: 80 },
        { type: 'string', description: 'Its title. 1 to 80 characters.', minLength: 1, maxLength: 80 },
      ],
      [
        { type: 'string', enum: ['low', 'high'], default: 'low' },
        { type: 'string', enum: ['low', 'high'], default: 'low', description: 'One of: low, high. Default: low.' },
      ],
      [
        { type: 'string', enum: ['low', 'high'], description: 'low or high' },
        { type: 'string', enum: ['low', 'high'], description: 'low or high' },
      ],
      [
        { enum: ['a', 1] },
        {
          anyOf: [
            { type: 'string', enum: ['a'] },
            { type: 'integer', enum: [1] },
          ],
          description: 'One of: a, 1.',
        },
      ],
      [{ enum: [1, 2.5] }, { type: 'number', enum: [1, 2.5], description: 'One of: 1, 2.5.' }],
      [{ const: true }, { type: 'boolean', enum: [true], description: 'Always true.' }],
      [
        { type: 'string', format: 'date' },
        { type: 'string', format: 'date', description: 'Format: date (YYYY-MM-DD).' },
      ],
      [
        { type: 'string', format: 'date', description: 'As YYYY-MM-DD' },
        { type: 'string', format: 'date', description: 'As YYYY-MM-DD' },
      ],
      [
        { type: 'string', pattern: '^a' },
        { type: 'string', pattern: '^a', description: 'Pattern: ^a' },
      ],
      [
        { type: 'integer', minimum: 1, maximum: 5 },
        { type: 'integer', minimum: 1, maximum: 5, description: 'Between 1 and 5.' },
      ],
      [
        { type: 'number', exclusiveMinimum: 0, exclusiveMaximum: 1, multipleOf: 0.1 },
        {
          type: 'number',
          exclusiveMinimum: 0,
          exclusiveMaximum: 1,
          multipleOf: 0.1,
          description: 'Greater than 0. Less than 1. A multiple of 0.1.',
        },
      ],
      [
        { type: 'array', items: { type: 'string' }, minItems: 1, uniqueItems: true },
        { type: 'array', items: { type: 'string' }, minItems: 1, uniqueItems: true, description: 'At least 1 item.' },
      ],
      [
        { type: 'array', items: { type: 'string' }, minItems: 2, maxItems: 2 },
        { type: 'array', items: { type: 'string' }, minItems: 2, maxItems: 2, description: 'Exactly 2 items.' },
      ],
      [
        { type: 'array', contains: { type: 'string' }, minContains: 2, items: true },
        { type: 'array', contains: { type: 'string' }, minContains: 2, items: ANY },
      ],
      [
        { type: 'array', contains: { const: 1 }, maxContains: 2, items: {} },
        { type: 'array', contains: { type: ANY_TYPES, enum: [1] }, maxContains: 2, items: ANY },
      ],
      [
        { type: 'object', additionalProperties: { type: 'number' }, minProperties: 1 },
        { type: 'object', additionalProperties: { type: 'number' }, minProperties: 1, description: 'At least 1 key.' },
      ],
      [
        { type: 'object', additionalProperties: false, maxProperties: 3 },
        { type: 'object', additionalProperties: false, maxProperties: 3, description: 'At most 3 keys.' },
      ],
      [
        { type: 'object', additionalProperties: true, propertyNames: { pattern: '^a' } },
        { type: 'object', additionalProperties: true, propertyNames: { type: 'string', pattern: '^a', description: 'Pattern: ^a' } },
      ],
      [
        { type: 'object', patternProperties: { '^a': { type: 'string' } }, dependentRequired: { a: ['b'] } },
        { type: 'object', patternProperties: { '^a': { type: 'string' } }, dependentRequired: { a: ['b'] } },
      ],
      [
        { type: 'string', pattern: '\\A\\d+\\z' },
        { type: 'string', pattern: '^\\d+$', description: 'Pattern: \\A\\d+\\z' },
      ],
      [
        { type: 'string', pattern: '^\\d+\\Z' },
        { type: 'string', description: 'Pattern: ^\\d+\\Z' },
      ],
      [
        { type: 'object', patternProperties: { '\\Ax': { type: 'string' }, 'y\\Z': {}, '(': {} }, additionalProperties: false },
        { type: 'object', patternProperties: { '^x': { type: 'string' } } },
      ],
      [
        { type: 'string', not: { pattern: 'a\\Z' }, examples: 'a', deprecated: 1, readOnly: null, contentEncoding: true, xml: 1 },
        { type: 'string' },
      ],
      [
        { type: 'object', dependencies: { a: ['b'], c: { required: ['d'] } } },
        { type: 'object', dependentRequired: { a: ['b'] }, dependentSchemas: { c: { type: 'object', required: ['d'] } } },
      ],
      [
        { type: 'string', not: { enum: ['x'] } },
        { type: 'string', not: { type: ANY_TYPES, enum: ['x'] } },
      ],
      [
        { type: 'string', allOf: [{ not: { const: 'x' } }, { not: { minLength: 9 } }] },
        {
          type: 'string',
          not: {
            anyOf: [
              { type: ANY_TYPES, enum: ['x'] },
              { type: ANY_TYPES, minLength: 9 },
            ],
          },
        },
      ],
      [
        { type: 'object', if: { properties: { a: { const: 1 } }, required: ['a'] }, then: { required: ['b'] }, else: { maxProperties: 1 } },
        {
          type: 'object',
          if: { type: ANY_TYPES, properties: { a: { type: ANY_TYPES, enum: [1] } }, required: ['a'] },
          then: { type: 'object', required: ['b'] },
          else: { type: 'object', maxProperties: 1, description: 'At most 1 key.' },
        },
      ],
      [
        { type: 'string', title: 'T', examples: ['a'], deprecated: true, 'x-order': 1, readOnly: false, default: null },
        { type: 'string', title: 'T', examples: ['a'], deprecated: true, 'x-order': 1, readOnly: false, default: null },
      ],
      [
        { type: 'string', contentEncoding: 'base64', contentMediaType: 'image/png' },
        { type: 'string', contentEncoding: 'base64', contentMediaType: 'image/png' },
      ],
    ])('%j', (schema, published) => {
      expect(property(schema)).toEqual(published);
    });
  });

  describe('[AC7] gives everything a type and no more than readers take', () => {
    it.each<[string, unknown, unknown]>([
      ['true', true, ANY],
      ['nothing said', {}, ANY],
      ['a list without items', { type: 'array' }, { type: 'array', items: ANY }],
      ['a type that there is not', { type: 'int' }, ANY],
      [
        'several types',
        { type: ['string', 'null'], minLength: 1 },
        { anyOf: [{ type: 'string', minLength: 1 }, { type: 'null' }], description: 'At least 1 character.' },
      ],
      ['a list or null', { type: ['array', 'null'] }, { anyOf: [{ type: 'array', items: ANY }, { type: 'null' }] }],
      ['OpenAPI 3.0 nullable', { type: 'string', nullable: true }, { anyOf: [{ type: 'string' }, { type: 'null' }] }],
      [
        'keywords without a type, the one they speak of first',
        { minLength: 1 },
        { anyOf: [{ type: 'string', minLength: 1 }, ...ANY.anyOf.slice(1)], description: 'At least 1 character.' },
      ],
      [
        'anyOf with null: what is said of the other, outside',
        { description: 'When', anyOf: [{ type: 'string', format: 'date', title: 'D' }, { type: 'null' }] },
        { title: 'D', description: 'When. Format: date (YYYY-MM-DD).', anyOf: [{ type: 'string', format: 'date' }, { type: 'null' }] },
      ],
      [
        'oneOf',
        { oneOf: [{ type: 'string' }, { type: 'integer', description: 'A number' }] },
        { anyOf: [{ type: 'string' }, { type: 'integer', description: 'A number' }] },
      ],
      [
        'oneOf of const',
        {
          oneOf: [
            { const: 'a', title: 'A' },
            { const: 'b', title: 'B' },
          ],
        },
        {
          anyOf: [
            { type: 'string', title: 'A', enum: ['a'], description: 'Always a.' },
            { type: 'string', title: 'B', enum: ['b'], description: 'Always b.' },
          ],
        },
      ],
      [
        'a union in a union',
        { anyOf: [{ anyOf: [{ type: 'string' }, { type: 'null' }] }, { type: 'integer' }] },
        { anyOf: [{ type: 'string' }, { type: 'null' }, { type: 'integer' }] },
      ],
      ['a union of one', { anyOf: [{ type: 'string' }] }, { type: 'string' }],
      ['a union of one that can be', { anyOf: [{ type: 'string' }, false] }, { type: 'string' }],
      [
        'a union within a type',
        { type: 'object', properties: { a: true }, anyOf: [{ required: ['a'] }, { required: ['b'] }] },
        {
          type: 'object',
          properties: { a: ANY },
          anyOf: [
            { type: 'object', required: ['a'] },
            { type: 'object', required: ['b'] },
          ],
        },
      ],
      ['a union of nothing but null', { anyOf: [{ type: 'null' }] }, { type: 'null' }],
      [
        'allOf',
        {
          allOf: [
            { type: 'number', minimum: 1 },
            { minimum: 2, type: ['integer', 'string'] },
          ],
        },
        { type: 'integer', minimum: 2, description: 'At least 2.' },
      ],
      [
        'allOf with enums',
        { type: 'string', allOf: [{ enum: ['a', 'b'] }, { enum: ['b', 'c'] }] },
        { type: 'string', enum: ['b'], description: 'Always b.' },
      ],
      ['allOf that nothing fits, as anything', { allOf: [{ type: 'string' }, { type: 'number' }] }, ANY],
      [
        'allOf with one property twice',
        { type: 'object', allOf: [{ properties: { a: { type: 'string' } } }, { properties: { a: { minLength: 1 } }, required: ['a'] }] },
        { type: 'object', properties: { a: { type: 'string', minLength: 1, description: 'At least 1 character.' } }, required: ['a'] },
      ],
      ['not what cannot be said exactly', { type: 'string', not: { $ref: '#/x' }, if: { anyOf: [true] }, then: false }, { type: 'string' }],
      [
        'a property that must not be',
        { type: 'object', properties: { a: false, b: { type: 'string' } } },
        { type: 'object', properties: { b: { type: 'string' } } },
      ],
      [
        'items: false',
        { type: 'array', prefixItems: [{ type: 'string' }], items: false },
        { type: 'array', prefixItems: [{ type: 'string' }], maxItems: 1, items: ANY },
      ],
      ['unevaluated…', { type: 'object', unevaluatedProperties: false }, { type: 'object' }],
      [
        'what hides a reference',
        { type: 'string', 'x-see': { $ref: '#' }, discriminator: {}, $comment: 'c', $id: 'i', $anchor: 'a' },
        { type: 'string' },
      ],
    ])('%s', (_, schema, published) => {
      expect(property(schema)).toEqual(published);
    });

    it.each<[string, JsonObject, JsonObject, unknown]>([
      [
        'draft-07 tuples',
        {},
        { type: 'array', items: [{ type: 'string' }], additionalItems: { type: 'integer' } },
        { type: 'array', prefixItems: [{ type: 'string' }], items: { type: 'integer' } },
      ],
      [
        'draft-04 exclusive bounds',
        {},
        { type: 'integer', minimum: 1, exclusiveMinimum: true, maximum: 5, exclusiveMaximum: false },
        { type: 'integer', exclusiveMinimum: 1, maximum: 5, description: 'Greater than 1. At most 5.' },
      ],
      [
        'keywords that the dialect does not know',
        { $schema: 'http://json-schema.org/draft-07/schema#' },
        { type: 'array', prefixItems: [{ type: 'string' }], items: { type: 'integer' }, minContains: 2 },
        { type: 'array', items: { type: 'integer' } },
      ],
      [
        'keywords that draft-04 does not know',
        { $schema: 'http://json-schema.org/draft-04/schema#' },
        { type: 'string', const: 'a', not: { enum: ['b'] } },
        { type: 'string' },
      ],
      ['keywords that draft-04 does not know, told by its ids', { definitions: { x: { id: '#x' } } }, { const: 'a' }, ANY],
    ])('%s', (_, rest, schema, published) => {
      expect(property(schema, rest)).toEqual(published);
    });
  });

  describe('[AC7] follows references inside the schema', () => {
    const $defs = {
      'a/b~c d': { type: 'integer' },
      named: { $anchor: 'name', type: 'boolean' },
      old: { id: '#old', type: 'null' },
      any: true,
      alias: { $ref: '#/$defs/named' },
    };

    it.each<[string, unknown]>([
      ['#/$defs/a~1b~0c%20d', { type: 'integer' }],
      ['#name', { type: 'boolean' }],
      ['#old', { type: 'null' }],
      ['#/$defs/any', ANY],
      ['#/$defs/alias', { type: 'boolean' }],
      ['https://example.com/root#/$defs/named', { type: 'boolean' }],
      ['https://example.com/other#/$defs/named', ANY],
      ['#/$defs/none', ANY],
      ['#/$defs/toString', ANY],
      ['#/properties/%zz', ANY],
      [
        '',
        {
          type: 'object',
          properties: { p: { type: 'object', properties: { p: { type: 'object' } } } },
        },
      ],
    ])('%s', (ref, published) => {
      expect(property({ $ref: ref }, { $id: 'https://example.com/root', $defs })).toMatchObject(published as object);
    });

    it('and merges what stands beside them', () => {
      expect(
        property(
          { $ref: '#/$defs/t', description: 'Mine', maxLength: 3 },
          { $defs: { t: { type: 'string', description: 'Theirs', minLength: 1 } } },
        ),
      ).toEqual({
        type: 'string',
        description: 'Mine. 1 to 3 characters.',
        minLength: 1,
        maxLength: 3,
      });
    });

    it('and cuts a recursion with a note', () => {
      const tree = { type: 'object', properties: { of: { type: 'array', items: { $ref: '#/$defs/tree' } } }, description: 'A tree' };
      const level = (inside: unknown): unknown => ({
        type: 'object',
        description: 'A tree',
        properties: { of: { type: 'array', items: inside } },
      });
      expect(property({ $ref: '#/$defs/tree' }, { $defs: { tree } })).toEqual(
        level(level(level({ type: 'object', description: 'A tree. Nested further in the same way.' }))),
      );
    });

    it('but not into a schema with a pointer space of its own', () => {
      const inner = { $id: 'inner', $defs: { x: { type: 'string' } }, type: 'object', properties: { a: { $ref: '#/$defs/x' } } };
      expect(property({ $ref: 'inner' }, { $defs: { inner, x: { type: 'integer' } } })).toEqual({ type: 'object', properties: { a: ANY } });
    });
  });

  describe('[AC7] has type object and properties at the root', () => {
    it.each<[string, JsonObject, JsonObject]>([
      ['nothing', {}, { type: 'object', properties: {} }],
      ['another type', { type: 'string' }, { type: 'object', properties: {} }],
      [
        'no type',
        { properties: { a: { type: 'string' } }, required: ['a'], additionalProperties: false },
        { type: 'object', properties: { a: { type: 'string' } }, required: ['a'], additionalProperties: false },
      ],
      [
        'an empty object',
        { type: 'object', properties: {}, additionalProperties: true },
        { type: 'object', properties: {}, additionalProperties: true },
      ],
      ['a required property that is not declared', { required: ['a'] }, { type: 'object', properties: { a: ANY }, required: ['a'] }],
      [
        'properties that only a condition names',
        { type: 'object', properties: { a: { type: 'string' } }, if: { required: ['a'] }, then: { properties: { b: { type: 'string' } } } },
        {
          type: 'object',
          properties: { a: { type: 'string' }, b: ANY },
          if: { type: ANY_TYPES, required: ['a'] },
          then: { type: 'object', properties: { b: { type: 'string' } } },
        },
      ],
      [
        'allOf',
        {
          allOf: [{ $ref: '#/$defs/base' }, { properties: { b: { type: 'string' } }, required: ['b'] }],
          $defs: { base: { properties: { a: { type: 'integer' } } } },
        },
        { type: 'object', properties: { a: { type: 'integer' }, b: { type: 'string' } }, required: ['b'] },
      ],
      [
        'a union of closed variants',
        {
          oneOf: [
            { properties: { a: { type: 'string' }, s: { type: 'string' } }, required: ['a', 's'], additionalProperties: false },
            { properties: { b: { type: 'integer' }, s: { type: 'string' } }, required: ['s'], additionalProperties: false },
          ],
        },
        {
          type: 'object',
          properties: { a: { type: 'string' }, s: { type: 'string' }, b: { type: 'integer' } },
          required: ['s'],
          description: 'Give the arguments of one of these alternatives: a, s | s, b (optional)',
        },
      ],
      [
        'a union of open variants, where each may have what the other names',
        {
          description: 'D',
          properties: { s: { type: 'string' } },
          anyOf: [{ properties: { a: { type: 'string', description: 'An a' } }, required: ['a'] }, { properties: { s: { minLength: 1 } } }],
        },
        {
          type: 'object',
          description: 'D. Give the arguments of one of these alternatives: a | s (optional)',
          properties: {
            s: { type: 'string' },
            a: { description: 'Should be of type string. An a', anyOf: ANY.anyOf },
          },
        },
      ],
      [
        'a map',
        { type: 'object', additionalProperties: { type: 'integer' } },
        {
          type: 'object',
          properties: { entries: { type: 'object', description: 'The arguments: any keys.', additionalProperties: { type: 'integer' } } },
        },
      ],
    ])('%s', (_, schema, published) => {
      expect(publishSchema(schema)).toEqual(published);
    });

    it('tells no more alternatives than a description can bear', () => {
      const anyOf = Array.from({ length: 40 }, (_, n) => ({ properties: { [`p${n}`]: { type: 'string' } }, required: [`p${n}`] }));
      expect(publishSchema({ anyOf })['description']).toMatch(/: p0 \| p1 .* p11 … \(40 in all\)$/);
    });
  });

  describe('[AC7] entries', () => {
    it.each<[JsonObject, boolean]>([
      [{ type: 'object', additionalProperties: { type: 'integer' } }, true],
      [{ additionalProperties: true }, true],
      [{ patternProperties: { '^x': {} } }, true],
      [{ $ref: '#/$defs/m', $defs: { m: { additionalProperties: {} } } }, true],
      [{}, false],
      [{ type: 'object', properties: {}, additionalProperties: true }, false],
      [{ properties: { entries: {} }, additionalProperties: {} }, false],
      [{ additionalProperties: false, patternProperties: { a: {} } }, true],
      [{ additionalProperties: false }, false],
    ])('%j takes them: %s', (schema, takes) => {
      expect(takesEntries(schema)).toBe(takes);
      expect(Object.hasOwn((publishSchema(schema)['properties'] as JsonObject | undefined) ?? {}, 'entries')).toBe(
        takes || JSON.stringify(schema).includes('entries'),
      );
    });

    it.each([
      ['{"entries":{"a":1.0, "b":12345678901234567890}}', '{"a":1.0, "b":12345678901234567890}'],
      ['{"entries":[1]}', undefined],
      ['{"entries":{},"a":1}', undefined],
      ['{"a":{}}', undefined],
      ['[]', undefined],
    ])('of %s are %s', (text, inner) => {
      const args = { text, value: JSON.parse(text) as unknown };
      expect(entriesOf(args)).toEqual(inner === undefined ? args : { text: inner, value: JSON.parse(inner) as unknown });
    });
  });

  describe('[S4] is bounded', () => {
    const nested = (open: string, close: string): JsonObject =>
      JSON.parse(`${open.repeat(10_000)}{"type":"string"}${close.repeat(10_000)}`) as JsonObject;
    const bomb = {
      properties: { a: { $ref: '#/$defs/d0' } },
      $defs: Object.fromEntries(
        Array.from({ length: 40 }, (_, n) => [
          `d${n}`,
          { type: 'object', properties: { l: { $ref: `#/$defs/d${n + 1}` }, r: { $ref: `#/$defs/d${n + 1}` } } },
        ]),
      ),
    };

    it.each<[string, JsonObject, number]>([
      ['ten thousand properties deep', nested('{"properties":{"a":', '}}'), 10_000],
      ['ten thousand lists deep', nested('{"properties":{"a":{"items":', '}}}'), 10_000],
      ['ten thousand unions deep', { properties: { a: nested('{"anyOf":[', ']}') } }, 10_000],
      ['ten thousand allOfs deep', { properties: { a: nested('{"allOf":[', ']}') } }, 10_000],
      ['ten thousand nots deep', { properties: { a: nested('{"not":', '}') } }, 10_000],
      [
        'a default ten thousand deep',
        { properties: { a: { type: 'string', default: nested('[', ']'), enum: [nested('[', ']')], 'x-y': nested('[', ']') } } },
        10_000,
      ],
      ['a bomb of references', bomb, 400_000],
      ['a union of ten thousand', { properties: { a: { anyOf: Array.from({ length: 10_000 }, (_, n) => ({ const: n })) } } }, 10_000],
      [
        'unions that multiply',
        { properties: { a: { allOf: Array.from({ length: 20 }, (_, n) => ({ anyOf: [{ minLength: n }, { maxLength: n }] })) } } },
        20_000,
      ],
      [
        'a root union that multiplies',
        {
          allOf: Array.from({ length: 20 }, (_, n) => ({ anyOf: [{ properties: { [`a${n}`]: {} } }, { properties: { [`b${n}`]: {} } }] })),
        },
        20_000,
      ],
      [
        'ten thousand allOf',
        { allOf: Array.from({ length: 10_000 }, (_, n) => ({ properties: { [`p${n}`]: { type: 'string' } } })) },
        100_000,
      ],
      [
        'ten thousand properties',
        {
          properties: Object.fromEntries(
            Array.from({ length: 10_000 }, (_, n) => [
              `p${n}`,
              { type: n % 2 ? 'array' : ['string', 'null'], description: 'x'.repeat(60) },
            ]),
          ),
        },
        2_000_000,
      ],
      [
        'a description of a megabyte',
        { properties: { a: { type: 'string', title: 'x'.repeat(1e6), description: 'x'.repeat(1e6) } } },
        10_000,
      ],
    ])('for %s', (_, schema, maxLength) => {
      const started = performance.now();
      const published = publishSchema(schema);
      expect(performance.now() - started).toBeLessThan(10_000);
      expect(JSON.stringify(published).length).toBeLessThan(maxLength);
      expect(published).toMatchObject({ type: 'object', properties: {} });
    });

    it('keeps every property of a schema that is too large to be told whole', () => {
      const names = Array.from({ length: 2_499 }, (_, n) => `p${n}`);
      const published = publishSchema({
        properties: Object.fromEntries(names.map((name) => [name, { type: 'string', nullable: name === 'p2498' }])),
      });
      const properties = published['properties'] as JsonObject;
      expect(Object.keys(properties)).toEqual(names);
      expect([properties['p2497'], properties['p2498']]).toEqual([{ type: 'string' }, ANY]);
    });

    it('publishes 2,500 keys of an object at the most, and closes none that has more', () => {
      const many = Object.fromEntries(Array.from({ length: 3_000 }, (_, n) => [`p${n}`, { type: 'string' }]));
      const names = Object.keys(many);
      const keysOf = (schema: JsonObject) => Object.keys(publishSchema(schema)['properties'] as JsonObject).length;
      const closed = publishSchema({ properties: many, additionalProperties: false });
      expect(Object.keys(closed['properties'] as JsonObject)).toHaveLength(2_500);
      expect(closed).not.toHaveProperty('additionalProperties');
      const inner = publishSchema({ properties: { o: { type: 'object', properties: many, additionalProperties: false } } });
      expect(inner).not.toHaveProperty(['properties', 'o', 'additionalProperties']);
      expect(Object.keys((inner['properties'] as { o: { properties: JsonObject } }).o.properties)).toHaveLength(2_500);
      expect(publishSchema({ required: names })['required']).toHaveLength(2_500);
      expect([
        keysOf({ required: names }),
        keysOf({ anyOf: [{ properties: many }, { properties: {} }] }),
        keysOf({ anyOf: names.slice(0, 90).map((name) => ({ required: names.map((other) => name + other) })) }),
        keysOf({ if: true, then: { properties: many } }),
      ]).toEqual([2_500, 2_500, 2_500, 2_500]);
      expect(publishSchema({ properties: { a: {} }, additionalProperties: false })).toHaveProperty('additionalProperties', false);
    });

    it('and never throws, whatever the schema, nor changes it', () => {
      const keyword = fc.constantFrom(
        ...'type properties items $ref anyOf allOf oneOf required enum const not if then $defs $id $anchor prefixItems contains default title format minimum nullable dependencies patternProperties additionalProperties __proto__'.split(
          ' ',
        ),
      );
      const { node } = fc.letrec((tie) => ({
        node: fc.oneof(
          { maxDepth: 5 },
          fc.constantFrom<unknown>(null, true, false, 5, -0, 'object', '#', '#/$defs', '#/properties/a', ''),
          fc.array(tie('node'), { maxLength: 3 }),
          fc.dictionary(keyword, tie('node'), { maxKeys: 4 }),
        ),
      }));
      fc.assert(
        fc.property(fc.dictionary(keyword, node, { maxKeys: 6 }), (schema) => {
          const before = JSON.stringify(schema);
          const published = publishSchema(schema as JsonObject);
          const { type, properties } = JSON.parse(JSON.stringify(published)) as JsonObject;
          if (type !== 'object' || typeof properties !== 'object') throw new Error(JSON.stringify(published));
          if (typeof atOnce(publishOutput(schema)) !== 'object') throw new Error('no output');
          if (JSON.stringify(schema) !== before) throw new Error('changed');
        }),
        { numRuns: Number(process.env['FAST_CHECK_RUNS'] ?? drill(2_000, 10_000)) },
      );
    });
  });
});

describe('publishOutput', () => {
  it.each<[unknown, JsonObject]>([
    [undefined, {}],
    [true, {}],
    [
      { type: 'array', items: { $ref: '#/$defs/a' }, $defs: { a: { const: 1 } } },
      { type: 'array', items: { type: 'integer', enum: [1], description: 'Always 1.' } },
    ],
    [{ type: 'object' }, { type: 'object' }],
  ])('[AC7] %j is published as %j', (schema, published) => {
    expect(atOnce(publishOutput(schema))).toEqual(published);
  });
});
