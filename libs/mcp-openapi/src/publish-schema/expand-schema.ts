import { isJsonObject } from '../json-object.js';
import type { JsonObject } from '../mcp-types.js';
import type { SchemaReferences } from '../schema/schema-references.js';

/** The references that were followed to a place, innermost first. */
export interface Trail {
  readonly target: unknown;
  readonly outer: Trail | undefined;
}

/** Schemas that all apply to one value, as `allOf` would have them. */
export interface Conjunction {
  readonly schemas: readonly unknown[];
  readonly trail: Trail | undefined;
}

/** A conjunction without `$ref` and `allOf`: its parts all apply, and of each union one member does. */
export interface Expansion {
  readonly parts: readonly JsonObject[];
  readonly unions: readonly (readonly unknown[])[];
  readonly trail: Trail | undefined;
  /** No value fits, for one of the schemas is `false`. */
  readonly isImpossible: boolean;
  /** A recursion ends here: what lies deeper is left out. */
  readonly isCut: boolean;
}

/** How often a reference is followed inside itself: enough to show what a nested value looks like. */
const MAX_REPEATS = 2;
const MAX_PARTS = 200;

/** Follows the references and `allOf`s of a conjunction. What cannot be resolved, and what is too much, is left out, so never too strict. */
export function expand(conjunction: Conjunction, references: SchemaReferences): Expansion {
  const expansion = new GrowingExpansion(conjunction, references);
  while (expansion.growsOn());
  return expansion;
}

class GrowingExpansion implements Expansion {
  readonly parts: JsonObject[] = [];
  readonly unions: (readonly unknown[])[] = [];
  trail: Trail | undefined;
  isImpossible = false;
  isCut = false;
  private readonly pending: unknown[];
  private readonly followed = new Set<unknown>();

  constructor(
    { schemas, trail }: Conjunction,
    private readonly references: SchemaReferences,
  ) {
    this.trail = trail;
    this.pending = [...schemas];
  }

  growsOn(): boolean {
    if (this.pending.length === 0 || this.parts.length >= MAX_PARTS) return false;
    const schema = this.pending.shift();
    if (schema === false) this.isImpossible = true;
    if (!isJsonObject(schema)) return true;
    this.parts.push(schema);
    if (typeof schema['$ref'] === 'string') this.follow(schema['$ref']);
    if (Array.isArray(schema['allOf'])) this.pending.push(...schema['allOf'].slice(0, MAX_PARTS));
    for (const union of [schema['anyOf'], schema['oneOf']]) if (Array.isArray(union) && union.length > 0) this.unions.push(union);
    return true;
  }

  private follow(ref: string): void {
    const target = this.references.resolve(ref);
    if (!target || this.followed.has(target.schema)) return;
    this.followed.add(target.schema);
    if (timesFollowed(this.trail, target.schema) > MAX_REPEATS) {
      this.isCut = true;
      this.pending.push(withoutInside(target.schema));
    } else {
      if (isJsonObject(target.schema)) this.trail = { target: target.schema, outer: this.trail };
      this.pending.push(target.schema);
    }
  }
}

function timesFollowed(trail: Trail | undefined, target: unknown): number {
  let times = 0;
  for (let step = trail; step; step = step.outer) if (step.target === target) times += 1;
  return times;
}

/** What a schema says of a value without looking inside it. */
function withoutInside(schema: unknown): unknown {
  if (!isJsonObject(schema)) return schema;
  const { type, nullable, title, description } = schema;
  return Object.fromEntries(Object.entries({ type, nullable, title, description }).filter(([, value]) => value !== undefined));
}
