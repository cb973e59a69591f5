import { isJsonObject } from '../json-object.js';
import type { JsonObject } from '../mcp-types.js';
import type { Slices } from '../slices.js';
import { describe } from './describe-schema.js';
import { expand, type Expansion } from './expand-schema.js';
import { flatVariants } from './flat-variants.js';
import { MAX_KEYS, type MergedSchema } from './merge-parts.js';
import { mergeVariantProperties, requiredByAll, tellAlternatives } from './merge-variants.js';
import { possibleTypes } from './possible-types.js';
import { SchemaPublisher } from './schema-publisher.js';
import { addTypedKeywords, annotations, type Draft } from './typed-keywords.js';

/** The schema of a tool's arguments as it is published, and what Open WebUI would not show of it, for the tool's description. */
interface PublishedArguments {
  readonly schema: JsonObject;
  readonly notes: readonly string[];
}

/** The one property of a published map: Open WebUI passes declared properties only. */
export const ENTRIES = 'entries';

const ENTRIES_DESCRIPTION = 'The arguments: any keys.';

/**
 * Publishes the schema of a tool's arguments: `type: object` and `properties` at the root whatever stands there,
 * the variants of a root union as optional properties, a root map as one property `entries`. Total on any JSON object, bounded in time and size.
 */
export function* publishArguments(inputSchema: JsonObject): Slices<PublishedArguments> {
  const publisher = new SchemaPublisher(inputSchema);
  const expansion = expand({ schemas: [inputSchema], trail: undefined }, publisher.references);
  const own = publisher.merge(expansion);
  const variants = viableVariants(expansion, publisher);
  yield;
  const merged = withVariants(own, variants);
  yield;
  const schema = isMapOf(merged) ? publishMap(merged, expansion, publisher) : publishObject(merged, expansion, publisher);
  yield* publisher.finish();
  const notes = variants.length > 1 ? [tellAlternatives(variants)] : [];
  const description = describe(own.plain['description'], notes);
  if (description !== undefined) schema['description'] = description;
  return { schema, notes };
}

/** Does the tool take keys of the caller's choice and name none, so that it is published with `entries`? */
export function takesEntries(inputSchema: JsonObject): boolean {
  const publisher = new SchemaPublisher(inputSchema);
  const expansion = expand({ schemas: [inputSchema], trail: undefined }, publisher.references);
  return isMapOf(withVariants(publisher.merge(expansion), viableVariants(expansion, publisher)));
}

function viableVariants(expansion: Expansion, publisher: SchemaPublisher): MergedSchema[] {
  if (expansion.unions.length === 0) return [];
  const variants = flatVariants(expansion, publisher.references) ?? [];
  return variants.map((variant) => publisher.merge(variant)).filter((merged) => possibleTypes(merged, ['object']).length > 0);
}

/** The root as one object: its own properties and those of its variants, and any that are required without being named. */
function withVariants(own: MergedSchema, variants: readonly MergedSchema[]): MergedSchema {
  const properties = new Map(mergeVariantProperties(own, variants));
  const required = [...new Set([...own.required, ...requiredByAll(variants)])].slice(0, MAX_KEYS);
  const additional = own.additionalProperties.filter(isJsonObject);
  for (const name of [...required, ...variants.flatMap((variant) => variant.required), ...conditionalNames(own)])
    if (!properties.has(name) && properties.size < MAX_KEYS) properties.set(name, additional);
  const additionalProperties = properties.size < MAX_KEYS ? own.additionalProperties : [];
  return { ...own, properties, required, additionalProperties };
}

/** Properties that only `then`, `else` or `dependentSchemas` name: undeclared, they would never reach the tool. */
function conditionalNames({ parts, dependentSchemas }: MergedSchema): string[] {
  const schemas = [...parts.flatMap((part) => [part['then'], part['else']]), ...[...dependentSchemas.values()].flat()];
  return schemas.flatMap((schema) => (isJsonObject(schema) && isJsonObject(schema['properties']) ? Object.keys(schema['properties']) : []));
}

function isMapOf({ properties, patternProperties, additionalProperties, parts }: MergedSchema): boolean {
  if (properties.size > 0) return false;
  if (patternProperties.size > 0) return true;
  if (additionalProperties.includes(false)) return false;
  if (additionalProperties.some(isJsonObject)) return true;
  return additionalProperties.includes(true) && !parts.some((part) => isJsonObject(part['properties']));
}

function publishObject(merged: MergedSchema, { trail }: Expansion, publisher: SchemaPublisher): Draft {
  const draft: Draft = { type: 'object', ...annotations(merged), properties: {} };
  addTypedKeywords(draft, merged, ['object'], { depth: 1, trail, order: publisher.order });
  return draft;
}

function publishMap(merged: MergedSchema, { trail }: Expansion, publisher: SchemaPublisher): Draft {
  const entries: Draft = { type: 'object', description: ENTRIES_DESCRIPTION };
  addTypedKeywords(entries, merged, ['object'], { depth: 2, trail, order: publisher.order });
  return { type: 'object', ...annotations(merged), properties: { [ENTRIES]: entries } };
}
