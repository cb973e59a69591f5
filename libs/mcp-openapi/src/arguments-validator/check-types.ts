import { isJsonObject } from '../json-object.js';
import type { JsonObject } from '../mcp-types.js';
import type { Problem } from '../problem.js';
import { allowsValue, readTypes } from '../schema/json-types.js';
import { fieldPath } from './field-path.js';
import { typeWords } from './issue-words.js';

const MAX_DEPTH = 16;
const MAX_PROBLEMS = 20;

/**
 * The problems of `args` with the types that `schema` names and with what it requires, and nothing else. Needs no compiling, however large the
 * schema is; costs what the arguments cost to look at.
 */
export function checkTypes(schema: JsonObject, args: JsonObject): Problem[] {
  const problems: Problem[] = [];
  const pending: Place[] = [{ schema, value: args, pointer: '', depth: 0 }];
  for (let place = pending.pop(); place && problems.length < MAX_PROBLEMS; place = pending.pop()) {
    const found = problemsAt(place, args);
    problems.push(...found);
    if (found.length === 0 && place.depth < MAX_DEPTH) pending.push(...placesInside(place).reverse());
  }
  return problems.slice(0, MAX_PROBLEMS);
}

interface Place {
  readonly schema: JsonObject;
  readonly value: unknown;
  readonly pointer: string;
  readonly depth: number;
}

function problemsAt({ schema, value, pointer }: Place, args: JsonObject): Problem[] {
  const types = readTypes(schema['type']);
  const allowed = types && schema['nullable'] === true ? [...types, 'null' as const] : types;
  if (allowed && !allowed.some((type) => allowsValue(type, value)))
    return [{ field: fieldPath(args, pointer), issue: `must be ${typeWords(allowed)}` }];
  if (!isJsonObject(value) || !Array.isArray(schema['required'])) return [];
  return missingIn(value, schema['required'] as unknown[]).map((name) => ({ field: fieldPath(args, pointer, name), issue: 'required' }));
}

function missingIn(value: JsonObject, required: readonly unknown[]): string[] {
  const missing: string[] = [];
  for (const name of required) {
    if (typeof name === 'string' && !Object.hasOwn(value, name)) missing.push(name);
    if (missing.length === MAX_PROBLEMS) break;
  }
  return missing;
}

function placesInside({ schema: { properties, items }, value, pointer, depth }: Place): Place[] {
  if (Array.isArray(value)) {
    return isJsonObject(items)
      ? value.map((each, index) => ({ schema: items, value: each, pointer: `${pointer}/${index}`, depth: depth + 1 }))
      : [];
  }
  if (!isJsonObject(value) || !isJsonObject(properties)) return [];
  return Object.keys(value).flatMap((name) => {
    const schema = Object.hasOwn(properties, name) ? properties[name] : undefined;
    return isJsonObject(schema) ? [{ schema, value: value[name], pointer: `${pointer}/${escapeStep(name)}`, depth: depth + 1 }] : [];
  });
}

function escapeStep(name: string): string {
  return name.replaceAll('~', '~0').replaceAll('/', '~1');
}
