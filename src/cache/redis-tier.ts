import { type Cache, createCache } from 'cache-manager';
import { Keyv } from 'keyv';
import type { RedisClient } from '../redis/redis-connection.js';
import { RedisStore, Unread } from './redis-store.js';

/** A cache over one connection, whose failures are told rather than taken for misses. Loaded late, with Redis' client. */
export function tierOver(client: RedisClient): Cache {
  const keyv = new Keyv({ store: new RedisStore(client), useKeyPrefix: false, throwOnErrors: true });
  keyv.serialize = undefined;
  keyv.deserialize = undefined;
  // It tells what it throws as well.
  keyv.on('error', () => undefined);
  return createCache({ stores: [keyv] });
}

/** Undefined for what is not there. */
export async function valueOf(tier: Cache, key: string): Promise<unknown> {
  const value = await tier.get(key);
  if (value instanceof Unread) throw value.error;
  return value;
}
