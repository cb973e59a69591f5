import type { JsonText } from './json-text.js';

/**
 * A text that is the same for values that say the same, whatever the order of their keys and the space between, and another one for all
 * others: also where they differ in a number alone that JavaScript does not tell apart (2^53 and 2^53 + 1, 1 and 1.0).
 */
export function canonicalText({ text, value }: JsonText): string {
  const canonical = JSON.stringify(inOrder(value));
  // Rare, and then the spelling decides.
  return ODD_NUMBER.test(text) ? `${canonical}\n${text}` : canonical;
}

/** The same with the keys of all objects in order. Depth is bounded where bodies are read. */
function inOrder(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map(inOrder);
  const ordered: Record<string, unknown> = {};
  for (const key of Object.keys(value).sort()) {
    const member = inOrder((value as Record<string, unknown>)[key]);
    // Which by assignment would be the prototype.
    if (key === '__proto__') Object.defineProperty(ordered, key, { value: member, enumerable: true });
    else ordered[key] = member;
  }
  return ordered;
}

/** Numbers that may be written otherwise by `JSON.stringify`; texts that look like one do no harm. */
const ODD_NUMBER = /\d{16}|\.\d*0(?!\d)|\d[eE]|-0/;
