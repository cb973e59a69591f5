/// <reference lib="es2024.string" />
import { isJsonObject } from './json-object.js';

/** C0 and C1 controls but tab and line feed, and the marks that reorder or hide text (Unicode bidi controls, zero-width, tags). */
const HIDDEN = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u2069\ufeff\u{e0000}-\u{e007f}]/gu;

/** A server's text as it may be shown to people and models: without control and bidi characters, trimmed, at most `maxLength` characters. */
export function plainText(text: unknown, maxLength: number): string {
  return typeof text === 'string' ? cut(withoutHidden(text, maxLength).trim(), maxLength) : '';
}

/** The same with the white space around it. */
export function shownText(text: string, maxLength: number): string {
  return cut(withoutHidden(text, maxLength), maxLength);
}

/** A server's JSON as it may be shown: its texts and keys as {@link shownText}; of more than `maxLength` characters the text, cut. */
export function shownJson(value: unknown, maxLength: number): unknown {
  const text = JSON.stringify(value) ?? '';
  return text.length > maxLength ? shownText(text, maxLength) : cleaned(value);
}

function cleaned(value: unknown): unknown {
  if (typeof value === 'string') return shownText(value, value.length);
  if (Array.isArray(value)) return value.map(cleaned);
  if (!isJsonObject(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [shownText(key, key.length), cleaned(inner)]));
}

function withoutHidden(text: string, maxLength: number): string {
  return text
    .slice(0, maxLength * 2)
    .replace(/\r\n?/g, '\n')
    .replace(HIDDEN, '');
}

function cut(text: string, maxLength: number): string {
  return text.length <= maxLength ? text.toWellFormed() : `${text.slice(0, maxLength - 1)}…`.toWellFormed();
}
