import type { JsonObject } from '../mcp-types.js';
import { hasObject } from '../schema/has-object.js';
import { mapSchemas } from '../schema/map-schemas.js';

/** Whether the keyword refers to what the dynamic scope makes of its value. */
export function isDynamicReference(keyword: string, value: unknown): value is string {
  return (keyword === '$dynamicRef' || keyword === '$recursiveRef') && typeof value === 'string';
}

/** Whether the object has such a keyword. */
export function refersDynamically(node: JsonObject): boolean {
  return isDynamicReference('$dynamicRef', node['$dynamicRef']) || isDynamicReference('$recursiveRef', node['$recursiveRef']);
}

/**
 * The schema with each `$dynamicRef` and `$recursiveRef` as the `$ref` that it is where the schema is one resource (JSON Schema 2020-12 core
 * section 8.2.3.2, 2019-09 core section 8.2.4.2); ajv would take the whole schema where it has not met the anchor yet, and so refuse what is valid.
 * One of several resources (`$id` within it) is given back as it is. For schemas of bounded depth; `schema` stays as it is.
 */
export function withPlainReferences(schema: JsonObject): JsonObject {
  if (!hasObject(schema, refersDynamically) || hasObject(schema, (node) => node !== schema && isResource(node))) return schema;
  // Ajv knows no anchor of the root.
  const toRoot = [schema['$dynamicAnchor'], schema['$anchor']].filter((name) => typeof name === 'string').map((name) => `#${name}`);
  return mapSchemas(schema, (node) => withPlainAnchor(withRefs(node, toRoot)));
}

function isResource({ $id }: JsonObject): boolean {
  return typeof $id === 'string' && !$id.startsWith('#');
}

function withRefs(node: JsonObject, toRoot: readonly string[]): JsonObject {
  if (!refersDynamically(node)) return node;
  const entries = Object.entries(node);
  const refs = entries.flatMap(([keyword, ref]) => (isDynamicReference(keyword, ref) ? [{ $ref: toRoot.includes(ref) ? '#' : ref }] : []));
  const { allOf } = node;
  return {
    ...Object.fromEntries(entries.filter(([keyword, value]) => !isDynamicReference(keyword, value))),
    allOf: [...(Array.isArray(allOf) ? (allOf as unknown[]) : []), ...refs],
  };
}

function withPlainAnchor(node: JsonObject): JsonObject {
  const { $dynamicAnchor, ...others } = node;
  return typeof $dynamicAnchor !== 'string' || Object.hasOwn(node, '$anchor') ? node : { ...others, $anchor: $dynamicAnchor };
}
