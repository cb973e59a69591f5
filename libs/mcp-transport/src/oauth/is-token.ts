/** Longer than any token that fits into a request's headers. */
const MAX_TOKEN_LENGTH = 8_000;

/** Whether it can stand in a header. */
export function isToken(text: string): boolean {
  return text.length <= MAX_TOKEN_LENGTH && /^[\x21-\x7e]+$/.test(text);
}
