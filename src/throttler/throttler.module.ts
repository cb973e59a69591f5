import { Module } from '@nestjs/common';
import { ThrottlerModule } from '@nestjs/throttler';
import { SETTINGS, type Settings } from '../config/settings.js';
import { Admissions } from './admissions.service.js';
import { CallLimits } from './call-limits.service.js';
import { CallSlots } from './call-slots.js';
import { CLIENT_THROTTLER } from './call-storage.js';
import { MemoryStorage } from './memory.storage.js';
import { WINDOW_S } from './sliding-window.js';

const Throttlers = ThrottlerModule.forRootAsync({
  inject: [SETTINGS],
  useFactory: ({ rateLimits }: Settings) => ({
    throttlers: [{ name: CLIENT_THROTTLER, limit: rateLimits.client, ttl: WINDOW_S * 1000, blockDuration: 0 }],
    storage: new MemoryStorage(rateLimits.system),
  }),
});

/** How often, and how many at once. */
@Module({ imports: [Throttlers], providers: [CallLimits, CallSlots, Admissions], exports: [CallLimits, CallSlots, Admissions] })
export class CallLimitsModule {}
