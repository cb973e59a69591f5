/// <reference lib="es2024.string" />
/** C0 and C1 controls but tab and line feed, and the marks that reorder or hide text (Unicode bidi controls, zero-width, tags). */
const HIDDEN = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u2069\ufeff\u{e0000}-\u{e007f}]/gu;

/** A server's text as it may be shown to people and models: without control and bidi characters, trimmed, at most `maxLength` characters. */
export function plainText(text: unknown, maxLength: number): string {
  if (typeof text !== 'string') return '';
  const shown = text
    .slice(0, maxLength * 2)
    .replace(/\r\n?/g, '\n')
    .replace(HIDDEN, '')
    .trim();
  return shown.length <= maxLength ? shown.toWellFormed() : `${shown.slice(0, maxLength - 1)}…`.toWellFormed();
}
