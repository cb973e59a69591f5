import { isJsonObject } from '../json-object.js';
import type { JsonObject } from '../mcp-types.js';
import { atOnce, type Slices } from '../slices.js';
import { publishArguments } from './publish-arguments.js';
import { SchemaPublisher } from './schema-publisher.js';

/** The request body schema that is published for a tool with this inputSchema; see `publishArguments`. */
export function publishSchema(inputSchema: JsonObject): JsonObject {
  return atOnce(publishArguments(inputSchema)).schema;
}

/** The schema that is published for a tool's results: of any type, and nothing at all where the tool declares none. */
export function* publishOutput(outputSchema: unknown): Slices<JsonObject> {
  if (!isJsonObject(outputSchema)) return {};
  const publisher = new SchemaPublisher(outputSchema);
  let published: JsonObject = {};
  publisher.order({ conjunction: { schemas: [outputSchema], trail: undefined }, depth: 0, place: (schema) => (published = schema) });
  yield* publisher.finish();
  return published;
}
