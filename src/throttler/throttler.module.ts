import { Module } from '@nestjs/common';
import { ThrottlerModule } from '@nestjs/throttler';
import { SETTINGS, type Settings } from '../config/settings.js';
import { METRICS } from '../metrics/metric-names.js';
import { StateGauges } from '../metrics/state-gauges.js';
import { RedisKeys } from '../redis/redis-keys.service.js';
import { Redis } from '../redis/redis.service.js';
import { Admissions } from './admissions.service.js';
import { CallLimits } from './call-limits.service.js';
import { CallSlots } from './call-slots.js';
import { ChatPlaces } from './chat-places.js';
import { CLIENT_THROTTLER } from './call-storage.js';
import { MemoryPressure } from './memory-pressure.service.js';
import { MemoryStorage } from './memory.storage.js';
import { RedisStorage } from './redis.storage.js';
import { WINDOW_S } from './sliding-window.js';

const Throttlers = ThrottlerModule.forRootAsync({
  inject: [SETTINGS, Redis, RedisKeys],
  useFactory: ({ rateLimits, replicas }: Settings, redis: Redis, keys: RedisKeys) => ({
    throttlers: [{ name: CLIENT_THROTTLER, limit: rateLimits.client, ttl: WINDOW_S * 1000, blockDuration: 0 }],
    storage: redis.isConfigured
      ? new RedisStorage(redis, keys, rateLimits.system, replicas)
      : new MemoryStorage(rateLimits.system, replicas),
  }),
});

/** How often, and how many at once. */
@Module({
  imports: [Throttlers],
  providers: [CallLimits, CallSlots, MemoryPressure, Admissions, ChatPlaces],
  exports: [CallLimits, CallSlots, Admissions, ChatPlaces],
})
export class CallLimitsModule {
  constructor(slots: CallSlots, chats: ChatPlaces, gauges: StateGauges) {
    gauges.show(METRICS.chatsInFlight, () => [{ value: chats.inFlight }]);
    gauges.show(METRICS.callsInFlight, () => [{ value: slots.inFlight }]);
  }
}
