import { isJsonObject } from '../json-object.js';
import type { JsonObject } from '../mcp-types.js';

/** What a schema means without the dynamic scope, which ajv knows only in part. */
interface PlainReferences {
  readonly schema: JsonObject;
  /** Some of its references depend on where they are come from, and are left out. */
  readonly isLooser: boolean;
}

const REFERENCES = ['$dynamicRef', '$recursiveRef'] as const;
/** In these anything is a value, and no schema. */
const VALUES = new Set(['enum', 'const', 'default', 'examples']);

/**
 * The schema with each `$dynamicRef` and `$recursiveRef` as the `$ref` that it is where the schema is one resource (JSON Schema 2020-12 core
 * section 8.2.3.2, 2019-09 core section 8.2.4.2); ajv would take the whole schema where it has not met the anchor yet, and so refuse what is valid.
 * Of a schema of several resources (`$id` within it) they are left out. For schemas of bounded depth; `schema` stays as it is.
 */
export function withPlainReferences(schema: JsonObject): PlainReferences {
  if (!holds(schema, (node) => REFERENCES.some((keyword) => typeof node[keyword] === 'string'))) return { schema, isLooser: false };
  const isLooser = holds(schema, (node) => node !== schema && isResource(node));
  return { schema: rewrite(schema, isLooser) as JsonObject, isLooser };
}

function holds(schema: JsonObject, isMeant: (node: JsonObject) => boolean): boolean {
  const pending: unknown[] = [schema];
  while (pending.length > 0) {
    const node = pending.pop();
    if (typeof node !== 'object' || node === null) continue;
    if (isJsonObject(node) && isMeant(node)) return true;
    for (const inner of Object.values(node)) pending.push(inner);
  }
  return false;
}

function isResource({ $id }: JsonObject): boolean {
  return typeof $id === 'string' && !$id.startsWith('#');
}

function rewrite(node: unknown, isLooser: boolean): unknown {
  if (Array.isArray(node)) return node.map((inner) => rewrite(inner, isLooser));
  if (!isJsonObject(node)) return node;
  const rewritten: Record<string, unknown> = Object.fromEntries(
    Object.entries(node).map(([key, value]) => [key, VALUES.has(key) ? value : rewrite(value, isLooser)]),
  );
  const references = REFERENCES.flatMap((keyword) => (typeof node[keyword] === 'string' ? [{ $ref: node[keyword] }] : []));
  if (references.length > 0) {
    for (const keyword of REFERENCES) if (typeof node[keyword] === 'string') delete rewritten[keyword];
    const others = Array.isArray(rewritten['allOf']) ? (rewritten['allOf'] as unknown[]) : [];
    if (!isLooser) rewritten['allOf'] = [...others, ...references];
  }
  const anchor = node['$dynamicAnchor'];
  if (typeof anchor === 'string' && !isLooser && !Object.hasOwn(node, '$anchor')) {
    delete rewritten['$dynamicAnchor'];
    rewritten['$anchor'] = anchor;
  }
  return rewritten;
}
