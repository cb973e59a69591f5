/** Operators of RFC 6570 whose values may hold slashes, or be left out. */
const WIDE = /^[+#./;?&]/;

/**
 * Whether a URI can be of a template (RFC 6570), in time that grows with both and no faster: templates are servers' and URIs clients', and a
 * regular expression of the one can be made to take for ever on the other. What stands between the literals is `wide`, or a value that is
 * there and has no slash.
 */
export function fitsTemplate(template: string, uri: string): boolean {
  const [first = '', ...rest] = template.split('{');
  if (!uri.startsWith(first)) return false;
  let at = first.length;
  let isWide = false;
  let isGap = false;
  for (const [index, piece] of rest.entries()) {
    const end = piece.indexOf('}');
    if (end < 0) return false;
    isWide ||= WIDE.test(piece);
    isGap = true;
    const literal = piece.slice(end + 1);
    const isLast = index === rest.length - 1;
    // Two expressions side by side are as one.
    if (literal === '' && !isLast) continue;
    const from = isWide ? at : at + 1;
    const found = isLast ? uri.length - literal.length : uri.indexOf(literal, from);
    if (found < from || !uri.startsWith(literal, found)) return false;
    if (!isWide && uri.slice(at, found).includes('/')) return false;
    at = found + literal.length;
    isWide = isGap = false;
  }
  return isGap || at === uri.length;
}
