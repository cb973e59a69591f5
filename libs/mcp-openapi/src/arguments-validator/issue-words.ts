import type { ErrorObject } from 'ajv';
import { shown } from '../schema/json-value.js';

const MAX_VALUES = 20;

/** What is wrong in words that a person or a model can act on, for an error that concerns one value. */
export function issueOf({ keyword, params }: ErrorObject): string {
  const words = WORDS[keyword];
  return words ? words(params as Params) : 'is not valid';
}

/** The types of a `type` error in words: `a string`, `a string or null`. */
export function typeWords(types: readonly string[]): string {
  return [...new Set(types)].map((type) => TYPE_WORDS[type] ?? type).join(' or ');
}

/** The types that a `type` error asks for. */
export function typesAskedFor({ params }: ErrorObject): string[] {
  return typesOf((params as Params).type);
}

function typesOf(type: string | string[]): string[] {
  return Array.isArray(type) ? type : type.split(',');
}

/** `must be one of low, high`. */
export function oneOfWords(values: readonly unknown[]): string {
  const more = values.length > MAX_VALUES ? `, … (${values.length} in all)` : '';
  return values.length === 1 ? `must be ${shown(values[0])}` : `must be one of ${values.slice(0, MAX_VALUES).map(shown).join(', ')}${more}`;
}

const TYPE_WORDS: Readonly<Record<string, string>> = {
  string: 'a string',
  number: 'a number',
  integer: 'an integer',
  boolean: 'true or false',
  object: 'an object',
  array: 'an array',
  null: 'null',
};

const FORMAT_WORDS: Readonly<Record<string, string>> = {
  date: 'must be a date as YYYY-MM-DD',
  'date-time': 'must be a date and time as 2025-10-15T09:30:00Z',
  time: 'must be a time as 09:30:00Z',
  duration: 'must be a duration as P3DT4H',
  email: 'must be an email address',
  uri: 'must be a URI with its scheme, as https://example.com',
  uuid: 'must be a UUID',
};

/** The parameters of ajv's errors that words are made of; each keyword has its own of them. */
interface Params {
  readonly type: string | string[];
  readonly allowedValues: readonly unknown[];
  readonly allowedValue: unknown;
  readonly format: string;
  readonly pattern: string;
  readonly limit: number;
  readonly multipleOf: number;
}

const WORDS: Readonly<Record<string, (params: Params) => string>> = {
  type: (params) => `must be ${typeWords(typesOf(params.type))}`,
  enum: ({ allowedValues }) => oneOfWords(allowedValues),
  const: ({ allowedValue }) => oneOfWords([allowedValue]),
  format: ({ format }) => FORMAT_WORDS[format] ?? `must match format "${format.slice(0, 100)}"`,
  pattern: ({ pattern }) => `must match the pattern ${pattern.slice(0, 200)}`,
  minimum: ({ limit }) => `must be at least ${limit}`,
  maximum: ({ limit }) => `must be at most ${limit}`,
  exclusiveMinimum: ({ limit }) => `must be greater than ${limit}`,
  exclusiveMaximum: ({ limit }) => `must be less than ${limit}`,
  multipleOf: ({ multipleOf }) => `must be a multiple of ${multipleOf}`,
  minLength: ({ limit }) => (limit === 1 ? 'must not be empty' : `must have at least ${limit} characters`),
  maxLength: ({ limit }) => `must have at most ${counted(limit, 'character')}`,
  minItems: ({ limit }) => `must have at least ${counted(limit, 'item')}`,
  maxItems: ({ limit }) => `must have at most ${counted(limit, 'item')}`,
  items: ({ limit }) => `must have at most ${counted(limit, 'item')}`,
  additionalItems: ({ limit }) => `must have at most ${counted(limit, 'item')}`,
  unevaluatedItems: ({ limit }) => `must have at most ${counted(limit, 'item')}`,
  minProperties: ({ limit }) => `must have at least ${counted(limit, 'key')}`,
  maxProperties: ({ limit }) => `must have at most ${counted(limit, 'key')}`,
  uniqueItems: () => 'must not hold the same item twice',
  contains: () => 'must hold items of the required form',
  not: () => 'must not have this form',
  if: () => 'does not fit the other arguments',
  'false schema': () => 'is not allowed',
};

function counted(count: number, unit: string): string {
  return `${count} ${unit}${count === 1 ? '' : 's'}`;
}
