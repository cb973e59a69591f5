import { Module } from '@nestjs/common';
import { AuthModule } from '../../auth/auth.module.js';
import { CallModule } from '../../call/call.module.js';
import { SETTINGS, type Settings } from '../../config/settings.js';
import { DiscoveryModule } from '../../discovery/discovery.module.js';
import { BodyReader } from '../../http/body/body-reader.js';
import { UnreadAnswers } from '../../http/connections/unread-answers.js';
import { CallLimitsModule } from '../../throttler/throttler.module.js';
import { TranslationModule } from '../../translation/translation.module.js';
import { ViewModule } from '../../view/view.module.js';
import { CallGuard } from './calls/call.guard.js';
import { CallLane } from './calls/call-lane.service.js';
import { HttpCalls } from './calls/http-calls.service.js';
import { SharedLimitWarning } from './calls/shared-limit-warning.js';
import { ToolsController } from './calls/tools.controller.js';
import { DocumentsController } from './documents/documents.controller.js';
import { RequestViews } from './documents/request-views.service.js';
import { ErrorsController } from './reports/errors.controller.js';
import { GatewayRouteMethods } from './failures/gateway-route-methods.js';
import { HttpExceptionFilter } from './failures/http-exception.filter.js';
import { RouteMethods } from './failures/route-methods.js';
import { CallerGrants } from './grants/caller-grants.service.js';
import { GrantSteps } from './grants/grant-steps.service.js';
import { GrantsController } from './grants/grants.controller.js';
import { OAuthController } from './grants/oauth.controller.js';
import { HttpRequestEnd } from './request-end.service.js';
import { ServersController } from './reports/servers.controller.js';

const NEEDED = [AuthModule, CallLimitsModule, CallModule, DiscoveryModule, TranslationModule, ViewModule];

/** Tool calls and documents over HTTP. What a request passes is in pipeline.ts. */
@Module({
  imports: NEEDED,
  controllers: [DocumentsController, ToolsController, ServersController, ErrorsController, OAuthController, GrantsController],
  providers: [
    HttpCalls,
    SharedLimitWarning,
    CallGuard,
    CallLane,
    RequestViews,
    HttpRequestEnd,
    CallerGrants,
    GrantSteps,
    HttpExceptionFilter,
    { provide: RouteMethods, useClass: GatewayRouteMethods },
    { provide: UnreadAnswers, inject: [SETTINGS], useFactory: (settings: Settings) => new UnreadAnswers(settings) },
    { provide: BodyReader, inject: [SETTINGS], useFactory: ({ maxBodyBytes }: Settings) => new BodyReader(maxBodyBytes) },
  ],
  exports: [...NEEDED, HttpCalls, SharedLimitWarning, RequestViews, BodyReader],
})
export class HttpFaceModule {}
