import { Injectable } from '@nestjs/common';
import type { Cache } from 'cache-manager';
import type { RedisClient } from '../redis/redis-connection.js';
import { Redis, type Waiting } from '../redis/redis.service.js';
import { StateCipher } from '../redis/state-cipher.service.js';

type Stores = typeof import('./redis-tier.js');

/** Values that replicas share, as JSON; or sealed, for what is a caller's. All of it is lost with Redis, and nothing fails for that. */
@Injectable()
export class RedisCache {
  private stores: Promise<Stores> | undefined;
  /** One for each connection. */
  private readonly tiers = new WeakMap<RedisClient, Cache>();

  constructor(
    private readonly redis: Redis,
    private readonly cipher: StateCipher,
  ) {}

  /** Whether callers' data may be kept there. */
  get isForSecrets(): boolean {
    return this.redis.isConfigured && this.cipher.hasKey;
  }

  /** Undefined for what is not there, is no JSON, or cannot be read now. */
  get(waiting: Waiting, key: string): Promise<unknown> {
    return this.redis.read(waiting, (client) => this.read(client, key)).then((value) => value ?? undefined);
  }

  /** Several at once, for the price of one; undefined where Redis does not answer, null for each that is not there. */
  getAll(waiting: Waiting, keys: readonly string[]): Promise<readonly unknown[] | undefined> {
    return this.redis.read(waiting, (client) => Promise.all(keys.map((key) => this.read(client, key))));
  }

  /** What {@link sealed} made of a text; undefined for anything else. */
  opened(value: unknown, key: string): string | undefined {
    return this.cipher.open(value, key);
  }

  /** What stands for a text under this key alone. */
  sealed(text: string, key: string): string {
    return this.cipher.seal(text, key);
  }

  /** True once it is kept. */
  async set(waiting: Waiting, key: string, value: unknown, ttlMs: number): Promise<boolean> {
    return (await this.redis.write(waiting, (client) => this.write(client, key, value, ttlMs))) ?? false;
  }

  /** The same for nobody who waits. */
  async setInBackground(key: string, value: unknown, ttlMs: number): Promise<boolean> {
    return (await this.redis.inBackground((client) => this.write(client, key, value, ttlMs))) ?? false;
  }

  private async read(client: RedisClient, key: string): Promise<unknown> {
    const { valueOf } = await this.loaded();
    return (await valueOf(await this.tierOf(client), key)) ?? null;
  }

  private async write(client: RedisClient, key: string, value: unknown, ttlMs: number): Promise<true> {
    await (await this.tierOf(client)).set(key, value, ttlMs);
    return true;
  }

  private async tierOf(client: RedisClient): Promise<Cache> {
    const { tierOver } = await this.loaded();
    let tier = this.tiers.get(client);
    if (!tier) this.tiers.set(client, (tier = tierOver(client)));
    return tier;
  }

  /** With Redis' client, which nobody needs without it. */
  private loaded(): Promise<Stores> {
    return (this.stores ??= import('./redis-tier.js'));
  }
}
