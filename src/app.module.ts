import { type DynamicModule, Module } from '@nestjs/common';
import { AlertsModule } from './alerts/alerts.module.js';
import { AuthModule } from './auth/auth.module.js';
import { CacheModule } from './cache/cache.module.js';
import { ConfigModule } from './config/config.module.js';
import type { Settings } from './config/settings.js';
import { ChatModule } from './faces/chat/chat.module.js';
import { HttpFaceModule } from './faces/http/http-face.module.js';
import { ServerRoutesModule } from './faces/http/server-routes.module.js';
import { GrantsModule } from './grants/grants.module.js';
import { HealthModule } from './health/health.module.js';
import { McpFaceModule } from './faces/mcp/mcp-face.module.js';
import { WsFaceModule } from './faces/ws/ws-face.module.js';
import type { AccessLog } from './logging/access-log.js';
import { LoggingModule } from './logging/logging.module.js';
import { MetricsModule } from './metrics/metrics.module.js';
import { RedisModule } from './redis/redis.module.js';
import { TracingModule } from './tracing/tracing.module.js';
import { CallLimitsModule } from './throttler/throttler.module.js';

/** The gateway. Nothing in it is done for every face by Nest: what a face's requests pass is told with the face. */
@Module({})
export class AppModule {
  static with(settings: Settings, log: AccessLog): DynamicModule {
    const base = [
      ConfigModule.with(settings),
      LoggingModule.with(log),
      MetricsModule,
      TracingModule,
      RedisModule,
      CacheModule,
      GrantsModule,
    ];
    return {
      module: AppModule,
      imports: [
        ...base,
        AuthModule,
        CallLimitsModule,
        HttpFaceModule,
        WsFaceModule,
        McpFaceModule,
        ChatModule,
        HealthModule,
        AlertsModule,
        ServerRoutesModule,
      ],
    };
  }
}
