import Negotiator from 'negotiator';

/**
 * Does `accept` name anything that plain JSON could not satisfy? False for the common headers at next to no cost: whoever names JSON first, with
 * no weights, likes nothing better.
 */
export function asksForMore(accept: string | undefined): accept is string {
  if (accept === undefined || accept === '*/*' || accept === 'application/json') return false;
  if (accept.startsWith('application/json,') && !accept.includes(';')) return false;
  return /text\/|image\/|vnd\.mcp\+json/i.test(accept);
}

/** The one of `available` that `accept` likes best (RFC 9110 section 12.5.1), the first of them when it likes none or all the same. */
export function preferredType(accept: string, available: readonly string[]): string {
  return new Negotiator({ headers: { accept } }).mediaType([...available]) ?? (available[0] as string);
}
