import type { JsonObject } from '../mcp-types.js';
import { allowsValue, commonTypes, type JsonType, typeOfValue } from '../schema/json-types.js';
import type { MergedSchema } from './merge-parts.js';

/** Keywords that say nothing about values of any other type (JSON Schema validation section 6). */
export const KEYWORDS_OF_TYPE: Readonly<Partial<Record<JsonType, readonly string[]>>> = {
  object: [
    'properties',
    'patternProperties',
    'additionalProperties',
    'required',
    'propertyNames',
    'minProperties',
    'maxProperties',
    'dependentRequired',
  ],
  array: ['items', 'prefixItems', 'minItems', 'maxItems', 'uniqueItems', 'contains'],
  string: ['pattern', 'minLength', 'maxLength', 'format', 'contentEncoding', 'contentMediaType'],
  number: ['minimum', 'maximum', 'exclusiveMinimum', 'exclusiveMaximum', 'multipleOf'],
};

/** The types of `within` that a merged schema leaves possible, the one its keywords speak of first; none when no value can fit. */
export function possibleTypes(merged: MergedSchema, within: readonly JsonType[]): JsonType[] {
  const declared = merged.types ? commonTypes(merged.types, within) : impliedFirst(within, merged.parts);
  const { enumeration } = merged;
  if (!enumeration) return declared;
  return commonTypes(declared, [...new Set(enumeration.map(typeOfValue))].concat(enumeration.some(isFraction) ? ['number'] : []))
    .filter((type, _, all) => !(type === 'integer' && all.includes('number')))
    .filter((type) => enumeration.some((value) => allowsValue(type, value)));
}

function impliedFirst(types: readonly JsonType[], parts: readonly JsonObject[]): JsonType[] {
  const implied = types.find((type) => KEYWORDS_OF_TYPE[type]?.some((keyword) => parts.some((part) => Object.hasOwn(part, keyword))));
  return implied ? [implied, ...types.filter((type) => type !== implied)] : [...types];
}

function isFraction(value: unknown): boolean {
  return typeof value === 'number' && !Number.isInteger(value);
}
