import type { Exchange } from './exchange.ts';

/**
 * Makes the calls of one caller after another until Redis has judged all of one's: on a busy machine it may be too slow for some, which
 * their replica then judges by its share, and says so.
 */
export async function untilShared(
  callers: readonly string[],
  limit: number,
  calls: (caller: string) => Promise<readonly Exchange[]>,
): Promise<readonly Exchange[]> {
  for (const caller of callers) {
    const answers = await calls(caller);
    if (answers.every(({ limits }) => [undefined, `${limit}`].includes(limits['x-ratelimit-limit'] as string | undefined))) return answers;
  }
  throw new Error('Redis was too slow each time.');
}
