import { type DynamicModule, Module } from '@nestjs/common';
import { APP_FILTER, APP_GUARD, APP_INTERCEPTOR } from '@nestjs/core';
import { AuthGuard } from './faces/http/auth/auth.guard.js';
import { AuthModule } from './auth/auth.module.js';
import { ConfigModule } from './config/config.module.js';
import type { Settings } from './config/settings.js';
import { CorrelationInterceptor } from './faces/http/correlation.interceptor.js';
import { HttpExceptionFilter } from './faces/http/http-exception.filter.js';
import { HealthModule } from './health/health.module.js';
import { MetricsModule } from './metrics/metrics.module.js';
import { CallSlotsGuard } from './faces/http/limits/call-slots.guard.js';
import { CallThrottlerGuard } from './faces/http/limits/call-throttler.guard.js';
import { CallLimitsModule } from './throttler/throttler.module.js';
import { ServerRoutesModule } from './faces/http/server-routes.module.js';
import { HttpFaceModule } from './faces/http/http-face.module.js';

/** What every request passes, in run order; the middleware before it is in create-app.ts. */
export const PIPELINE = [
  { provide: APP_GUARD, useClass: AuthGuard },
  { provide: APP_GUARD, useClass: CallSlotsGuard },
  { provide: APP_GUARD, useClass: CallThrottlerGuard },
  { provide: APP_INTERCEPTOR, useClass: CorrelationInterceptor },
  { provide: APP_FILTER, useClass: HttpExceptionFilter },
];

/** The gateway. */
@Module({})
export class AppModule {
  static with(settings: Settings): DynamicModule {
    return {
      module: AppModule,
      imports: [ConfigModule.with(settings), MetricsModule, AuthModule, CallLimitsModule, HttpFaceModule, HealthModule, ServerRoutesModule],
      providers: PIPELINE,
    };
  }
}
