/** Texts that stand in JSON as they are; nearly all that a log holds. */
const PLAIN = /^[\x20\x21\x23-\x5b\x5d-\x7e]*$/;

/** A member of a JSON object as text, with a comma before it; nothing for undefined. Names are plain. */
export function member(name: string, value: unknown): string {
  if (value === undefined) return '';
  return `,"${name}":${typeof value === 'string' && PLAIN.test(value) ? `"${value}"` : JSON.stringify(value)}`;
}

let second = NaN;
let untilSecond = '';

/** The time of now as ISO 8601 has it, in milliseconds: `2026-11-26T22:00:00.123Z`. All but the last digits change once a second. */
export function isoNow(now = Date.now()): string {
  const ms = now % 1000;
  if (now - ms !== second) {
    second = now - ms;
    untilSecond = new Date(second).toISOString().slice(0, -4);
  }
  return `${untilSecond}${String(ms).padStart(3, '0')}Z`;
}
