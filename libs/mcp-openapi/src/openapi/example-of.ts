import { isJsonObject } from '../json-object.js';
import type { JsonObject } from '../mcp-types.js';

const MAX_VALUES = 100;
const MAX_DEPTH = 8;
const MAX_ITEMS = 3;
const MAX_LENGTH = 200;

/**
 * Arguments to begin with, for a tool whose arguments have this published schema: the example that its author gave, else what is required and
 * nothing else, since a made-up value for something optional (the id of a plan) is what makes a call fail. Total.
 */
export function exampleArguments(schema: JsonObject): JsonObject {
  const { examples } = schema;
  const given: unknown = Array.isArray(examples) ? examples[0] : undefined;
  if (isJsonObject(given)) return given;
  const example = new ExampleMaker().valueOf(schema, 0);
  return isJsonObject(example) ? example : {};
}

class ExampleMaker {
  private values = 0;

  valueOf(schema: unknown, depth: number): unknown {
    this.values += 1;
    if (!isJsonObject(schema) || depth > MAX_DEPTH || this.values > MAX_VALUES) return 'string';
    const { examples, example, enum: values, anyOf, type } = schema;
    for (const [given] of [examples, values].filter(isFilledList)) return given;
    if (example !== undefined) return example;
    if (schema['default'] !== undefined) return schema['default'];
    if (type === undefined && Array.isArray(anyOf)) return this.valueOf(anyOf[0], depth);
    if (type === 'object') return this.objectOf(schema, depth);
    if (type === 'array') return this.arrayOf(schema, depth);
    if (type === 'string') return textOf(schema);
    if (type === 'number' || type === 'integer') return numberOf(schema);
    return type === 'null' ? null : type === 'boolean' ? true : 'string';
  }

  private objectOf({ properties, required }: JsonObject, depth: number): JsonObject {
    if (!isJsonObject(properties) || !Array.isArray(required)) return {};
    const names = required.filter((name) => typeof name === 'string' && Object.hasOwn(properties, name)) as string[];
    return Object.fromEntries(names.slice(0, MAX_VALUES).map((name) => [name, this.valueOf(properties[name], depth + 1)]));
  }

  private arrayOf({ items, minItems }: JsonObject, depth: number): unknown[] {
    const length = typeof minItems === 'number' ? Math.min(minItems, MAX_ITEMS) : 0;
    return Array.from({ length }, () => this.valueOf(items, depth + 1));
  }
}

function isFilledList(list: unknown): list is readonly [unknown] {
  return Array.isArray(list) && list.length > 0;
}

const OF_FORMAT: Readonly<Record<string, string>> = {
  date: '2025-10-15',
  'date-time': '2025-10-15T09:30:00Z',
  time: '09:30:00Z',
  duration: 'P1D',
  email: 'user@example.com',
  uri: 'https://example.com',
  'uri-reference': '/path',
  hostname: 'example.com',
  ipv4: '192.0.2.1',
  ipv6: '2001:db8::1',
  uuid: '0b6e8a52-77a0-4a53-9a5a-1f0f2f2c9a11',
};

function textOf({ format, minLength, maxLength }: JsonObject): string {
  const text = (typeof format === 'string' ? OF_FORMAT[format] : undefined) ?? 'string';
  const longer = typeof minLength === 'number' ? text.padEnd(Math.min(minLength, MAX_LENGTH), '-') : text;
  return typeof maxLength === 'number' ? longer.slice(0, Math.max(0, maxLength)) : longer;
}

function numberOf({ minimum, maximum, exclusiveMinimum, exclusiveMaximum, multipleOf }: JsonObject): number {
  if (typeof minimum === 'number') return minimum;
  if (typeof exclusiveMinimum === 'number') return exclusiveMinimum + 1;
  if (typeof multipleOf === 'number') return multipleOf;
  if (typeof maximum === 'number') return Math.min(1, maximum);
  return typeof exclusiveMaximum === 'number' ? Math.min(1, exclusiveMaximum - 1) : 1;
}
