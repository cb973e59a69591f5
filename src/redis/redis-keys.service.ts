import { Inject, Injectable } from '@nestjs/common';
import { SETTINGS, type Settings } from '../config/settings.js';

/** Names of what is kept in Redis, after REDIS_PREFIX; docs/redis.md has the table. */
@Injectable()
export class RedisKeys {
  private readonly prefix: string;
  /** Of messages between replicas. */
  readonly channel: string;

  constructor(@Inject(SETTINGS) { redisPrefix }: Pick<Settings, 'redisPrefix'>) {
    this.prefix = `${redisPrefix}mcpo:`;
    this.channel = this.of('events');
  }

  /** `of('tools', 'discovery')` is `mcpo:tools:discovery`. */
  of(...parts: readonly string[]): string {
    return this.prefix + parts.join(':');
  }
}
