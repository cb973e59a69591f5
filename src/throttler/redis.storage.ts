import { hash } from 'node:crypto';
import type { RedisKeys } from '../redis/redis-keys.service.js';
import type { Redis, Waiting } from '../redis/redis.service.js';
import { admittedHit, type CallStorage, CLIENT_THROTTLER, type Hit, type HitRecord, refusedHit } from './call-storage.js';
import { MemoryStorage } from './memory.storage.js';
import { type SharedWindow, spend } from './shared-windows.js';

/** Counts in Redis for all replicas. A hit that it does not judge in time is judged by this replica's memory, by its share of the limits. */
export class RedisStorage implements CallStorage {
  private readonly memory: MemoryStorage;
  private readonly system: SharedWindow;

  constructor(
    private readonly redis: Redis,
    private readonly keys: RedisKeys,
    systemLimit: number,
    replicas: number,
  ) {
    this.memory = new MemoryStorage(systemLimit, replicas);
    this.system = { key: keys.of('limits', 'system'), limit: systemLimit };
  }

  increment(...hit: Hit): Promise<HitRecord> {
    return this.hit(...hit);
  }

  async hit(...[key, ttl, limit, blockDuration, throttler, waiting = { redisMs: 0 }]: [...Hit, Waiting?]): Promise<HitRecord> {
    const own = { key: this.nameOf(key), limit };
    const windows = throttler === CLIENT_THROTTLER ? [own, this.system] : [own];
    // One that Redis was too slow for may be counted there later: the memory's word is given for it, and the caller may lose one call.
    const spent = await this.redis.write(waiting, (client) => spend(client, windows));
    if (!spent) return this.memory.hit(key, ttl, limit, blockDuration, throttler);
    const { refusedBy, hits, secondsToNext } = spent;
    if (!refusedBy) return admittedHit(limit, hits, secondsToNext);
    return refusedHit(refusedBy.limit, hits, secondsToNext, refusedBy === this.system);
  }

  /** A digest: Redis is told neither users nor addresses. */
  private nameOf(key: string): string {
    return this.keys.of('limits', hash('sha256', key, 'base64url'));
  }
}
