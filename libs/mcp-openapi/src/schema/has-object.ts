import { isJsonObject } from '../json-object.js';
import type { JsonObject } from '../mcp-types.js';

/** Whether `isMeant` is true of it, or of any object within. Iterative. */
export function hasObject(value: unknown, isMeant: (node: JsonObject) => boolean): boolean {
  const pending: unknown[] = [value];
  while (pending.length > 0) {
    const node = pending.pop();
    if (typeof node !== 'object' || node === null) continue;
    if (isJsonObject(node) && isMeant(node)) return true;
    for (const inner of Object.values(node)) pending.push(inner);
  }
  return false;
}

/** Whether it has a key `__proto__` anywhere. */
export function hasProtoKey(value: unknown): boolean {
  return hasObject(value, (node) => Object.hasOwn(node, '__proto__'));
}
