import type { SchemaReferences } from '../schema/schema-references.js';
import { expand, type Expansion } from './expand-schema.js';

const MAX_VARIANTS = 100;

/**
 * The variants of an expansion's unions, each free of unions of its own: of `anyOf: [A, anyOf: [B, C]]` A, B and C; of two unions every pair.
 * Open WebUI's reader loses a union that stands directly in a union. Undefined when there are too many: then the unions are left out.
 */
export function flatVariants(expansion: Expansion, references: SchemaReferences): Expansion[] | undefined {
  const flat: Expansion[] = [];
  const pending: Expansion[] = [expansion];
  for (let next = pending.pop(); next; next = pending.pop()) {
    const isNested = next !== expansion;
    if (next.unions.length === 0) flat.push(next);
    else {
      const inner = choices(next, isNested, references);
      if (!inner || flat.length + pending.length + inner.length > MAX_VARIANTS) return undefined;
      pending.push(...inner.reverse());
    }
  }
  return flat;
}

/** One expansion for each way to choose a member of every union; a nested variant keeps its own parts. */
function choices({ unions, parts, trail }: Expansion, keepsParts: boolean, references: SchemaReferences): Expansion[] | undefined {
  let chosen: (readonly unknown[])[] = [[]];
  for (const union of unions) {
    if (chosen.length * union.length > MAX_VARIANTS) return undefined;
    chosen = chosen.flatMap((members) => union.map((member) => [...members, member]));
  }
  const own = keepsParts ? parts.map(withoutCombinators) : [];
  return chosen.map((members) => expand({ schemas: [...own, ...members], trail }, references)).filter(({ isImpossible }) => !isImpossible);
}

/** A part whose references and unions have been followed already. */
function withoutCombinators(part: Expansion['parts'][number]): Expansion['parts'][number] {
  return Object.fromEntries(Object.entries(part).filter(([keyword]) => !FOLLOWED.has(keyword)));
}

const FOLLOWED: ReadonlySet<string> = new Set(['$ref', 'allOf', 'anyOf', 'oneOf']);
