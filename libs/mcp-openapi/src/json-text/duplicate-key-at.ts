import { readString, skipSpace, skipString } from './scan.js';
import { placeOf, type TextPlace } from './text-place.js';

/** A colon that only the value would show could stand in for the colon of a lost member. */
const ESCAPED_COLON = /\\u003a/i;

/**
 * The place of the first key of `text`, valid JSON, that its object has already; undefined when there is none. With `value`, what JSON.parse
 * made of the text, most texts are cleared by counting alone: a repeated key leaves fewer members in the value than the text has colons.
 */
export function duplicateKeyAt(text: string, value?: unknown): TextPlace | undefined {
  if (value !== undefined && !ESCAPED_COLON.test(text) && countColons(text) === countMembers(value)) return undefined;
  const index = firstRepeatedKey(text);
  return index === undefined ? undefined : placeOf(text, index);
}

function countColons(text: string): number {
  let count = 0;
  for (let at = text.indexOf(':'); at !== -1; at = text.indexOf(':', at + 1)) count += 1;
  return count;
}

/** The members of all objects in `value`, and the colons in its strings and keys. */
function countMembers(value: unknown): number {
  let count = 0;
  const pending: unknown[] = [value];
  while (pending.length > 0) {
    const next = pending.pop();
    if (typeof next === 'string') count += countColons(next);
    else if (Array.isArray(next)) for (const element of next) pending.push(element);
    else if (typeof next === 'object' && next !== null) {
      for (const key of Object.keys(next)) {
        count += 1 + countColons(key);
        pending.push((next as Record<string, unknown>)[key]);
      }
    }
  }
  return count;
}

function firstRepeatedKey(text: string): number | undefined {
  const open: (Set<string> | undefined)[] = [];
  for (let at = 0; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    if (code === 0x7b) open.push(new Set());
    else if (code === 0x5b) open.push(undefined);
    else if (code === 0x7d || code === 0x5d) open.pop();
    else if (code === 0x22) {
      const end = skipString(text, at);
      if (text[skipSpace(text, end)] === ':') {
        const keys = open[open.length - 1];
        const key = readString(text, at, end);
        if (keys?.has(key)) return at;
        keys?.add(key);
      }
      at = end - 1;
    }
  }
  return undefined;
}
