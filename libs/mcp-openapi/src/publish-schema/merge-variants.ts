import { isJsonObject } from '../json-object.js';
import { readTypes } from '../schema/json-types.js';
import { canonicalText, isModest, shown } from '../schema/json-value.js';
import { MAX_KEYS, type MergedSchema } from './merge-parts.js';
import { closedTo } from './variant-closing.js';

const MAX_TOLD = 12;
const MAX_NAMES_TOLD = 12;

/**
 * The schemas of each property that the variants of a root union name, for one object that takes the place of the union: nothing is accepted by
 * a variant that the merged properties refuse. A variant that takes anything for a property it does not name leaves it open here as well.
 */
export function mergeVariantProperties(base: MergedSchema, variants: readonly MergedSchema[]): Map<string, readonly unknown[]> {
  const merged = new Map<string, readonly unknown[]>(base.properties);
  const others = variants.map((variant) => ({ named: variant.properties, isClosedTo: closedTo(variant) }));
  for (const [name, schemas] of namedBy(variants)) {
    const own = base.properties.get(name) ?? [];
    const isOpenElsewhere = others.some(({ named, isClosedTo }) => !named.has(name) && !isClosedTo(name));
    if (own.length > 0 && isOpenElsewhere) continue;
    if (own.length > 0 || merged.size < MAX_KEYS) merged.set(name, [...own, isOpenElsewhere ? hint(schemas) : eitherOf(schemas)]);
  }
  return merged;
}

/** What the variants say of each property that one of them names: a schema of each of these. */
function namedBy(variants: readonly MergedSchema[]): Map<string, unknown[]> {
  const named = new Map<string, unknown[]>();
  for (const variant of variants) {
    for (const [name, schemas] of variant.properties) {
      const known = named.get(name);
      if (known) known.push(together(schemas));
      else if (named.size < MAX_KEYS) named.set(name, [together(schemas)]);
    }
  }
  return named;
}

/** The properties that every variant requires. */
export function requiredByAll(variants: readonly MergedSchema[]): string[] {
  const [first, ...others] = variants;
  const required = others.map((other) => new Set(other.required));
  return (first?.required ?? []).filter((name) => required.every((names) => names.has(name)));
}

/** The alternatives in words, for the description of the tool: Open WebUI shows the model no root union. */
export function tellAlternatives(variants: readonly MergedSchema[]): string {
  const told = variants.slice(0, MAX_TOLD).map(tell);
  const more = variants.length > MAX_TOLD ? ` … (${variants.length} in all)` : '';
  return `Give the arguments of one of these alternatives: ${told.join(' | ')}${more}`;
}

function tell({ properties, required, plain }: MergedSchema): string {
  const names = [...new Set([...required, ...properties.keys()])].slice(0, MAX_NAMES_TOLD);
  const told =
    names.map((name) => `${name}${constantOf(properties.get(name))}${required.includes(name) ? '' : ' (optional)'}`).join(', ') || 'none';
  return typeof plain['title'] === 'string' ? `${plain['title']}: ${told}` : told;
}

function constantOf(schemas: readonly unknown[] | undefined): string {
  for (const schema of (schemas ?? []) as readonly { const?: unknown; enum?: unknown }[]) {
    if (typeof schema !== 'object') continue;
    const values: readonly unknown[] = Object.hasOwn(schema, 'const') ? [schema.const] : Array.isArray(schema.enum) ? schema.enum : [];
    if (values.length === 1 && (typeof values[0] !== 'object' || values[0] === null)) return `=${shown(values[0])}`;
  }
  return '';
}

/** `{"not": {}}` is how some say `false`. */
function together(schemas: readonly unknown[]): unknown {
  if (schemas.some((schema) => isJsonObject(schema) && (schema['not'] === true || isEmpty(schema['not'])))) return false;
  return schemas.length === 1 ? schemas[0] : { allOf: schemas };
}

function eitherOf(schemas: readonly unknown[]): unknown {
  const once = [...new Map(schemas.map((schema) => [isModest(schema) ? canonicalText(schema) : schema, schema])).values()];
  if (once.length === 1) return once[0];
  const values = once.map(valuesOf);
  return values.every((each) => each !== undefined) ? { enum: values.flat() } : { anyOf: once };
}

/** The values of a schema that lists them and asks nothing else, as the discriminators of unions do. */
function valuesOf(schema: unknown): readonly unknown[] | undefined {
  if (!isJsonObject(schema) || !Object.keys(schema).every((keyword) => keyword === 'type' || keyword === 'const' || keyword === 'enum'))
    return undefined;
  return Object.hasOwn(schema, 'const') ? [schema['const']] : Array.isArray(schema['enum']) ? schema['enum'] : undefined;
}

/** Any value, with the schemas it should fit first and in words, the type before all: other variants do not say what it must be. */
function hint(schemas: readonly unknown[]): unknown {
  const [first] = schemas;
  const types = [...new Set(schemas.flatMap((schema) => (isJsonObject(schema) ? (readTypes(schema['type']) ?? []) : [])))];
  const own = isJsonObject(first) && typeof first['description'] === 'string' ? first['description'] : '';
  const words = types.length > 0 ? [`Should be of type ${types.join(' or ')}.`, own] : [own];
  return { anyOf: [...schemas.map(withoutWords), true], description: words.filter(Boolean).join(' ') || undefined };
}

/** A schema that names a type and asks nothing else is that type: its words stand outside, and the list of all types has it already. */
function withoutWords(schema: unknown): unknown {
  if (!isJsonObject(schema) || !Object.keys(schema).every((keyword) => keyword === 'type' || WORDS.has(keyword))) return schema;
  return { type: schema['type'] };
}

const WORDS: ReadonlySet<string> = new Set(['title', 'description', 'examples', 'default', '$comment']);

function isEmpty(value: unknown): boolean {
  return isJsonObject(value) && Object.keys(value).length === 0;
}
