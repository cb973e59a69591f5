const FIRST_MS = 500;
const LONGEST_MS = 30_000;

/** Milliseconds before the next attempt to connect, after so many that failed in a row: twice as long each time, and any part of that. */
export function pauseAfter(failures: number, random = Math.random): number {
  return Math.min(FIRST_MS * 2 ** failures, LONGEST_MS) * random();
}
