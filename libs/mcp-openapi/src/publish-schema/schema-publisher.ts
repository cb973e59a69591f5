import { isJsonObject } from '../json-object.js';
import type { JsonObject } from '../mcp-types.js';
import { type Dialect, likelyDialect } from '../schema/dialect.js';
import { ALL_TYPES, type JsonType, readTypes } from '../schema/json-types.js';
import { SchemaReferences } from '../schema/schema-references.js';
import type { Slices } from '../slices.js';
import { describe, notesOf } from './describe-schema.js';
import { type Conjunction, expand, type Expansion } from './expand-schema.js';
import { flatVariants } from './flat-variants.js';
import { mergeParts, type MergedSchema } from './merge-parts.js';
import { possibleTypes } from './possible-types.js';
import { addTypedKeywords, ANY_VALUE, annotations, type Child, type Draft } from './typed-keywords.js';

/** Depth and number of published schemas: Open WebUI's readers recurse, and a document of a thousand tools must stay small and soon be made. */
const MAX_DEPTH = 20;
const MAX_SCHEMAS = 1_500;

const SCHEMAS_IN_A_SLICE = 50;

const CUT_NOTE = 'Nested further in the same way.';

interface Task {
  readonly conjunction: Conjunction;
  readonly within: readonly JsonType[];
  readonly depth: number;
  readonly place: (published: JsonObject) => void;
}

/**
 * Publishes the schemas of one document root: each with one `type`, or an `anyOf` of such, and none with `$ref`, `allOf`, `oneOf`, `const` or a
 * boolean where readers look for a schema. Breadth first, so that bounds cut what lies deepest; never stricter than the original.
 */
export class SchemaPublisher {
  readonly references: SchemaReferences;
  readonly dialect: Dialect;
  private readonly tasks: Task[] = [];
  private published = 0;

  constructor(root: JsonObject) {
    this.references = new SchemaReferences(root);
    this.dialect = likelyDialect(root);
  }

  /** Orders the publication of `child`; `finish` carries it out. */
  readonly order = ({ conjunction, within, depth, place }: Child): void => {
    if (this.isSpent(depth)) place(stubOf(conjunction));
    else this.tasks.push({ conjunction, within: within ?? ALL_TYPES, depth, place });
  };

  /** Publishes what was ordered, and what that orders in turn. */
  *finish(): Slices<void> {
    for (let next = 0; next < this.tasks.length; next += 1) {
      const task = this.tasks[next] as Task;
      task.place(this.publish(task));
      if (next % SCHEMAS_IN_A_SLICE === 0) yield;
    }
    this.tasks.length = 0;
  }

  merge(expansion: Expansion): MergedSchema {
    return mergeParts(expansion.parts, this.dialect);
  }

  private publish({ conjunction, within, depth }: Task): JsonObject {
    if (this.isSpent(depth)) return stubOf(conjunction);
    const expansion = expand(conjunction, this.references);
    const variants = expansion.unions.length > 0 ? flatVariants(expansion, this.references) : undefined;
    return variants ? this.publishUnion(expansion, variants, within, depth) : this.publishSingle(expansion, within, depth);
  }

  private isSpent(depth: number): boolean {
    return this.published >= MAX_SCHEMAS || depth > MAX_DEPTH;
  }

  private publishSingle(expansion: Expansion, within: readonly JsonType[], depth: number): JsonObject {
    const merged = this.merge(expansion);
    const types = orAll(possibleTypes(merged, within), within);
    const [type] = types;
    const described = this.described(merged, types, expansion);
    if (types.length === 1 && type) return this.typed({ type, ...described }, merged, type, expansion, depth);
    const items = types.length === 2 && types.includes('null') ? ANY_VALUE : {}; // Open WebUI puts the one alternative in the union's place.
    return { ...described, anyOf: types.map((each) => this.typed({ type: each }, merged, each, expansion, depth, items)) };
  }

  private publishUnion(expansion: Expansion, variants: readonly Expansion[], within: readonly JsonType[], depth: number): JsonObject {
    const base = this.merge(expansion);
    const types = orAll(possibleTypes(base, within), within);
    const alternatives = variants.flatMap((variant) => this.alternativesOf(variant, types));
    const chosen = new Set(alternatives.map(({ variant }) => variant));
    if (chosen.size <= 1) return this.publishSingle(joined(expansion, [...chosen][0]), within, depth);
    const named = alternatives.filter(({ type }) => type !== 'null');
    const hoisted = named.length === 1 ? named[0] : undefined;
    const draft: Draft = { ...(types.length === 1 ? { type: types[0] } : {}), ...this.describedUnion(base, types, hoisted) };
    addTypedKeywords(draft, base, types, { depth: depth + 1, trail: expansion.trail, order: this.order });
    draft['anyOf'] = withoutRepeats(alternatives.map((each) => this.publishAlternative(each, each === hoisted, depth)));
    return draft;
  }

  private alternativesOf(variant: Expansion, types: readonly JsonType[]): Alternative[] {
    const merged = this.merge(variant);
    return possibleTypes(merged, types).map((type) => ({ variant, merged, type }));
  }

  private publishAlternative({ variant, merged, type }: Alternative, isHoisted: boolean, depth: number): JsonObject {
    const described = isHoisted ? {} : this.described(merged, [type], variant);
    return this.typed({ type, ...described }, merged, type, variant, depth, merged.types ? ANY_VALUE : {});
  }

  /** Of a union with `null` the description goes to the outside, whole: Open WebUI puts the one alternative in the union's place. */
  private describedUnion(base: MergedSchema, types: readonly JsonType[], hoisted: Alternative | undefined): JsonObject {
    const inner = hoisted ? this.described(hoisted.merged, [hoisted.type], hoisted.variant) : {};
    const outer = { ...inner, ...annotations(base) };
    const description = describe(outer['description'], [
      ...notesOf(base, types),
      ...(hoisted ? notesOf(hoisted.merged, [hoisted.type]) : []),
    ]);
    return description === undefined ? outer : { ...outer, description };
  }

  private described(merged: MergedSchema, types: readonly JsonType[], { isCut }: Expansion): JsonObject {
    const own = annotations(merged);
    const description = describe(own['description'], [...notesOf(merged, types), ...(isCut ? [CUT_NOTE] : [])]);
    return description === undefined ? own : { ...own, description };
  }

  private typed(
    draft: Draft,
    merged: MergedSchema,
    type: JsonType,
    { trail }: Expansion,
    depth: number,
    items: JsonObject = ANY_VALUE,
  ): JsonObject {
    this.published += 1;
    addTypedKeywords(draft, merged, [type], { depth: depth + 1, trail, order: this.order });
    if (type === 'array' && !Object.hasOwn(draft, 'items')) draft['items'] = items;
    return draft;
  }
}

/** A variant of a union as far as it concerns values of one type. */
interface Alternative {
  readonly variant: Expansion;
  readonly merged: MergedSchema;
  readonly type: JsonType;
}

function joined(expansion: Expansion, only: Expansion | undefined): Expansion {
  if (!only) return expansion;
  return { ...only, parts: [...expansion.parts, ...only.parts], isCut: expansion.isCut || only.isCut };
}

function orAll(types: readonly JsonType[], within: readonly JsonType[]): readonly JsonType[] {
  return types.length > 0 ? types : within;
}

/** Alternatives that are nothing but a type appear once. */
function withoutRepeats(alternatives: readonly JsonObject[]): JsonObject[] {
  const bare = new Set<unknown>();
  return alternatives.filter((alternative) => {
    const isBare = Object.keys(alternative).every((key) => key === 'type' || isAnyItems(alternative[key]));
    if (!isBare) return true;
    const isNew = !bare.has(alternative['type']);
    bare.add(alternative['type']);
    return isNew;
  });
}

function isAnyItems(value: unknown): boolean {
  return value === ANY_VALUE || (isJsonObject(value) && Object.keys(value).length === 0);
}

/** What stands for a schema that there is no room for: its type, if it names one. */
function stubOf({ schemas }: Conjunction): JsonObject {
  const schema = schemas.find(isJsonObject);
  const types = readTypes(schema?.['type']);
  const type = types?.length === 1 && schema?.['nullable'] !== true ? types[0] : undefined;
  if (!type) return ANY_VALUE;
  return type === 'array' ? { type, items: {} } : { type };
}
