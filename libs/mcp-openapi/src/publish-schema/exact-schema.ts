import { isJsonObject } from '../json-object.js';
import type { JsonObject } from '../mcp-types.js';
import { ecmaPattern } from '../schema/ecma-pattern.js';
import { ALL_TYPES, readTypes } from '../schema/json-types.js';
import { isModest } from '../schema/json-value.js';

const MAX_DEPTH = 6;
const COUNTS = new Set(['minLength', 'maxLength', 'minItems', 'maxItems', 'minProperties', 'maxProperties']);
const NUMBERS = new Set(['minimum', 'maximum', 'exclusiveMinimum', 'exclusiveMaximum']);
const ANNOTATIONS = new Set(['title', 'description', 'default', 'examples', '$comment']);

/**
 * A copy of `schema`, typed and without `const`, that accepts exactly what `schema` accepts; undefined when it holds a keyword for which that is
 * not plain to see. Under `not` and `if` nothing less will do: there a looser schema makes the whole a stricter one.
 */
export function exactSchema(schema: unknown, depth = 0): JsonObject | undefined {
  if (!isJsonObject(schema) || depth > MAX_DEPTH) return undefined;
  const copy: Record<string, unknown> = { type: ALL_TYPES };
  for (const [keyword, value] of Object.entries(schema)) {
    if (ANNOTATIONS.has(keyword)) continue;
    const copied = exactKeyword(keyword, value, depth);
    if (!copied) return undefined;
    Object.assign(copy, copied);
  }
  return copy;
}

function exactKeyword(keyword: string, value: unknown, depth: number): JsonObject | undefined {
  if (keyword === 'type') return readTypes(value) && { type: value };
  if (keyword === 'const') return isModest(value) ? { enum: [value] } : undefined;
  if (keyword === 'enum') return Array.isArray(value) && value.length > 0 && isModest(value) ? { enum: value } : undefined;
  if (keyword === 'required')
    return Array.isArray(value) && value.every((name) => typeof name === 'string') ? { required: value } : undefined;
  if (keyword === 'format') return typeof value === 'string' ? { format: value } : undefined;
  if (keyword === 'pattern') return exactPattern(value);
  if (NUMBERS.has(keyword)) return typeof value === 'number' ? { [keyword]: value } : undefined;
  if (COUNTS.has(keyword)) return Number.isInteger(value) && (value as number) >= 0 ? { [keyword]: value } : undefined;
  if (keyword === 'properties') return exactProperties(value, depth);
  return undefined;
}

function exactPattern(value: unknown): JsonObject | undefined {
  const pattern = typeof value === 'string' ? ecmaPattern(value) : undefined;
  return pattern === undefined ? undefined : { pattern };
}

function exactProperties(value: unknown, depth: number): JsonObject | undefined {
  if (!isJsonObject(value) || Object.hasOwn(value, '__proto__')) return undefined;
  const properties: Record<string, unknown> = {};
  for (const [name, schema] of Object.entries(value)) {
    const copy = exactSchema(schema, depth + 1);
    if (!copy) return undefined;
    properties[name] = copy;
  }
  return { properties };
}
