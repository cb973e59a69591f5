import { Global, Module } from '@nestjs/common';
import { RedisCache } from './redis-cache.service.js';

/** Values that are kept for others: in memory, and in Redis for all replicas. */
@Global()
@Module({ providers: [RedisCache], exports: [RedisCache] })
export class CacheModule {}
