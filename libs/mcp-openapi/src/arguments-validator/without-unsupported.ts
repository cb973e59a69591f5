import { isJsonObject } from '../json-object.js';
import type { JsonObject } from '../mcp-types.js';
import { hasObject } from '../schema/has-object.js';
import { VALUE_KEYWORDS } from '../schema/map-schemas.js';
import type { LinearPatterns } from './linear-reg-exp.js';
import { isDynamicReference, refersDynamically } from './plain-references.js';

/** What cannot be judged as it was written. */
interface Unsupported {
  readonly patterns: ReadonlySet<string>;
  /** There are references whose meaning depends on who refers. */
  readonly references: boolean;
}

/** A schema of which all can be judged, its patterns in linear time, with the meaning that it was written with, and what had to go. */
interface SupportedSchema {
  readonly schema: JsonObject;
  readonly unsupported: Unsupported;
}

/**
 * Takes out what a linear-time engine cannot test and what refers dynamically, and with it whatever would turn "not tested" into a refusal: a
 * `not` or `if` around it, the exclusiveness of a `oneOf`, what it is that nothing has evaluated. The result refuses nothing that `schema`
 * accepts. For schemas of bounded depth; `schema` stays as it is.
 */
export function withoutUnsupported(schema: JsonObject, patterns: LinearPatterns): SupportedSchema {
  const unsupported = {
    patterns: new Set(patternsIn(schema).filter((pattern) => patterns.get(pattern) === undefined)),
    references: hasObject(schema, refersDynamically),
  };
  if (unsupported.patterns.size === 0 && !unsupported.references) return { schema, unsupported };
  return { schema: relax(schema, unsupported) as JsonObject, unsupported };
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

const UNEVALUATED = new Set(['unevaluatedProperties', 'unevaluatedItems']);
const MAPS_OF_SCHEMAS = new Set(['properties', '$defs', 'definitions', 'dependentSchemas', 'dependencies']);

function relax(schema: unknown, unsupported: Unsupported): unknown {
  if (Array.isArray(schema)) return schema.map((each) => relax(each, unsupported));
  if (!isJsonObject(schema)) return schema;
  const relaxed = Object.entries(schema).flatMap(([keyword, value]) => relaxKeyword(keyword, value, schema, unsupported));
  return Object.fromEntries(relaxed);
}

function relaxKeyword(keyword: string, value: unknown, schema: JsonObject, unsupported: Unsupported): [string, unknown][] {
  if (VALUE_KEYWORDS.has(keyword)) return [[keyword, value]];
  if (keyword === 'pattern' && unsupported.patterns.has(value as string)) return [];
  if (isDynamicReference(keyword, value)) return [];
  if (unsupported.references && UNEVALUATED.has(keyword) && isAffected(schema, unsupported)) return [];
  if (keyword === 'patternProperties') return [[keyword, relaxMap(value, unsupported, (pattern) => unsupported.patterns.has(pattern))]];
  if (MAPS_OF_SCHEMAS.has(keyword)) return [[keyword, relaxMap(value, unsupported, () => false)]];
  if ((keyword === 'not' || keyword === 'if') && isAffected(value, unsupported)) return [];
  if (keyword === 'maxContains' && isAffected(schema['contains'], unsupported)) return [];
  if (keyword === 'oneOf' && isAffected(value, unsupported))
    return Object.hasOwn(schema, 'anyOf') ? [] : [['anyOf', relax(value, unsupported)]];
  return [[keyword, relax(value, unsupported)]];
}

function relaxMap(map: unknown, unsupported: Unsupported, isFree: (key: string) => boolean): unknown {
  if (!isJsonObject(map)) return map;
  return Object.fromEntries(Object.entries(map).map(([key, schema]) => [key, isFree(key) || relax(schema, unsupported)]));
}

/** Does the schema hold an unsupported pattern, or a reference that may lead to one? */
function isAffected(schema: unknown, unsupported: Unsupported): boolean {
  if (typeof schema !== 'object' || schema === null) return false;
  const { pattern, patternProperties, $ref } = schema as Record<string, unknown>;
  if (typeof $ref === 'string' || (typeof pattern === 'string' && unsupported.patterns.has(pattern))) return true;
  if (isJsonObject(schema) && refersDynamically(schema)) return true;
  if (isJsonObject(patternProperties) && Object.keys(patternProperties).some((key) => unsupported.patterns.has(key))) return true;
  return Object.values(schema).some((inner) => isAffected(inner, unsupported));
}
