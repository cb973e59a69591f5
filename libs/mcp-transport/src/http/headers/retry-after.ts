/** More than this says nothing (RFC 9111 1.2.2). */
const LONGEST_S = 2 ** 31;

/** Seconds of a Retry-After header, a number or a date (RFC 9110 10.2.3); undefined if it says neither. */
export function retryAfterSeconds(header: string | string[] | undefined, now = Date.now()): number | undefined {
  const value = (Array.isArray(header) ? header[0] : header)?.trim();
  if (value === undefined || value === '') return undefined;
  if (/^\d+$/.test(value)) return Math.min(Number(value), LONGEST_S);
  const date = Date.parse(value);
  return Number.isNaN(date) ? undefined : Math.max(0, Math.ceil((date - now) / 1000));
}
