import { isJsonObject } from './json-object.js';
import { elementTexts, type JsonText, topLevelMembers } from './json-text/index.js';
import type { JsonObject } from './mcp-types.js';
import { publishSchema } from './publish-schema/index.js';

/** Deeper than this nothing is dropped. */
const MAX_DEPTH = 16;

/** Takes arguments without the nulls that stand where a value may be absent and null may not be. */
type NullDropper = (args: JsonText) => JsonText;

/**
 * For tools whose callers write null for "nothing": models do so for optional fields. What is required, may be null or is not
 * declared stays, and every other value keeps its text.
 */
export function nullDropper(inputSchema: JsonObject): NullDropper {
  const schema = publishSchema(inputSchema);
  return (args) => {
    if (!args.text.includes('null')) return args;
    const text = withoutNulls(args.text, args.value, schema, 0);
    return text === args.text ? args : { text, value: JSON.parse(text) as unknown };
  };
}

function withoutNulls(text: string, value: unknown, schema: JsonObject, depth: number): string {
  if (depth === MAX_DEPTH || !text.includes('null')) return text;
  if (Array.isArray(value)) return itemsWithoutNulls(text, value, schema, depth);
  return isJsonObject(value) ? membersWithoutNulls(text, value, schema, depth) : text;
}

function membersWithoutNulls(text: string, value: JsonObject, schema: JsonObject, depth: number): string {
  const properties = isJsonObject(schema['properties']) ? schema['properties'] : {};
  const required: readonly unknown[] = Array.isArray(schema['required']) ? schema['required'] : [];
  let isChanged = false;
  const members: string[] = [];
  for (const [name, raw] of topLevelMembers(text)) {
    const property = Object.hasOwn(properties, name) ? properties[name] : undefined;
    if (value[name] === null && isJsonObject(property) && !required.includes(name) && !acceptsNull(property)) isChanged = true;
    else {
      const kept = isJsonObject(property) ? withoutNulls(raw, value[name], property, depth + 1) : raw;
      isChanged ||= kept !== raw;
      members.push(`${JSON.stringify(name)}:${kept}`);
    }
  }
  return isChanged ? `{${members.join(',')}}` : text;
}

function itemsWithoutNulls(text: string, value: readonly unknown[], schema: JsonObject, depth: number): string {
  const { items } = schema;
  if (!isJsonObject(items) || schema['prefixItems'] !== undefined) return text;
  const raw = elementTexts(text);
  const kept = raw.map((element, index) => withoutNulls(element, value[index], items, depth + 1));
  return kept.every((element, index) => element === raw[index]) ? text : `[${kept.join(',')}]`;
}

/** Of a published schema, which has a type or alternatives wherever it restricts anything. */
function acceptsNull({ type, enum: values, anyOf }: JsonObject): boolean {
  if (Array.isArray(values)) return values.includes(null);
  if (type !== undefined) return type === 'null' || (Array.isArray(type) && type.includes('null'));
  return !Array.isArray(anyOf) || anyOf.some((each) => !isJsonObject(each) || acceptsNull(each));
}
