import type { JsonObject } from '../mcp-types.js';
import type { Dialect } from '../schema/dialect.js';

/** What the parts say about the elements of an array, in 2020-12's terms; each list of schemas applies as a whole. */
export interface MergedItems {
  readonly prefixItems: readonly (readonly unknown[])[];
  readonly items: readonly unknown[];
  /** No element may follow the prefix. */
  readonly isClosed: boolean;
}

interface PartItems {
  readonly prefix: readonly unknown[];
  readonly rest: unknown;
}

/** Merges `prefixItems` and `items` (2020-12), or `items` in list form and `additionalItems` (before it). */
export function mergeItems(parts: readonly JsonObject[], dialect: Dialect): MergedItems {
  const all = parts.map((part) => readItems(part, dialect));
  const length = Math.max(0, ...all.map(({ prefix }) => prefix.length));
  const prefixItems = Array.from({ length }, (_, index) =>
    all.map(({ prefix, rest }) => (index < prefix.length ? prefix[index] : rest)).filter(isSaid),
  );
  const rests = all.map(({ rest }) => rest).filter(isSaid);
  return { prefixItems, items: rests.filter((rest) => rest !== false), isClosed: rests.includes(false) };
}

function readItems(part: JsonObject, dialect: Dialect): PartItems {
  const { items, prefixItems, additionalItems } = part;
  if (dialect === '2020-12')
    return { prefix: Array.isArray(prefixItems) ? prefixItems : [], rest: Array.isArray(items) ? undefined : items };
  return Array.isArray(items) ? { prefix: items, rest: additionalItems } : { prefix: [], rest: items };
}

function isSaid(schema: unknown): boolean {
  return schema !== undefined && schema !== true;
}
