import { Module } from '@nestjs/common';
import { AuthModule } from '../auth/auth.module.js';
import { DiscoveryModule } from '../discovery/discovery.module.js';
import { CallLimitsModule } from '../throttler/throttler.module.js';
import { TranslationModule } from '../translation/translation.module.js';
import { RouteMethods } from '../errors/route-methods.js';
import { CallersLists } from './callers-lists.service.js';
import { DocumentsController } from './documents.controller.js';
import { ForwardedCredentials } from './forwarded-credentials.service.js';
import { GatewayStatusTool } from './gateway-status.tool.js';
import { GatewayRouteMethods } from './gateway-route-methods.js';
import { PermittedCatalog } from './permitted-catalog.service.js';
import { ServerReports } from './server-reports.service.js';
import { ServersController } from './servers.controller.js';
import { CredentialsStep } from './steps/credentials.step.js';
import { LimitStep } from './steps/limit.step.js';
import { LogPayloadsStep } from './steps/log-payloads.step.js';
import { NoteResultStep } from './steps/note-result.step.js';
import { PermitStep } from './steps/permit.step.js';
import { PrepareArgumentsStep } from './steps/prepare-arguments.step.js';
import { ResolveStep } from './steps/resolve.step.js';
import { SendStep } from './steps/send.step.js';
import { ValidateStep } from './steps/validate.step.js';
import { ToolCallFactory } from './tool-call.factory.js';
import { ToolCallService } from './tool-call.service.js';
import { TOOL_STEPS, type ToolStep } from './tool-step.js';
import { ToolsController } from './tools.controller.js';

/** The way of a call, in order. */
const STEPS = [
  LogPayloadsStep,
  ResolveStep,
  PermitStep,
  LimitStep,
  PrepareArgumentsStep,
  ValidateStep,
  CredentialsStep,
  NoteResultStep,
  SendStep,
];

@Module({
  imports: [AuthModule, CallLimitsModule, DiscoveryModule, TranslationModule],
  controllers: [DocumentsController, ToolsController, ServersController],
  providers: [
    ToolCallService,
    ToolCallFactory,
    PermittedCatalog,
    CallersLists,
    ForwardedCredentials,
    GatewayStatusTool,
    ServerReports,
    { provide: RouteMethods, useClass: GatewayRouteMethods },
    ...STEPS,
    { provide: TOOL_STEPS, inject: STEPS, useFactory: (...steps: ToolStep[]) => steps },
  ],
  exports: [ToolCallService, ToolCallFactory, PermittedCatalog, CallersLists, RouteMethods],
})
export class ToolsModule {}
