/** Whether ECMA-262 compiles the pattern with these flags. */
export function isRegExp(pattern: string, flags: string): boolean {
  try {
    return Boolean(new RegExp(pattern, flags));
  } catch {
    return false;
  }
}
