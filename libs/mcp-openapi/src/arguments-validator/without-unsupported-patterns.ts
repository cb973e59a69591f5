import { isJsonObject } from '../json-object.js';
import type { JsonObject } from '../mcp-types.js';
import type { LinearPatterns } from './linear-reg-exp.js';

/** A schema whose patterns can all be tested in linear time, with the meaning that they were written with, and the patterns that had to go. */
interface SupportedSchema {
  readonly schema: JsonObject;
  readonly unsupported: readonly string[];
}

/**
 * Takes out what a linear-time engine cannot test, and with it whatever would turn "not tested" into a refusal: a `not` or `if` around it, the
 * exclusiveness of a `oneOf`. The result refuses nothing that `schema` accepts. For schemas of bounded depth; `schema` stays as it is.
 */
export function withoutUnsupportedPatterns(schema: JsonObject, patterns: LinearPatterns): SupportedSchema {
  const unsupported = new Set(patternsIn(schema).filter((pattern) => patterns.get(pattern) === undefined));
  if (unsupported.size === 0) return { schema, unsupported: [] };
  return { schema: relax(schema, unsupported) as JsonObject, unsupported: [...unsupported] };
}

function patternsIn(schema: JsonObject): string[] {
  const patterns = new Set<string>();
  const pending: unknown[] = [schema];
  while (pending.length > 0) {
    const node = pending.pop();
    if (typeof node !== 'object' || node === null) continue;
    if (isJsonObject(node)) {
      if (typeof node['pattern'] === 'string') patterns.add(node['pattern']);
      if (isJsonObject(node['patternProperties'])) for (const pattern of Object.keys(node['patternProperties'])) patterns.add(pattern);
    }
    pending.push(...Object.values(node));
  }
  return [...patterns];
}

const MAPS_OF_SCHEMAS = new Set(['properties', '$defs', 'definitions', 'dependentSchemas', 'dependencies']);
const VALUES = new Set(['enum', 'const', 'default', 'examples']);

function relax(schema: unknown, unsupported: ReadonlySet<string>): unknown {
  if (Array.isArray(schema)) return schema.map((each) => relax(each, unsupported));
  if (!isJsonObject(schema)) return schema;
  const relaxed = Object.entries(schema).flatMap(([keyword, value]) => relaxKeyword(keyword, value, schema, unsupported));
  return Object.fromEntries(relaxed);
}

function relaxKeyword(keyword: string, value: unknown, schema: JsonObject, unsupported: ReadonlySet<string>): [string, unknown][] {
  if (VALUES.has(keyword)) return [[keyword, value]];
  if (keyword === 'pattern' && unsupported.has(value as string)) return [];
  if (keyword === 'patternProperties') return [[keyword, relaxMap(value, unsupported, (pattern) => unsupported.has(pattern))]];
  if (MAPS_OF_SCHEMAS.has(keyword)) return [[keyword, relaxMap(value, unsupported, () => false)]];
  if ((keyword === 'not' || keyword === 'if') && isAffected(value, unsupported)) return [];
  if (keyword === 'maxContains' && isAffected(schema['contains'], unsupported)) return [];
  if (keyword === 'oneOf' && isAffected(value, unsupported))
    return Object.hasOwn(schema, 'anyOf') ? [] : [['anyOf', relax(value, unsupported)]];
  return [[keyword, relax(value, unsupported)]];
}

function relaxMap(map: unknown, unsupported: ReadonlySet<string>, isFree: (key: string) => boolean): unknown {
  if (!isJsonObject(map)) return map;
  return Object.fromEntries(Object.entries(map).map(([key, schema]) => [key, isFree(key) || relax(schema, unsupported)]));
}

/** Does the schema hold an unsupported pattern, or a reference that may lead to one? */
function isAffected(schema: unknown, unsupported: ReadonlySet<string>): boolean {
  if (typeof schema !== 'object' || schema === null) return false;
  const { pattern, patternProperties, $ref } = schema as Record<string, unknown>;
  if (typeof $ref === 'string' || (typeof pattern === 'string' && unsupported.has(pattern))) return true;
  if (isJsonObject(patternProperties) && Object.keys(patternProperties).some((key) => unsupported.has(key))) return true;
  return Object.values(schema).some((inner) => isAffected(inner, unsupported));
}
