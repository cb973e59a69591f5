import { isJsonObject } from '../json-object.js';
import type { JsonObject } from '../mcp-types.js';
import { isModern } from '../schema/dialect.js';
import { ecmaPattern } from '../schema/ecma-pattern.js';
import { allowsValue, type JsonType } from '../schema/json-types.js';
import { exactSchema } from './exact-schema.js';
import type { Conjunction, Trail } from './expand-schema.js';
import type { MergedSchema, SchemasByKey } from './merge-parts.js';
import { KEYWORDS_OF_TYPE } from './possible-types.js';

/** Any value. `items` is empty, the one schema without a type: arrays of arrays never end, and model providers refuse an array without `items`. */
export const ANY_VALUE: JsonObject = {
  anyOf: [{ type: 'string' }, { type: 'number' }, { type: 'boolean' }, { type: 'object' }, { type: 'array', items: {} }, { type: 'null' }],
};

/** A schema inside another, and where it goes once it is published. */
export interface Child {
  readonly conjunction: Conjunction;
  /** The types that its values can have; all when absent. */
  readonly within?: readonly JsonType[];
  readonly depth: number;
  readonly place: (published: JsonObject) => void;
}

/** Where a schema's children belong, and who publishes them. */
interface ChildContext {
  readonly depth: number;
  readonly trail: Trail | undefined;
  readonly order: (child: Child) => void;
}

const TYPED_PLAIN = new Set(Object.values(KEYWORDS_OF_TYPE).flat());

/** The keywords of a merged schema that speak of it rather than of values of some type. */
export function annotations({ plain }: MergedSchema): JsonObject {
  return Object.fromEntries(Object.entries(plain).filter(([keyword]) => !TYPED_PLAIN.has(keyword)));
}

/** A published schema on its way: its children take their places later, so it must not be copied. */
export type Draft = Record<string, unknown>;

/** Adds to `draft` the keywords that constrain values of `types`; the schemas inside are ordered. */
export function addTypedKeywords(draft: Draft, merged: MergedSchema, types: readonly JsonType[], context: ChildContext): void {
  const { enumeration, bounds, plain } = merged;
  const values = enumeration?.filter((value) => types.some((type) => allowsValue(type, value)));
  if (values && values.length > 0) draft['enum'] = values;
  for (const [keyword, value] of Object.entries({ ...plain, ...bounds })) {
    const published = keyword === 'pattern' ? ecmaPattern(value as string) : value;
    if (published !== undefined && isAbout(keyword, types)) draft[keyword] = published;
  }
  if (types.includes('object')) addObjectKeywords(draft, merged, context);
  if (types.includes('array')) addArrayKeywords(draft, merged, context);
  addConditions(draft, merged, types, context);
}

function isAbout(keyword: string, types: readonly JsonType[]): boolean {
  if (keyword === 'format') return types.some((type) => type === 'string' || type === 'number' || type === 'integer');
  return types.some((type) => KEYWORDS_OF_TYPE[type === 'integer' ? 'number' : type]?.includes(keyword));
}

function addObjectKeywords(draft: Draft, merged: MergedSchema, context: ChildContext): void {
  if (merged.properties.size > 0) draft['properties'] = orderMap(merged.properties, context);
  if (merged.required.length > 0) draft['required'] = merged.required;
  const patternProperties = publishedPatterns(merged.patternProperties);
  if (patternProperties.size > 0) draft['patternProperties'] = orderMap(patternProperties, context);
  // What a pattern took that is left out is nothing additional.
  const isWhole = patternProperties.size === merged.patternProperties.size;
  const additionalProperties = isWhole ? merged.additionalProperties : [];
  if (additionalProperties.includes(false)) draft['additionalProperties'] = false;
  else if (additionalProperties.some((schema) => schema !== true)) orderAt(draft, 'additionalProperties', additionalProperties, context);
  else if (additionalProperties.length > 0) draft['additionalProperties'] = true;
  if (merged.propertyNames.some((schema) => typeof schema !== 'boolean'))
    orderAt(draft, 'propertyNames', merged.propertyNames, context, ['string']);
  if (Object.keys(merged.dependentRequired).length > 0) draft['dependentRequired'] = merged.dependentRequired;
  if (merged.dependentSchemas.size > 0) draft['dependentSchemas'] = orderMap(merged.dependentSchemas, context, ['object']);
}

/** Those that readers can run. */
function publishedPatterns(patterns: SchemasByKey): SchemasByKey {
  const published = new Map<string, readonly unknown[]>();
  for (const [pattern, schemas] of patterns) {
    const key = ecmaPattern(pattern);
    if (key !== undefined && !published.has(key)) published.set(key, schemas);
  }
  return published;
}

function addArrayKeywords(draft: Draft, merged: MergedSchema, context: ChildContext): void {
  const { prefixItems, items, isClosed } = merged.elements;
  if (prefixItems.length > 0) {
    const published: unknown[] = [];
    draft['prefixItems'] = published;
    prefixItems.forEach((schemas, index) => orderAt(published, index, schemas, context));
  }
  if (isClosed) draft['maxItems'] = Math.min(prefixItems.length, Number(draft['maxItems'] ?? Infinity));
  if (items.length > 0) orderAt(draft, 'items', items, context);
  addContains(draft, merged, context);
}

function addContains(draft: Draft, { parts, dialect }: MergedSchema, context: ChildContext): void {
  const part = parts.find(({ contains }) => typeof contains === 'object' && contains !== null);
  if (!part) return;
  const { contains, minContains, maxContains } = isModern(dialect) ? part : { contains: part['contains'] };
  if (typeof minContains === 'number') draft['minContains'] = minContains;
  const exact = typeof maxContains === 'number' ? exactSchema(contains) : undefined;
  if (exact) Object.assign(draft, { contains: exact, maxContains });
  else orderAt(draft, 'contains', [contains], context);
}

/** `not` and `if`, where they can be published exactly; draft-04 has neither `if` nor `const`. */
function addConditions(draft: Draft, { parts, dialect }: MergedSchema, types: readonly JsonType[], context: ChildContext): void {
  if (dialect === 'draft-04') return;
  const excluded = parts.map((part) => exactKeywordOf(part, 'not')).filter((not) => not !== undefined);
  if (excluded.length > 0) draft['not'] = excluded.length === 1 ? excluded[0] : { anyOf: excluded };
  const conditional = parts.find((part) => exactKeywordOf(part, 'if'));
  if (!conditional) return;
  draft['if'] = exactKeywordOf(conditional, 'if');
  for (const branch of ['then', 'else'])
    if (isJsonObject(conditional[branch])) orderAt(draft, branch, [conditional[branch]], context, types);
}

function exactKeywordOf(part: JsonObject, keyword: string): JsonObject | undefined {
  return Object.hasOwn(part, keyword) ? exactSchema(part[keyword]) : undefined;
}

function orderMap(schemasByKey: SchemasByKey, context: ChildContext, within?: readonly JsonType[]): Record<string, unknown> {
  const published = Object.create(null) as Record<string, unknown>;
  for (const [key, schemas] of schemasByKey) if (!schemas.includes(false)) orderAt(published, key, schemas, context, within);
  return published;
}

function orderAt(
  place: Record<string | number, unknown> | unknown[],
  key: string | number,
  schemas: readonly unknown[],
  { depth, trail, order }: ChildContext,
  within?: readonly JsonType[],
): void {
  const target = place as Record<string | number, unknown>;
  target[key] = undefined; // The key keeps its place in the order of the original.
  order({ conjunction: { schemas, trail }, ...(within ? { within } : {}), depth, place: (published) => (target[key] = published) });
}
