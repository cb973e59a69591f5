import { readString, skipSpace, skipString, skipValue } from './scan.js';

const QUOTE = 0x22;

/** The raw text of the last top-level member `key` of `text`, a valid JSON object; undefined when it has none. */
export function memberText(text: string, key: string): string | undefined {
  let found: string | undefined;
  eachMember(text, 0, (keyStart, keyEnd, start) => {
    const end = skipValue(text, start);
    if (isKey(text, keyStart, keyEnd, key)) found = text.slice(start, end);
    return end;
  });
  return found;
}

/**
 * The raw text of the member that a path of keys leads to in `text`, a valid JSON object in which no object has a key twice (see
 * `duplicateKeyAt`); undefined when there is none. Reads no further than to its end.
 */
export function uniqueMemberText(text: string, ...path: readonly string[]): string | undefined {
  let from = 0;
  for (const key of path) {
    let found: number | undefined;
    eachMember(text, from, (keyStart, keyEnd, start) => {
      if (!isKey(text, keyStart, keyEnd, key)) return skipValue(text, start);
      found = start;
      return undefined;
    });
    if (found === undefined) return undefined;
    from = found;
  }
  return text.slice(from, skipValue(text, from));
}

/** The raw text of each top-level member of `text`, a valid JSON object, by key; of repeated keys the last, as JSON.parse reads them. */
export function topLevelMembers(text: string): Map<string, string> {
  const members = new Map<string, string>();
  eachMember(text, 0, (keyStart, keyEnd, start) => {
    const end = skipValue(text, start);
    members.set(readString(text, keyStart, keyEnd), text.slice(start, end));
    return end;
  });
  return members;
}

/** Visits the members of the object at `from`; `visit` gives where the value ends that begins at `start`, or undefined to visit no more. */
function eachMember(text: string, from: number, visit: (keyStart: number, keyEnd: number, start: number) => number | undefined): void {
  let at = skipSpace(text, from);
  if (text[at] !== '{') return;
  at = skipSpace(text, at + 1);
  while (text.charCodeAt(at) === QUOTE) {
    const keyEnd = skipString(text, at);
    const end = visit(at, keyEnd, skipSpace(text, skipSpace(text, keyEnd) + 1));
    if (end === undefined) return;
    at = skipSpace(text, skipSpace(text, end) + 1);
  }
}

function isKey(text: string, start: number, end: number, key: string): boolean {
  if (end - start === key.length + 2 && text.startsWith(key, start + 1) && !key.includes('\\')) return true;
  return end - start > key.length + 2 && text.slice(start, end).includes('\\') && readString(text, start, end) === key;
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
