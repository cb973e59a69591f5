/** An older result says nothing any more. */
const MAX_AGE_MS = 15_000;

/** Whether a result of that age, in milliseconds, is too old to go by. */
export function isOld(ageMs: number): boolean {
  return ageMs > MAX_AGE_MS;
}

/** As it is told: whole seconds. */
export function toSeconds(ageMs: number): number {
  return Math.max(0, Math.floor(ageMs / 1000));
}
