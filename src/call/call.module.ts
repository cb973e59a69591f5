import { Module } from '@nestjs/common';
import { AuthModule } from '../auth/auth.module.js';
import { DiscoveryModule } from '../discovery/discovery.module.js';
import { CallLimitsModule } from '../throttler/throttler.module.js';
import { OpenWebUiModule } from '../open-webui/open-webui.module.js';
import { ViewModule } from '../view/view.module.js';
import { CallRecords } from './call-records.service.js';
import { CallRecordsInRedis } from './idempotency/call-records-in-redis.service.js';
import { RememberedCalls } from './idempotency/remembered-calls.service.js';
import { KeptResults } from './results/kept-results.service.js';
import { ResultWrites } from './results/result-writes.service.js';
import { GatewayStatusTool } from './gateway-status.tool.js';
import { OpenQuestions } from './questions/open-questions.service.js';
import { AdmissionStep } from './steps/admission.step.js';
import { ArgumentsStep } from './steps/arguments.step.js';
import { CacheStep } from './steps/cache.step.js';
import { ChatStatusStep } from './steps/chat-status.step.js';
import { CredentialsStep } from './steps/credentials.step.js';
import { IdempotencyStep } from './steps/idempotency.step.js';
import { LinkStep } from './steps/link.step.js';
import { ListStep } from './steps/list.step.js';
import { NoteResultStep } from './steps/note-result.step.js';
import { PermitStep } from './steps/permit.step.js';
import { ReserveStep } from './steps/reserve.step.js';
import { ResolveStep } from './steps/resolve.step.js';
import { SendStep } from './steps/send.step.js';
import { ToolLimitStep } from './steps/tool-limit.step.js';
import { ValidateStep } from './steps/validate.step.js';
import { ToolCallService } from './tool-call.service.js';
import { TOOL_STEPS, type ToolStep } from './tool-step.js';

/** What a call is owed, in order; what became of it is then noted by {@link CallRecords}. */
const STEPS = [
  AdmissionStep,
  LinkStep,
  ListStep,
  ResolveStep,
  ReserveStep,
  PermitStep,
  ToolLimitStep,
  ArgumentsStep,
  ValidateStep,
  CredentialsStep,
  ChatStatusStep,
  IdempotencyStep,
  CacheStep,
  NoteResultStep,
  SendStep,
];

/** One tool call, whoever asks for it. */
@Module({
  imports: [AuthModule, CallLimitsModule, DiscoveryModule, OpenWebUiModule, ViewModule],
  providers: [
    ToolCallService,
    CallRecords,
    GatewayStatusTool,
    OpenQuestions,
    KeptResults,
    ResultWrites,
    CallRecordsInRedis,
    RememberedCalls,
    ...STEPS,
    { provide: TOOL_STEPS, inject: STEPS, useFactory: (...steps: ToolStep[]) => steps },
  ],
  exports: [ToolCallService, CallRecords, OpenQuestions],
})
export class CallModule {}
