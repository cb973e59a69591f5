import { isJsonObject } from '../json-object.js';
import type { JsonObject } from '../mcp-types.js';

/** Keywords of which anything is a value, and no schema. */
export const VALUE_KEYWORDS: ReadonlySet<string> = new Set(['enum', 'const', 'default', 'examples']);

/** The schema with what `change` makes of each object in it, the inner ones first; values stay. For schemas of bounded depth. */
export function mapSchemas(schema: JsonObject, change: (schema: JsonObject) => JsonObject): JsonObject {
  return change(
    Object.fromEntries(Object.entries(schema).map(([key, value]) => [key, VALUE_KEYWORDS.has(key) ? value : mapped(value, change)])),
  );
}

function mapped(value: unknown, change: (schema: JsonObject) => JsonObject): unknown {
  if (Array.isArray(value)) return value.map((each) => mapped(each, change));
  return isJsonObject(value) ? mapSchemas(value, change) : value;
}
