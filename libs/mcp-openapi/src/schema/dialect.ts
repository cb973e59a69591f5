import { isJsonObject } from '../json-object.js';
import type { JsonObject } from '../mcp-types.js';

/** The versions of JSON Schema that the gateway reads; draft-06 is read as draft-07, which only added to it. */
export type Dialect = '2020-12' | '2019-09' | 'draft-07' | 'draft-04';

const MAX_NODES_SCANNED = 5_000;

/** The dialects that a schema may be written in, in the order in which they are tried: what it says itself (else 2020-12), draft-07, draft-04. */
export function dialectsOf(schema: JsonObject): Dialect[] {
  return [...new Set<Dialect>([declaredDialect(schema['$schema']), 'draft-07', 'draft-04'])];
}

/** The dialect that a schema is most likely compiled in, told by its `$schema` and by keywords that only older dialects have, without compiling it. */
export function likelyDialect(schema: JsonObject): Dialect {
  const declared = declaredDialect(schema['$schema']);
  if (declared === 'draft-04' || declared === 'draft-07') return declared;
  return markOfOlderDialect(schema, declared) ?? declared;
}

/** Does the dialect have `dependentRequired`, `dependentSchemas`, `minContains` and `maxContains`? */
export function isModern(dialect: Dialect): boolean {
  return dialect === '2020-12' || dialect === '2019-09';
}

function declaredDialect($schema: unknown): Dialect {
  if (typeof $schema !== 'string') return '2020-12';
  if (/draft-0?4\b/.test($schema)) return 'draft-04';
  if (/draft-0?[67]\b/.test($schema)) return 'draft-07';
  return $schema.includes('2019-09') ? '2019-09' : '2020-12';
}

function markOfOlderDialect(schema: JsonObject, declared: Dialect): Dialect | undefined {
  const pending: object[] = [schema];
  let mark: Dialect | undefined;
  for (let scanned = 0; pending.length > 0 && scanned < MAX_NODES_SCANNED; scanned += 1) {
    const node = pending.pop() as object;
    if (isJsonObject(node)) {
      if (typeof node['exclusiveMinimum'] === 'boolean' || typeof node['exclusiveMaximum'] === 'boolean') return 'draft-04';
      if (typeof node['id'] === 'string' && node['id'].startsWith('#')) return 'draft-04';
      if (Array.isArray(node['items']) && declared === '2020-12') mark = 'draft-07';
    }
    for (const inner of Object.values(node)) if (typeof inner === 'object' && inner !== null) pending.push(inner as object);
  }
  return mark;
}
