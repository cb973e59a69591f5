import { isRegExp } from '../schema/is-reg-exp.js';

/** What ECMA-262 takes for blank; RE2's `\s` is ASCII only. */
const BLANKS = '\t-\r \u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000\ufeff';

/** Escapes that mean the same to ECMA-262 and RE2; of the letters that are not here each dialect has its own idea. */
const SHARED_ESCAPE = /^\\(?:[dDwWsSbBtnvfr]|0(?!\d)|c[a-zA-Z]|x[\da-fA-F]{2}|u[\da-fA-F]{4}|u\{[\da-fA-F]+\}|[pP]\{[^}]*\}|[^a-zA-Z0-9])/u;

/** Spellings of other dialects (Python, Rust, Go) that RE2 has as well: flags for the whole, named groups, the ends of the text. */
const SHARED_SPELLINGS: readonly (readonly [RegExp, string])[] = [
  [/^\(\?[ims]+\)/, ''],
  [/\(\?P</g, '(?<'],
  [/\\A/g, '^'],
  [/\\z/g, '$'],
];

/**
 * A pattern of JSON Schema (ECMA-262) for RE2, with the same meaning; undefined for what one of them, or the dialect that it seems to be written in,
 * would read in another way: `\Z`, `\h`, `{,3}`, `[[:alpha:]]`, `[]`, `[a-z&&[^b]]`. What RE2 has not (lookaround) is for its compiler to refuse.
 */
export function re2Pattern(pattern: string): string | undefined {
  const inEcma = SHARED_SPELLINGS.reduce((text, [spelling, ecma]) => text.replace(spelling, ecma), pattern);
  if (!isLegal(inEcma) || /\{,\d/.test(pattern)) return undefined;
  const isForUnicode = isRegExp(inEcma, 'u');
  let translated = '';
  for (let at = 0; at < pattern.length;) {
    const token = pattern[at] === '[' ? classAt(pattern, at, isForUnicode) : pattern[at] === '\\' ? escapeAt(pattern, at) : pattern[at];
    if (token === undefined) return undefined;
    translated += token.startsWith('[') ? withBlanks(token) : outsideClass(token);
    at += token.length;
  }
  return translated;
}

function isLegal(pattern: string): boolean {
  return isRegExp(pattern, 'u') || isRegExp(pattern, '');
}

function escapeAt(pattern: string, at: number): string | undefined {
  const two = pattern.slice(at, at + 2);
  return two === '\\A' || two === '\\z' ? two : SHARED_ESCAPE.exec(pattern.slice(at, at + 16))?.[0];
}

/**
 * The class that begins at `at`; undefined for one that is empty, of POSIX, or has an escape that is not shared. One with sets in it (Rust, Java)
 * is another set to ECMA-262, whose flag `u` refuses what stands behind the inner one.
 */
function classAt(pattern: string, at: number, isForUnicode: boolean): string | undefined {
  let end = at + (pattern[at + 1] === '^' ? 2 : 1);
  const isNegated = end === at + 2;
  if (pattern[end] === ']') return undefined;
  while (end < pattern.length && pattern[end] !== ']') {
    const two = pattern.slice(end, end + 2);
    if (/^\[[:.=]/.test(two) || two === '&&' || (pattern[end] === '[' && !isForUnicode)) return undefined;
    const token = pattern[end] === '\\' ? SHARED_ESCAPE.exec(pattern.slice(end, end + 16))?.[0] : pattern[end];
    // RE2's \S is wider than ECMA-262's, and what is not in it narrower.
    if (token === undefined || (isNegated && token === '\\S')) return undefined;
    end += token.length;
  }
  return pattern.slice(at, end + 1);
}

function withBlanks(characterClass: string): string {
  return characterClass.replace(/\\[^]/g, (escape) => (escape === '\\s' ? BLANKS : escape));
}

function outsideClass(token: string): string {
  if (token === '\\s') return `[${BLANKS}]`;
  return token === '\\S' ? `[^${BLANKS}]` : token;
}
