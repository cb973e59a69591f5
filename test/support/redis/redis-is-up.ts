import { get } from '../exchange.ts';
import { until } from '../until.ts';

/** Waits until a gateway has its connection to Redis: a start does not wait for it for long. */
export async function redisIsUp({ url }: { readonly url: string }): Promise<void> {
  await until('Redis is up', async () => (JSON.parse((await get(url, '/health/redis')).text) as { status: string }).status === 'ok');
}
