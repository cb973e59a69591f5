import { readString, skipSpace, skipString, skipValue } from './scan.js';

/** The raw text of the last top-level member `key` of `text`, a valid JSON object; undefined when it has none. */
export function memberText(text: string, key: string): string | undefined {
  return topLevelMembers(text).get(key);
}

/** The raw text of each top-level member of `text`, a valid JSON object, by key; of repeated keys the last, as JSON.parse reads them. */
export function topLevelMembers(text: string): Map<string, string> {
  const members = new Map<string, string>();
  let at = skipSpace(text, 0);
  if (text[at] !== '{') return members;
  at = skipSpace(text, at + 1);
  while (text[at] === '"') {
    const keyEnd = skipString(text, at);
    const valueStart = skipSpace(text, skipSpace(text, keyEnd) + 1);
    const valueEnd = skipValue(text, valueStart);
    members.set(readString(text, at, keyEnd), text.slice(valueStart, valueEnd));
    at = skipSpace(text, skipSpace(text, valueEnd) + 1);
  }
  return members;
}

/** The raw text of each element of `text`, a valid JSON array; none when it is something else. */
export function elementTexts(text: string): string[] {
  const elements: string[] = [];
  let at = skipSpace(text, 0);
  if (text[at] !== '[') return elements;
  at = skipSpace(text, at + 1);
  while (at < text.length && text[at] !== ']') {
    const end = skipValue(text, at);
    elements.push(text.slice(at, end));
    at = skipSpace(text, end);
    if (text[at] === ',') at = skipSpace(text, at + 1);
  }
  return elements;
}
