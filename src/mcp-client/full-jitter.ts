/** Milliseconds to wait before attempt `failures + 1`: anything from 0 to the exponential bound, so that nobody comes back in step. */
export function fullJitter(
  failures: number,
  bounds: { readonly firstMs: number; readonly longestMs: number },
  random = Math.random,
): number {
  const boundMs = Math.min(bounds.longestMs, bounds.firstMs * 2 ** Math.min(failures, 30));
  return Math.floor(random() * boundMs);
}
