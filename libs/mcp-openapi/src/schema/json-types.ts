/** The types of JSON Schema validation section 6.1.1. */
export type JsonType = 'string' | 'number' | 'integer' | 'boolean' | 'object' | 'array' | 'null';

/** All values there are, each once (`number` holds the integers). */
export const ALL_TYPES: readonly JsonType[] = ['string', 'number', 'boolean', 'object', 'array', 'null'];

const KNOWN: ReadonlySet<unknown> = new Set<JsonType>([...ALL_TYPES, 'integer']);

/** The types that a `type` keyword allows; undefined when it says nothing that can be understood. */
export function readTypes(type: unknown): JsonType[] | undefined {
  const listed: readonly unknown[] = Array.isArray(type) ? type : [type];
  return listed.length > 0 && listed.every((each) => KNOWN.has(each)) ? [...new Set(listed as JsonType[])] : undefined;
}

/** The type of a JSON value, the narrowest one. */
export function typeOfValue(value: unknown): JsonType {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'array';
  if (typeof value === 'number') return Number.isInteger(value) ? 'integer' : 'number';
  return typeof value as JsonType;
}

/** What both lists allow. */
export function commonTypes(a: readonly JsonType[], b: readonly JsonType[]): JsonType[] {
  return [...new Set(a.flatMap((type) => (b.includes(type) ? [type] : narrower(type, b))))];
}

/** Does `type` allow `value`? */
export function allowsValue(type: JsonType, value: unknown): boolean {
  const own = typeOfValue(value);
  return own === type || (type === 'number' && own === 'integer');
}

function narrower(type: JsonType, others: readonly JsonType[]): JsonType[] {
  if (type === 'integer' && others.includes('number')) return ['integer'];
  return type === 'number' && others.includes('integer') ? ['integer'] : [];
}
