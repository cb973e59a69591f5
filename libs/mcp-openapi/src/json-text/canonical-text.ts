import type { JsonText } from './json-text.js';

/**
 * A text that is the same for values that say the same, whatever the order of their keys and the space between, and another one for all
 * others: also where they differ in a number alone that JavaScript does not tell apart (2^53 and 2^53 + 1, 1 and 1.0).
 */
export function canonicalText({ text, value }: JsonText): string {
  const canonical = sorted(value);
  // Rare, and then the spelling decides.
  return ODD_NUMBER.test(text) ? `${canonical}\n${text}` : canonical;
}

/** Depth is bounded where bodies are read. */
function sorted(value: unknown): string {
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  if (Array.isArray(value)) return `[${value.map(sorted).join(',')}]`;
  let members = '';
  for (const key of Object.keys(value).sort()) {
    members += `${members === '' ? '' : ','}${JSON.stringify(key)}:${sorted((value as Record<string, unknown>)[key])}`;
  }
  return `{${members}}`;
}

/** Numbers that may be written otherwise by `JSON.stringify`; texts that look like one do no harm. */
const ODD_NUMBER = /\d{16}|\.\d*0(?!\d)|\d[eE]|-0/;
