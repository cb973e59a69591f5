import { syntaxErrorAt } from './syntax-error-at.js';

/** Is `text` a JSON text? Plain prose is told by its first and last character, and nothing is ever thrown. */
export function isJsonText(text: string): boolean {
  const first = text.charCodeAt(firstInked(text));
  const last = text.charCodeAt(lastInked(text));
  if (first === 0x7b) return last === 0x7d && syntaxErrorAt(text) === undefined;
  if (first === 0x5b) return last === 0x5d && syntaxErrorAt(text) === undefined;
  if (first === 0x22) return last === 0x22 && syntaxErrorAt(text) === undefined;
  if (first === 0x2d || (first >= 0x30 && first <= 0x39)) return last >= 0x30 && last <= 0x39 && syntaxErrorAt(text) === undefined;
  if (first === 0x74 || first === 0x66 || first === 0x6e) return text.length < 64 && syntaxErrorAt(text) === undefined;
  return false;
}

function firstInked(text: string): number {
  let at = 0;
  while (isSpace(text.charCodeAt(at))) at += 1;
  return at;
}

function lastInked(text: string): number {
  let at = text.length - 1;
  while (at > 0 && isSpace(text.charCodeAt(at))) at -= 1;
  return at;
}

function isSpace(code: number): boolean {
  return code === 0x20 || code === 0x0a || code === 0x0d || code === 0x09;
}
