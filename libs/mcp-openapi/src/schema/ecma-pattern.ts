import { isRegExp } from './is-reg-exp.js';

/** Characters that a regular expression with the flag `u` may escape, beside those in a class. */
const SYNTAX = /[$()*+./?[\\\]^{|}]/;

/** Longer ones are written to harm. */
const MAX_LENGTH = 10_000;

/**
 * A pattern as readers of documents run it, who compile it by ECMA-262 with the flag `u` and fail where that fails: the same in the spelling of
 * that dialect (`\A`, `\z`, `(?P<name>`, `\@`); undefined where there is none.
 */
export function ecmaPattern(pattern: string): string | undefined {
  if (pattern.length > MAX_LENGTH) return undefined;
  if (isRegExp(pattern, 'u')) return pattern;
  const spelt = withoutNeedlessEscapes(pattern.replace(/\(\?P</g, '(?<'));
  return isRegExp(spelt, 'u') ? spelt : undefined;
}

function withoutNeedlessEscapes(pattern: string): string {
  let isInClass = false;
  return pattern.replace(/\\[^]|[[\]]/g, (token) => {
    if (token === '[') isInClass = true;
    else if (token === ']') isInClass = false;
    else return isInClass ? inClass(token) : outsideClass(token);
    return token;
  });
}

function inClass(escape: string): string {
  return escape === '\\-' ? escape : withoutNeedless(escape);
}

function outsideClass(escape: string): string {
  if (escape === '\\A') return '^';
  return escape === '\\z' ? '$' : withoutNeedless(escape);
}

/** What letters and digits mean behind a backslash is each dialect's own. */
function withoutNeedless(escape: string): string {
  const character = escape.slice(1);
  return /[\da-zA-Z]/.test(character) || SYNTAX.test(character) ? escape : character;
}
