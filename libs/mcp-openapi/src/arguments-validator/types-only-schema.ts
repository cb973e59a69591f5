import { isJsonObject } from '../json-object.js';
import type { JsonObject } from '../mcp-types.js';
import { readTypes } from '../schema/json-types.js';

const MAX_DEPTH = 8;
const MAX_NODES = 2_000;

/** What a schema says about the types of the arguments and about which are required, and nothing else: quickly compiled, however large it is. */
export function typesOnlySchema(schema: JsonObject): JsonObject {
  const budget = { nodes: MAX_NODES };
  return reduced(schema, 0, budget);
}

function reduced(schema: JsonObject, depth: number, budget: { nodes: number }): JsonObject {
  budget.nodes -= 1;
  const { type, required, properties, items, nullable } = schema;
  const types = readTypes(type);
  return {
    ...(types ? { type: nullable === true ? [...new Set([...types, 'null'])] : types } : {}),
    ...(Array.isArray(required) ? { required: [...new Set(required.filter((name) => typeof name === 'string'))] } : {}),
    ...(depth < MAX_DEPTH && isJsonObject(properties) ? { properties: reducedMap(properties, depth, budget) } : {}),
    ...(depth < MAX_DEPTH && isJsonObject(items) ? { items: reduced(items, depth + 1, budget) } : {}),
  };
}

function reducedMap(properties: JsonObject, depth: number, budget: { nodes: number }): JsonObject {
  const reducedProperties: [string, unknown][] = [];
  for (const [name, schema] of Object.entries(properties)) {
    if (budget.nodes <= 0) break;
    if (isJsonObject(schema)) reducedProperties.push([name, reduced(schema, depth + 1, budget)]);
  }
  return Object.fromEntries(reducedProperties);
}
