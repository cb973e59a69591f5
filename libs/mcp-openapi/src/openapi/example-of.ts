import { isJsonObject } from '../json-object.js';
import type { JsonObject } from '../mcp-types.js';

const MAX_VALUES = 100;
const MAX_DEPTH = 8;
const MAX_ITEMS = 3;
const MAX_LENGTH = 200;

/**
 * Arguments to begin with, for a tool whose arguments have this published schema: the example that its author gave, else what is required and
 * nothing else, since a made-up value for something optional (the id of a plan) is what makes a call fail. None where a value has to be of a
 * form that cannot be made up here: readers make up their own. Total.
 */
export function exampleArguments(schema: JsonObject): JsonObject | undefined {
  const { examples } = schema;
  const given: unknown = Array.isArray(examples) ? examples[0] : undefined;
  if (isJsonObject(given)) return given;
  const maker = new ExampleMaker();
  const example = maker.valueOf(schema, 0);
  if (!maker.fits) return undefined;
  return isJsonObject(example) ? example : {};
}

class ExampleMaker {
  private values = 0;
  /** Whether what was made is of the form that its schema asks for, as far as is plain to see. */
  fits = true;

  valueOf(schema: unknown, depth: number): unknown {
    this.values += 1;
    if (!isJsonObject(schema) || depth > MAX_DEPTH || this.values > MAX_VALUES) return 'string';
    const { examples, example, enum: values, anyOf, type } = schema;
    for (const [given] of [examples, values].filter(isFilledList)) return given;
    if (example !== undefined) return example;
    if (schema['default'] !== undefined) return schema['default'];
    if (KEYWORDS_BEYOND.some((keyword) => Object.hasOwn(schema, keyword))) this.fits = false;
    if (type === undefined && Array.isArray(anyOf)) return this.valueOf(anyOf[0], depth);
    if (type === 'object') return this.objectOf(schema, depth);
    if (type === 'array') return this.arrayOf(schema, depth);
    if (type === 'string') return textOf(schema);
    if (type === 'number' || type === 'integer') return this.numberOf(schema, type === 'integer');
    return type === 'null' ? null : type === 'boolean' ? true : 'string';
  }

  private objectOf({ properties, required, minProperties }: JsonObject, depth: number): JsonObject {
    if (typeof minProperties === 'number' && minProperties > (Array.isArray(required) ? required.length : 0)) this.fits = false;
    if (!isJsonObject(properties) || !Array.isArray(required)) return {};
    const names = required.filter((name) => typeof name === 'string' && Object.hasOwn(properties, name)) as string[];
    return Object.fromEntries(names.slice(0, MAX_VALUES).map((name) => [name, this.valueOf(properties[name], depth + 1)]));
  }

  private arrayOf({ items, minItems, uniqueItems }: JsonObject, depth: number): unknown[] {
    const asked = typeof minItems === 'number' ? minItems : 0;
    if (asked > MAX_ITEMS || (asked > 1 && uniqueItems === true)) this.fits = false;
    const length = Math.min(asked, MAX_ITEMS);
    return Array.from({ length }, () => this.valueOf(items, depth + 1));
  }

  /** The least that is allowed, else one. */
  private numberOf({ minimum, maximum, exclusiveMinimum, exclusiveMaximum, multipleOf }: JsonObject, isInteger: boolean): number {
    const step = typeof multipleOf === 'number' ? multipleOf : isInteger ? 1 : 0;
    const least = largest(minimum, typeof exclusiveMinimum === 'number' ? exclusiveMinimum + (step || 1) : undefined);
    const most = largest(negated(maximum), typeof exclusiveMaximum === 'number' ? (step || 1) - exclusiveMaximum : undefined);
    const wanted = least ?? Math.min(step || 1, most === undefined ? Infinity : -most);
    const made = step === 0 ? wanted : least === undefined ? Math.floor(wanted / step) * step : Math.ceil(wanted / step) * step;
    const isOff = isInteger && !Number.isInteger(made);
    const isRounded = !Number.isInteger(step) && made !== step;
    if ((most !== undefined && made > -most) || !Number.isFinite(made) || isOff || isRounded) this.fits = false;
    return made;
  }
}

/** What a made-up value cannot be held against here. */
const KEYWORDS_BEYOND = ['pattern', 'not', 'if', 'contains', 'propertyNames', 'dependentRequired', 'dependentSchemas'];

function largest(...values: readonly unknown[]): number | undefined {
  const numbers = values.filter((value) => typeof value === 'number');
  return numbers.length === 0 ? undefined : Math.max(...numbers);
}

function negated(value: unknown): number | undefined {
  return typeof value === 'number' ? -value : undefined;
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
