import { setTimeout as sleep } from 'node:timers/promises';
import { get } from '../exchange.ts';

const ATTEMPTS = 5;
/** Until those who have given up waiting for Redis have asked it again. */
const PAUSE_MS = 1_500;

/**
 * What `attempt` gives once Redis has answered every command of these gateways meanwhile: on a busy machine it may be too slow for one, and a
 * replica then judges by itself, as it should. Each attempt has a number of its own, from 1.
 */
export async function judgedByRedis<T>(gateways: readonly { readonly url: string }[], attempt: (number: number) => Promise<T>): Promise<T> {
  for (let number = 1; number <= ATTEMPTS; number += 1) {
    const before = await unanswered(gateways);
    const given = await attempt(number);
    if ((await unanswered(gateways)) === before) return given;
    await sleep(PAUSE_MS);
  }
  throw new Error(`Redis was too slow ${ATTEMPTS} times.`);
}

/** How many commands of these gateways Redis has not answered in time so far. */
export async function unanswered(gateways: readonly { readonly url: string }[]): Promise<number> {
  const texts = await Promise.all(gateways.map(async ({ url }) => (await get(url, '/metrics')).text));
  const counts = texts.flatMap((text) => [...text.matchAll(/^mcpo_redis_commands_total\{outcome="(?:failed|skipped)"\} (\d+)$/gm)]);
  return counts.reduce((sum, [, count]) => sum + Number(count), 0);
}
