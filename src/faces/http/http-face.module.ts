import { Module } from '@nestjs/common';
import { AuthModule } from '../../auth/auth.module.js';
import { CallModule } from '../../call/call.module.js';
import { DiscoveryModule } from '../../discovery/discovery.module.js';
import { CallLimitsModule } from '../../throttler/throttler.module.js';
import { TranslationModule } from '../../translation/translation.module.js';
import { ViewModule } from '../../view/view.module.js';
import { DocumentInterceptor } from './documents/document.interceptor.js';
import { DocumentsController } from './documents/documents.controller.js';
import { GatewayRouteMethods } from './gateway-route-methods.js';
import { RouteMethods } from './route-methods.js';
import { ServersController } from './servers.controller.js';
import { ToolCallFactory } from './tool-call.factory.js';
import { ToolsController } from './tools.controller.js';

/** Tool calls and documents over HTTP. */
@Module({
  imports: [AuthModule, CallLimitsModule, CallModule, DiscoveryModule, TranslationModule, ViewModule],
  controllers: [DocumentsController, ToolsController, ServersController],
  providers: [ToolCallFactory, DocumentInterceptor, { provide: RouteMethods, useClass: GatewayRouteMethods }],
  exports: [ToolCallFactory, DocumentInterceptor, RouteMethods],
})
export class HttpFaceModule {}
