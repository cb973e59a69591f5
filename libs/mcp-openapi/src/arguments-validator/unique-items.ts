import type { FuncKeywordDefinition } from 'ajv';
import { canonicalText } from '../schema/json-value.js';

/** `uniqueItems` in linear time; ajv's own compares every item with every other, a minute for a body of a megabyte. */
export const uniqueItemsKeyword: FuncKeywordDefinition = {
  keyword: 'uniqueItems',
  type: 'array',
  schemaType: 'boolean',
  compile: (isUnique: boolean) => (isUnique ? areUnique : () => true),
  errors: false,
};

function areUnique(items: readonly unknown[]): boolean {
  return new Set(items.map(identityOf)).size === items.length;
}

function identityOf(item: unknown): unknown {
  return typeof item === 'object' && item !== null ? canonicalText(item) : typeof item === 'string' ? `"${item}` : item;
}
