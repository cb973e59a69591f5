import type { JsonObject } from '../mcp-types.js';
import type { Dialect } from '../schema/dialect.js';

/** Keywords of which the greater value is the stricter one, and those of which the smaller is. */
const LOWER_BOUNDS = ['minimum', 'exclusiveMinimum', 'minLength', 'minItems', 'minProperties'];
const UPPER_BOUNDS = ['maximum', 'exclusiveMaximum', 'maxLength', 'maxItems', 'maxProperties'];

/** The bounds that all of `parts` set, each the strictest, in 2020-12's form. */
export function mergeBounds(parts: readonly JsonObject[], dialect: Dialect): Record<string, number> {
  const bounds: Record<string, number> = {};
  for (const part of parts.map((each) => withNumericBounds(each, dialect))) {
    for (const keyword of LOWER_BOUNDS) tighten(bounds, keyword, part[keyword], Math.max);
    for (const keyword of UPPER_BOUNDS) tighten(bounds, keyword, part[keyword], Math.min);
    const { multipleOf } = part;
    if (typeof multipleOf === 'number' && multipleOf > 0) bounds['multipleOf'] ??= multipleOf;
  }
  return bounds;
}

function tighten(bounds: Record<string, number>, keyword: string, value: unknown, stricter: (a: number, b: number) => number): void {
  if (typeof value !== 'number' || (isCount(keyword) && !(Number.isInteger(value) && value >= 0))) return;
  bounds[keyword] = bounds[keyword] === undefined ? value : stricter(bounds[keyword], value);
}

function isCount(keyword: string): boolean {
  return !keyword.endsWith('imum');
}

/** Draft-04 has `exclusiveMinimum: true` beside `minimum: 5`; later dialects have `exclusiveMinimum: 5`. */
function withNumericBounds(part: JsonObject, dialect: Dialect): JsonObject {
  if (dialect !== 'draft-04') return part;
  const { exclusiveMinimum, exclusiveMaximum, minimum, maximum, ...rest } = part;
  const lower = exclusiveMinimum === true ? { exclusiveMinimum: minimum } : { minimum };
  const upper = exclusiveMaximum === true ? { exclusiveMaximum: maximum } : { maximum };
  return { ...rest, ...lower, ...upper };
}
