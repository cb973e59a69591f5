import { Redis } from '../../../src/redis/redis.service.js';
import { get } from '../exchange.ts';
import type { GatewayHere } from '../gateway.ts';
import { until } from '../until.ts';

/** The way to Redis of a gateway inside the test's process. */
export function redisOf({ app }: Pick<GatewayHere, 'app'>): Redis {
  return app.get(Redis, { strict: false });
}

/** Waits until a gateway has its connection to Redis: a start does not wait for it for long. */
export async function redisIsUp({ url }: { readonly url: string }): Promise<void> {
  await until('Redis is up', async () => (JSON.parse((await get(url, '/health/redis')).text) as { status: string }).status === 'ok');
}

/** Waits until gateways inside the test's process know that Redis is away. */
export async function redisIsMissed(...gateways: readonly GatewayHere[]): Promise<void> {
  for (const gateway of gateways) await until('Redis is missed', () => redisOf(gateway).status().state === 'down');
}
