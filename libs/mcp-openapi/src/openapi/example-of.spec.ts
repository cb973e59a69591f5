import { Ajv2020 } from 'ajv/dist/2020.js';
import type { JsonObject } from '../mcp-types.js';
import { publishSchema } from '../publish-schema/index.js';
import { exampleArguments } from './example-of.js';

const required = (of: Record<string, unknown>): JsonObject => ({ type: 'object', properties: of, required: Object.keys(of) });

describe('exampleArguments', () => {
  it.each<[string, JsonObject]>([
    ['texts', required({ a: { type: 'string', minLength: 20 }, b: { maxLength: 2, type: 'string' }, c: { enum: ['x'] } })],
    [
      'numbers',
      required({
        a: { type: 'integer', exclusiveMinimum: 4 },
        b: { type: 'number', maximum: 0 },
        c: { type: 'number', exclusiveMaximum: -2 },
      }),
    ],
    ['multiples', required({ a: { type: 'integer', multipleOf: 7 }, b: { type: 'number', minimum: 0.5 } })],
    [
      'lists and objects',
      required({ a: { type: 'array', items: { type: 'integer' }, minItems: 2 }, b: required({ c: { type: 'boolean' } }), d: {} }),
    ],
    [
      'unions and null',
      required({ a: { anyOf: [{ type: 'integer' }, { type: 'string' }] }, b: { type: ['string', 'null'] }, c: { type: 'null' } }),
    ],
    ['a root without properties', { type: 'object' }],
    [
      'numbers between bounds',
      required({
        a: { type: 'integer', minimum: 0.5, maximum: 1 },
        b: { type: 'integer', minimum: 3, multipleOf: 5 },
        c: { type: 'number', multipleOf: 0.01 },
        d: { type: 'integer', maximum: -3, multipleOf: 2 },
      }),
    ],
  ])('[C4] gives %s that fit', (_, schema) => {
    const published = publishSchema(schema);
    const judge = new Ajv2020({ strict: false }).compile(published);
    expect({ example: exampleArguments(published), fits: judge(exampleArguments(published)) }).toEqual({
      example: expect.anything() as object,
      fits: true,
    });
  });

  it.each<[string, JsonObject]>([
    ['a pattern', required({ a: { type: 'string', pattern: '^T-\\d+$' } })],
    ['a long list', required({ a: { type: 'array', items: { type: 'string' }, minItems: 4 } })],
    ['a list of different items', required({ a: { type: 'array', items: { type: 'string' }, minItems: 2, uniqueItems: true } })],
    ['a list that contains', required({ a: { type: 'array', contains: { type: 'integer' } } })],
    ['what is none of these', required({ a: { type: 'string', not: { enum: ['string'] } } })],
    ['a map that must not be empty', required({ a: { type: 'object', additionalProperties: { type: 'string' }, minProperties: 1 } })],
    ['no integer', required({ a: { type: 'integer', minimum: 0.2, maximum: 0.8 } })],
    ['a fraction', required({ a: { type: 'number', minimum: 0.3, multipleOf: 0.1 } })],
  ])('[C4] makes nothing up for %s', (_, schema) => {
    expect(exampleArguments(publishSchema(schema))).toBeUndefined();
  });

  it('[C4] gives what its author has for a pattern', () => {
    const a = { type: 'string', pattern: '^T-\\d+$', examples: ['T-1'] };
    expect(exampleArguments(publishSchema(required({ a })))).toEqual({ a: 'T-1' });
  });

  it('[C4] takes the example of the author, and leaves out what is optional', () => {
    expect(exampleArguments({ ...required({ a: { type: 'string' } }), examples: [{ a: 'mine', b: 1 }] })).toEqual({ a: 'mine', b: 1 });
    const schema = { type: 'object', properties: { a: { type: 'string', examples: ['one'] }, b: { type: 'string' } }, required: ['a'] };
    expect(exampleArguments(schema)).toEqual({ a: 'one' });
  });

  it('[C4] stays small and ends, whatever the schema', () => {
    let deep: JsonObject = { type: 'string' };
    for (let level = 0; level < 500; level += 1) deep = { type: 'array', items: deep, minItems: 1e9 };
    expect(JSON.stringify(exampleArguments(required({ deep })) ?? {}).length).toBeLessThan(10_000);
    const wide = required(Object.fromEntries(Array.from({ length: 5_000 }, (_, n) => [`p${n}`, { type: 'string', minLength: 1e9 }])));
    expect(JSON.stringify(exampleArguments(wide)).length).toBeLessThan(50_000);
  });
});
