import { EventEmitter } from 'node:events';
import { KeyvAdapter } from 'cache-manager';
import { redisInsStore } from 'cache-manager-redis-yet';
import type { KeyvStoreAdapter, StoredData } from 'keyv';
import type { RedisClient } from '../redis/redis-connection.js';

/** What stands for a value that could not be read: the cache would take an error for nothing there. */
export class Unread {
  constructor(readonly error: unknown) {}
}

/**
 * Redis as a store of cache-manager that fails aloud. Values are kept as their bare JSON, so that others can read them, and Redis alone
 * knows when they end.
 */
export class RedisStore extends EventEmitter implements KeyvStoreAdapter {
  opts: unknown = {};
  namespace?: string | undefined;
  private readonly inner: KeyvAdapter;

  constructor(client: RedisClient) {
    super();
    this.inner = new KeyvAdapter(redisInsStore(client as unknown as Parameters<typeof redisInsStore>[0]));
  }

  /** Garbage is nothing. */
  async get<Value>(key: string): Promise<StoredData<Value> | undefined> {
    try {
      const value = await this.inner.get<Value>(key);
      return value === undefined ? undefined : { value: value as Value };
    } catch (error) {
      if (error instanceof SyntaxError) return undefined;
      return { value: new Unread(error) as Value };
    }
  }

  /** Of what the cache wraps a value in nothing is kept. */
  async set(key: string, wrapped: { readonly value: unknown }, ttlMs?: number): Promise<boolean> {
    return this.inner.set(key, wrapped.value, ttlMs);
  }

  async delete(key: string): Promise<boolean> {
    return this.inner.delete(key);
  }

  /** Would take what is not ours. */
  clear(): Promise<void> {
    return Promise.reject(new Error('Nobody clears Redis.'));
  }
}
