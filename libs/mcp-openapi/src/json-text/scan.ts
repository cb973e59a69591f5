/**
 * Steps over JSON text that is known to be valid, without recursion. Positions are indexes into the text.
 */

const QUOTE = 0x22;
const BACKSLASH = 0x5c;

/** The first position from `at` on that is not white space (RFC 8259 section 2). */
export function skipSpace(text: string, at: number): number {
  let index = at;
  for (let code = text.charCodeAt(index); code === 0x20 || code === 0x0a || code === 0x0d || code === 0x09; code = text.charCodeAt(index)) {
    index += 1;
  }
  return index;
}

/** The position after the string whose opening quote is at `at`. What has no quotes in it is passed at a stroke. */
export function skipString(text: string, at: number): number {
  let quote = text.indexOf('"', at + 1);
  while (quote !== -1 && isEscaped(text, quote)) quote = text.indexOf('"', quote + 1);
  return quote === -1 ? text.length : quote + 1;
}

/** An odd number of backslashes stands before it. */
function isEscaped(text: string, quote: number): boolean {
  let index = quote - 1;
  while (text.charCodeAt(index) === BACKSLASH) index -= 1;
  return (quote - index) % 2 === 0;
}

/** The position after the value that starts at `at`. */
export function skipValue(text: string, at: number): number {
  let depth = 0;
  let index = at;
  do {
    const code = text.charCodeAt(index);
    if (code === QUOTE) index = skipString(text, index);
    else {
      if (code === 0x7b || code === 0x5b) depth += 1;
      else if (code === 0x7d || code === 0x5d) depth -= 1;
      else if (depth === 0) return skipScalar(text, index);
      index += 1;
    }
  } while (depth > 0 && index < text.length);
  return index;
}

/** The string that the raw text of a JSON string stands for. */
export function readString(text: string, start: number, end: number): string {
  const raw = text.slice(start + 1, end - 1);
  return raw.includes('\\') ? (JSON.parse(`"${raw}"`) as string) : raw;
}

function skipScalar(text: string, at: number): number {
  let index = at;
  while (index < text.length && !isDelimiter(text.charCodeAt(index))) index += 1;
  return index;
}

function isDelimiter(code: number): boolean {
  return code === 0x2c || code === 0x7d || code === 0x5d || code === 0x20 || code === 0x0a || code === 0x0d || code === 0x09;
}
