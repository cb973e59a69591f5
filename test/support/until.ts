import { setTimeout as sleep } from 'node:timers/promises';

/** Polls until `look` gives something other than undefined or false; fails with `what` after `withinMs`, by a clock that no test sets. */
export async function until<T>(what: string, look: () => T | Promise<T>, withinMs = 20_000): Promise<NonNullable<Exclude<T, false>>> {
  const end = process.uptime() + withinMs / 1000;
  for (;;) {
    const seen = await look();
    if (seen !== undefined && seen !== false && seen !== null) return seen as NonNullable<Exclude<T, false>>;
    if (process.uptime() >= end) throw new Error(`Not within ${withinMs} ms: ${what}`);
    await sleep(25);
  }
}
