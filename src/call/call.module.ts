import { Module } from '@nestjs/common';
import { AuthModule } from '../auth/auth.module.js';
import { DiscoveryModule } from '../discovery/discovery.module.js';
import { CallLimitsModule } from '../throttler/throttler.module.js';
import { ViewModule } from '../view/view.module.js';
import { GatewayStatusTool } from './gateway-status.tool.js';
import { CredentialsStep } from './steps/credentials.step.js';
import { LimitStep } from './steps/limit.step.js';
import { LogPayloadsStep } from './steps/log-payloads.step.js';
import { NoteResultStep } from './steps/note-result.step.js';
import { PermitStep } from './steps/permit.step.js';
import { PrepareArgumentsStep } from './steps/prepare-arguments.step.js';
import { ResolveStep } from './steps/resolve.step.js';
import { SendStep } from './steps/send.step.js';
import { ValidateStep } from './steps/validate.step.js';
import { ToolCallService } from './tool-call.service.js';
import { TOOL_STEPS, type ToolStep } from './tool-step.js';

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

/** One tool call, whoever asks for it. */
@Module({
  imports: [AuthModule, CallLimitsModule, DiscoveryModule, ViewModule],
  providers: [
    ToolCallService,
    GatewayStatusTool,
    ...STEPS,
    { provide: TOOL_STEPS, inject: STEPS, useFactory: (...steps: ToolStep[]) => steps },
  ],
  exports: [ToolCallService],
})
export class CallModule {}
