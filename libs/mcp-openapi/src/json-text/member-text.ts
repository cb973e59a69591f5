import { readString, skipSpace, skipString, skipValue } from './scan.js';

/** The raw text of the last top-level member `key` of `text`, a valid JSON object; undefined when it has none. */
export function memberText(text: string, key: string): string | undefined {
  let found: string | undefined;
  eachMember(text, (keyStart, keyEnd, start, end) => {
    if (isKey(text, keyStart, keyEnd, key)) found = text.slice(start, end);
  });
  return found;
}

/** The raw text of each top-level member of `text`, a valid JSON object, by key; of repeated keys the last, as JSON.parse reads them. */
export function topLevelMembers(text: string): Map<string, string> {
  const members = new Map<string, string>();
  eachMember(text, (keyStart, keyEnd, start, end) => members.set(readString(text, keyStart, keyEnd), text.slice(start, end)));
  return members;
}

const QUOTE = 0x22;

function eachMember(text: string, visit: (keyStart: number, keyEnd: number, start: number, end: number) => void): void {
  let at = skipSpace(text, 0);
  if (text[at] !== '{') return;
  at = skipSpace(text, at + 1);
  while (text.charCodeAt(at) === QUOTE) {
    const keyEnd = skipString(text, at);
    const start = skipSpace(text, skipSpace(text, keyEnd) + 1);
    const end = skipValue(text, start);
    visit(at, keyEnd, start, end);
    at = skipSpace(text, skipSpace(text, end) + 1);
  }
}

function isKey(text: string, start: number, end: number, key: string): boolean {
  if (end - start === key.length + 2 && text.startsWith(key, start + 1) && !key.includes('\\')) return true;
  return text.slice(start, end).includes('\\') && readString(text, start, end) === key;
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
