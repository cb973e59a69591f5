import { Global, Module } from '@nestjs/common';
import { RedisEvents } from './redis-events.service.js';
import { RedisKeys } from './redis-keys.service.js';
import { ReplicaMessages } from './replica-messages.service.js';
import { Redis } from './redis.service.js';
import { StateCipher } from './state-cipher.service.js';

const PARTS = [Redis, RedisKeys, RedisEvents, ReplicaMessages, StateCipher];

/** What replicas share, where there is a Redis. */
@Global()
@Module({ providers: PARTS, exports: PARTS })
export class RedisModule {}
