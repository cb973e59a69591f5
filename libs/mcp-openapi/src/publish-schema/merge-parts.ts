import { isJsonObject } from '../json-object.js';
import type { JsonObject } from '../mcp-types.js';
import { plainText } from '../plain-text.js';
import { type Dialect, isModern } from '../schema/dialect.js';
import { commonTypes, type JsonType, readTypes } from '../schema/json-types.js';
import { canonicalText, isModest } from '../schema/json-value.js';
import { mergeBounds } from './merge-bounds.js';
import { mergeItems, type MergedItems } from './merge-items.js';

/** Schemas that all apply to the value of one key. */
export type SchemasByKey = ReadonlyMap<string, readonly unknown[]>;

/** One schema that accepts at least what all of its parts accept; every list of schemas in it applies as a whole. */
export interface MergedSchema {
  /** The types the parts agree on; undefined when they name none. */
  readonly types: readonly JsonType[] | undefined;
  readonly enumeration: readonly unknown[] | undefined;
  readonly bounds: Readonly<Record<string, number>>;
  /** `pattern`, `format`, `uniqueItems` and annotations, as they are published. */
  readonly plain: JsonObject;
  readonly required: readonly string[];
  readonly properties: SchemasByKey;
  readonly patternProperties: SchemasByKey;
  readonly dependentSchemas: SchemasByKey;
  readonly dependentRequired: JsonObject;
  readonly additionalProperties: readonly unknown[];
  readonly propertyNames: readonly unknown[];
  readonly elements: MergedItems;
  /** The parts, for keywords that only make sense as one of them has them: `if`, `not`, `contains`. */
  readonly parts: readonly JsonObject[];
  readonly dialect: Dialect;
}

/** How many keys of a schema are published: what has more was written to harm, and the rest can be called as well. */
export const MAX_KEYS = 2_500;

const MAX_TITLE_LENGTH = 200;
const MAX_DESCRIPTION_LENGTH = 2_000;

/** Merges parts (without `$ref`, `allOf`, `anyOf`, `oneOf`) that are written in `dialect`. What cannot be expressed as one is left out. */
export function mergeParts(parts: readonly JsonObject[], dialect: Dialect): MergedSchema {
  const properties = mergeMaps(parts, ['properties']);
  const patternProperties = mergeMaps(parts, ['patternProperties']);
  const isWhole = properties.size < MAX_KEYS && patternProperties.size < MAX_KEYS;
  return {
    types: mergeTypes(parts),
    enumeration: mergeEnums(parts, dialect),
    bounds: mergeBounds(parts, dialect),
    plain: mergePlain(parts),
    required: mergeRequired(parts),
    properties,
    patternProperties,
    dependentSchemas: mergeMaps(parts, isModern(dialect) ? ['dependentSchemas', 'dependencies'] : ['dependencies']),
    dependentRequired: mergeDependentRequired(parts, dialect),
    additionalProperties: isWhole ? listed(parts, 'additionalProperties') : [],
    propertyNames: dialect === 'draft-04' ? [] : listed(parts, 'propertyNames'),
    elements: mergeItems(parts, dialect),
    parts,
    dialect,
  };
}

function mergeTypes(parts: readonly JsonObject[]): readonly JsonType[] | undefined {
  let common: readonly JsonType[] | undefined;
  for (const { type, nullable } of parts) {
    const types = readTypes(type);
    if (!types) continue;
    const own: JsonType[] = nullable === true ? [...types, 'null'] : types;
    common = common ? commonTypes(common, own) : own;
  }
  return common;
}

function mergeEnums(parts: readonly JsonObject[], dialect: Dialect): readonly unknown[] | undefined {
  let common: readonly unknown[] | undefined;
  for (const part of parts) {
    const own = enumOf(part, dialect);
    if (!own) continue;
    common = common ? inBoth(common, own) : own;
  }
  return common;
}

function inBoth(a: readonly unknown[], b: readonly unknown[]): unknown[] {
  const texts = new Set(b.map(canonicalText));
  return a.filter((value) => texts.has(canonicalText(value)));
}

function enumOf(part: JsonObject, dialect: Dialect): readonly unknown[] | undefined {
  const values = dialect !== 'draft-04' && Object.hasOwn(part, 'const') ? [part['const']] : part['enum'];
  return Array.isArray(values) && values.length > 0 && values.every((value) => isModest(value)) ? values : undefined;
}

/** Keywords that are published as they are: those with a meaning of their own here, and those that no schema position hides in. */
const NOT_PLAIN: ReadonlySet<string> = new Set(
  `$schema $id id $anchor $dynamicAnchor $recursiveAnchor $vocabulary $comment $defs definitions $ref $dynamicRef $recursiveRef type nullable enum const
  allOf anyOf oneOf not if then else properties patternProperties additionalProperties propertyNames required dependentRequired dependentSchemas dependencies
  unevaluatedProperties unevaluatedItems items prefixItems additionalItems contains minContains maxContains minimum maximum exclusiveMinimum exclusiveMaximum
  multipleOf minLength maxLength minItems maxItems minProperties maxProperties contentSchema discriminator formatMinimum formatMaximum`.split(
    /\s+/,
  ),
);
const REFERENCES: ReadonlySet<string> = new Set(['$ref', '$dynamicRef', '$recursiveRef', '$id', '$anchor']);

function mergePlain(parts: readonly JsonObject[]): JsonObject {
  const plain: Record<string, unknown> = {};
  for (const part of parts) {
    for (const [keyword, value] of Object.entries(part)) {
      if (!NOT_PLAIN.has(keyword) && keyword !== '__proto__' && !Object.hasOwn(plain, keyword)) addPlain(plain, keyword, value);
    }
  }
  return plain;
}

function addPlain(plain: Record<string, unknown>, keyword: string, value: unknown): void {
  if (keyword === 'title' || keyword === 'description') {
    const text = plainText(value, keyword === 'title' ? MAX_TITLE_LENGTH : MAX_DESCRIPTION_LENGTH);
    if (text) plain[keyword] = text;
  } else if (keyword === 'pattern' || keyword === 'format') {
    if (typeof value === 'string') plain[keyword] = value;
  } else if (keyword === 'uniqueItems') {
    if (value === true) plain[keyword] = true;
  } else if (SHAPES.get(keyword)?.(value) === false) {
    return; // A document with it would be none.
  } else if (value !== undefined && isModest(value, REFERENCES)) plain[keyword] = value;
}

/** What OpenAPI 3.1 takes as the value of keywords that are published as they are. */
const SHAPES: ReadonlyMap<string, (value: unknown) => boolean> = new Map([
  ['examples', Array.isArray],
  ['deprecated', isBoolean],
  ['readOnly', isBoolean],
  ['writeOnly', isBoolean],
  ['contentEncoding', isString],
  ['contentMediaType', isString],
  ['xml', isJsonObject],
  ['externalDocs', (value) => isJsonObject(value) && typeof value['url'] === 'string'],
]);

function isBoolean(value: unknown): boolean {
  return typeof value === 'boolean';
}

function isString(value: unknown): boolean {
  return typeof value === 'string';
}

function mergeRequired(parts: readonly JsonObject[]): string[] {
  const merged = new Set<string>();
  for (const { required } of parts) {
    if (!Array.isArray(required)) continue;
    for (const name of required as unknown[]) {
      if (merged.size === MAX_KEYS) return [...merged];
      if (typeof name === 'string') merged.add(name);
    }
  }
  return [...merged];
}

function mergeMaps(parts: readonly JsonObject[], keywords: readonly string[]): SchemasByKey {
  const merged = new Map<string, unknown[]>();
  for (const keyword of keywords) {
    for (const part of parts) {
      const map = part[keyword];
      if (isJsonObject(map)) for (const key of Object.keys(map).slice(0, MAX_KEYS)) addSchema(merged, key, map[key]);
    }
  }
  return merged;
}

function addSchema(merged: Map<string, unknown[]>, key: string, schema: unknown): void {
  if (typeof schema !== 'boolean' && !isJsonObject(schema)) return;
  const schemas = merged.get(key);
  if (schemas) schemas.push(schema);
  else if (merged.size < MAX_KEYS) merged.set(key, [schema]);
}

function mergeDependentRequired(parts: readonly JsonObject[], dialect: Dialect): JsonObject {
  const merged = new Map<string, Set<string>>();
  for (const part of parts) {
    const entries = [...entriesOf(part['dependencies']), ...(isModern(dialect) ? entriesOf(part['dependentRequired']) : [])];
    for (const [key, names] of entries.slice(0, MAX_KEYS)) {
      if (!Array.isArray(names) || names.length > MAX_KEYS || !names.every((name) => typeof name === 'string')) continue;
      merged.set(key, new Set([...(merged.get(key) ?? []), ...names]));
    }
  }
  return Object.fromEntries([...merged].map(([key, names]) => [key, [...names]]));
}

function entriesOf(map: unknown): [string, unknown][] {
  return isJsonObject(map) ? Object.entries(map) : [];
}

function listed(parts: readonly JsonObject[], keyword: string): unknown[] {
  return parts.map((part) => part[keyword]).filter((value) => typeof value === 'boolean' || isJsonObject(value));
}
