import { setTimeout as sleep } from 'node:timers/promises';

const INTERVAL_MS = 200;

/** Asks again and again until there is an answer; rejects after `timeoutMs`, saying what was waited for. */
export async function until<T>(what: string, timeoutMs: number, ask: () => T | undefined | Promise<T | undefined>): Promise<T> {
  const deadline = performance.now() + timeoutMs;
  for (;;) {
    const answer = await ask();
    if (answer !== undefined) return answer;
    if (performance.now() > deadline) throw new Error(`Waited ${timeoutMs / 1000} s in vain for ${what}.`);
    await sleep(INTERVAL_MS);
  }
}
