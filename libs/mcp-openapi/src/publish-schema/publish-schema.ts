import { isJsonObject } from '../json-object.js';
import type { JsonObject } from '../mcp-types.js';

export interface PublishedArguments {
  readonly schema: JsonObject;
  readonly notes: readonly string[];
}

export function publishArguments(inputSchema: JsonObject): PublishedArguments {
  const properties = isJsonObject(inputSchema['properties']) ? inputSchema['properties'] : {};
  const required = Array.isArray(inputSchema['required']) ? { required: inputSchema['required'] } : {};
  return { schema: { type: 'object', properties, ...required }, notes: [] };
}

/** The request body schema that is published for a tool. */
export function publishSchema(inputSchema: JsonObject): JsonObject {
  return publishArguments(inputSchema).schema;
}

export function publishOutput(outputSchema: unknown): JsonObject {
  return isJsonObject(outputSchema) ? outputSchema : {};
}
