import { Ajv2020 } from 'ajv/dist/2020.js';
import type { JsonObject } from '../mcp-types.js';
import { publishSchema } from './index.js';

const id = { type: 'string', description: 'Its id' };
const name = { type: 'integer', minimum: 3 };
const FORBIDS: [string, JsonObject][] = [
  ['names no other', { additionalProperties: false }],
  ['has false for it', { properties: { name, id: false } }],
  ['must not have it', { not: { required: ['id'] } }],
  ['must not have one of several', { not: { anyOf: [{ required: ['x'] }, { required: ['id'] }] } }],
  ['has no schema that fits it', { properties: { name, id: { not: {} } } }],
  ['leaves it to no pattern', { additionalProperties: false, patternProperties: { '^x-': {} } }],
  ['takes other names only', { propertyNames: { enum: ['name', 'other'] } }],
  ['leaves nothing unevaluated', { unevaluatedProperties: false }],
];

const unionOf = (second: JsonObject, first: JsonObject = {}): JsonObject => ({
  type: 'object',
  oneOf: [
    { properties: { id }, required: ['id'], ...first },
    { properties: { name }, required: ['name'], ...second },
  ],
});

const propertyOf = (schema: JsonObject, key: string) => (publishSchema(schema)['properties'] as JsonObject)[key];

describe('a property that one alternative of a root union names', () => {
  it.each(FORBIDS.slice(0, 2))('[AC7] has its type where every other %s', (_, second) => {
    expect(propertyOf(unionOf(second), 'id')).toEqual(id);
  });

  it.each(FORBIDS.slice(2))('[AC7] has its type where every other %s', (_, second) => {
    expect(propertyOf(unionOf(second), 'id')).toEqual(id);
  });

  it('[AC7] says the type first where another takes anything there, and lists all types once', () => {
    expect(propertyOf(unionOf({}), 'id')).toEqual({
      description: 'Should be of type string. Its id',
      anyOf: [
        { type: 'string' },
        { type: 'number' },
        { type: 'boolean' },
        { type: 'object' },
        { type: 'array', items: {} },
        { type: 'null' },
      ],
    });
  });

  it.each(FORBIDS)('[AC7] is never published more strictly than it is judged: the other %s', (_, second) => {
    const original = new Ajv2020({ strict: false }).compile(unionOf(second));
    const published = new Ajv2020({ strict: false }).compile(publishSchema(unionOf(second)));
    for (const value of [{ id: 'a' }, { name: 3 }, { id: 5, name: 3 }, { id: 'a', name: 3 }, { name: 3, x: 1 }, { 'x-a': 1, name: 4 }])
      if (original(value)) expect({ value, isTaken: published(value) }).toEqual({ value, isTaken: true });
  });
});
