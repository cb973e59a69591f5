import { LinearPatterns } from '../arguments-validator/linear-reg-exp.js';
import { isJsonObject } from '../json-object.js';
import type { JsonObject } from '../mcp-types.js';
import { isModern } from '../schema/dialect.js';
import type { MergedSchema } from './merge-parts.js';

const MAX_PATTERNS = 20;
const MAX_FORBIDDEN = 100;

/** Whether a variant surely forbids a property that it does not name, by whichever keyword; when in doubt it does not. */
export function closedTo(variant: MergedSchema): (name: string) => boolean {
  const forbidden = new Set(variant.parts.flatMap(({ not }) => forbiddenBy(not)).slice(0, MAX_FORBIDDEN));
  const allowed = variant.propertyNames.map(namesIn).filter((names) => names !== undefined);
  const isUnmatched = leftToPatterns(variant);
  return (name) => forbidden.has(name) || allowed.some((names) => !names.has(name)) || isUnmatched(name);
}

/** The properties that `not` keeps away: each by itself, whatever else there is. */
function forbiddenBy(not: unknown): string[] {
  if (!isJsonObject(not)) return [];
  const keywords = Object.keys(not).filter((keyword) => keyword !== 'type' || not['type'] !== 'object');
  if (keywords.length !== 1) return [];
  if (Array.isArray(not['required']) && not['required'].length === 1) return not['required'].filter((name) => typeof name === 'string');
  return Array.isArray(not['anyOf']) ? not['anyOf'].slice(0, MAX_FORBIDDEN).flatMap(forbiddenBy) : [];
}

/** The only names that a schema of names allows; undefined where it does not list them. */
function namesIn(schema: unknown): ReadonlySet<unknown> | undefined {
  if (!isJsonObject(schema)) return undefined;
  if (Array.isArray(schema['enum'])) return new Set(schema['enum']);
  return Object.hasOwn(schema, 'const') ? new Set([schema['const']]) : undefined;
}

function leftToPatterns(variant: MergedSchema): (name: string) => boolean {
  const patterns = [...variant.patternProperties.keys()];
  if (!isClosed(variant) || patterns.length > MAX_PATTERNS) return () => false;
  const linear = new LinearPatterns();
  const compiled = patterns.map((pattern) => linear.get(pattern));
  return (name) => compiled.every((pattern) => pattern !== undefined && !pattern.test(name));
}

function isClosed({ additionalProperties, parts, dialect }: MergedSchema): boolean {
  return additionalProperties.includes(false) || (isModern(dialect) && parts.some(isWhollyEvaluated));
}

/** Whether nothing but its own properties is left to a part: what else evaluates properties is too much to follow. */
function isWhollyEvaluated(part: JsonObject, _: number, parts: readonly JsonObject[]): boolean {
  return part['unevaluatedProperties'] === false && !parts.some((each) => EVALUATE.some((keyword) => Object.hasOwn(each, keyword)));
}

const EVALUATE = ['if', 'dependentSchemas', 'patternProperties', 'additionalProperties', '$dynamicRef', '$recursiveRef'];
