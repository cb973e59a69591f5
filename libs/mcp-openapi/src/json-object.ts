import type { JsonObject } from './mcp-types.js';

/** Is it a JSON object: neither null nor an array nor a scalar? */
export function isJsonObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
