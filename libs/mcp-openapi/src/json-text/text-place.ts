/** A place in a text as editors count: line and column from 1, the column in characters (code points). */
export interface TextPlace {
  readonly line: number;
  readonly column: number;
}

/** The place of `index` in `text`; lines end in LF, CR LF or CR. */
export function placeOf(text: string, index: number): TextPlace {
  let line = 1;
  let lineStart = 0;
  for (let at = 0; at < index; at += 1) {
    const code = text.charCodeAt(at);
    if (code === 0x0a || (code === 0x0d && text.charCodeAt(at + 1) !== 0x0a)) {
      line += 1;
      lineStart = at + 1;
    }
  }
  return { line, column: charactersIn(text, lineStart, index) + 1 };
}

function charactersIn(text: string, start: number, end: number): number {
  let pairs = 0;
  for (let at = start; at + 1 < end; at += 1) {
    if ((text.charCodeAt(at) & 0xfc00) === 0xd800 && (text.charCodeAt(at + 1) & 0xfc00) === 0xdc00) pairs += 1;
  }
  return end - start - pairs;
}
