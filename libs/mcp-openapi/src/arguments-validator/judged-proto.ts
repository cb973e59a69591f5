import { isJsonObject } from '../json-object.js';
import type { JsonObject } from '../mcp-types.js';
import { hasProtoKey } from '../schema/has-object.js';
import { mapSchemas } from '../schema/map-schemas.js';

const PROTO = '__proto__';
const PROTO_PATTERN = '^__proto__$';

/**
 * The schema with each property named `__proto__` moved to `patternProperties`: ajv passes over the name in `properties`, though it is a key like any
 * other in JSON. For schemas of bounded depth; `schema` stays as it is.
 */
export function withJudgedProto(schema: JsonObject): JsonObject {
  return hasProtoKey(schema) ? mapSchemas(schema, withMovedProto) : schema;
}

function withMovedProto(schema: JsonObject): JsonObject {
  const { properties, patternProperties } = schema;
  if (!isJsonObject(properties) || !Object.hasOwn(properties, PROTO)) return schema;
  const others = Object.fromEntries(Object.entries(properties).filter(([name]) => name !== PROTO));
  const patterns = isJsonObject(patternProperties) ? patternProperties : {};
  const judges = [properties[PROTO], ...(Object.hasOwn(patterns, PROTO_PATTERN) ? [patterns[PROTO_PATTERN]] : [])];
  const moved = judges.length === 1 ? judges[0] : { allOf: judges };
  return { ...schema, properties: others, patternProperties: { ...patterns, [PROTO_PATTERN]: moved } };
}
