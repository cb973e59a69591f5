import { distance } from 'fastest-levenshtein';
import { z } from 'zod';

/** So many letters apart, a key is a misspelt one of ours. */
const NEAR = 2;

/** A key that nothing reads, and what it was probably meant to be. */
interface UnknownKey {
  readonly path: readonly string[];
  readonly meant: string | undefined;
}

/** The keys of a value, at any depth, that its schema does not name. */
export function unknownKeys(schema: z.ZodType, value: unknown, path: readonly string[] = []): UnknownKey[] {
  const inner = schema instanceof z.ZodOptional ? (schema.unwrap() as z.ZodType) : schema;
  if (!isRecord(value)) return [];
  if (inner instanceof z.ZodRecord) {
    return Object.entries(value).flatMap(([key, item]) => unknownKeys(inner.valueType as z.ZodType, item, [...path, key]));
  }
  if (!(inner instanceof z.ZodObject)) return [];
  const shape = inner.shape as Record<string, z.ZodType>;
  if (Object.keys(shape).length === 0) return [];
  return Object.entries(value).flatMap(([key, item]) =>
    Object.hasOwn(shape, key)
      ? unknownKeys(shape[key] as z.ZodType, item, [...path, key])
      : [{ path: [...path, key], meant: nearest(key, Object.keys(shape)) }],
  );
}

/**
 * The one of `known` that `given` is a misspelling of: two letters apart at the most, case aside. Stricter than `closestNames`: what is misspelt
 * is refused, and `envFile` of another program's file is not `env`.
 */
export function nearest(given: string, known: readonly string[]): string | undefined {
  const candidates = known
    .map((name) => ({ name, apart: distance(given.toLowerCase(), name.toLowerCase()) }))
    .filter(({ name, apart }) => apart <= NEAR && apart < Math.min(given.length, name.length))
    .sort((one, other) => one.apart - other.apart);
  return candidates[0]?.name;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
