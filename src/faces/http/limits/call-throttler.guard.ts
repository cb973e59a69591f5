import { type ExecutionContext, Injectable } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import {
  InjectThrottlerOptions,
  InjectThrottlerStorage,
  ThrottlerGuard,
  type ThrottlerModuleOptions,
  type ThrottlerStorage,
} from '@nestjs/throttler';
import type { Response } from 'express';
import type { AuthenticatedRequest } from '../auth/authenticated-request.js';
import { ANONYMOUS } from '../../../correlation/principal.js';
import { ToolOutcomeException } from '../tool-outcome.exception.js';
import { CallLimits } from '../../../throttler/call-limits.service.js';
import { limitHeaders, rateLimited } from '../../../throttler/limit-answers.js';
import { LimitedCalls } from './limited-calls.decorator.js';
import { SharedLimitWarning } from './shared-limit-warning.js';

/**
 * Lets a call pass that the limits admit, and tells its caller of them. The package's own way through routes, throttlers and
 * trackers takes longer than all the rest of a call's guards: here both limits are asked at once.
 */
@Injectable()
export class CallThrottlerGuard extends ThrottlerGuard {
  private readonly sharedLimit = new SharedLimitWarning();

  constructor(
    @InjectThrottlerOptions() options: ThrottlerModuleOptions,
    @InjectThrottlerStorage() storage: ThrottlerStorage,
    reflector: Reflector,
    private readonly limits: CallLimits,
  ) {
    super(options, storage, reflector);
  }

  override async canActivate(execution: ExecutionContext): Promise<boolean> {
    if (!this.reflector.get(LimitedCalls, execution.getClass())) return true;
    const http = execution.switchToHttp();
    const { context, principal, headers } = http.getRequest<AuthenticatedRequest>();
    context.principal = principal ?? ANONYMOUS;
    this.sharedLimit.look(headers, context.principal);
    const verdict = await this.limits.spend(context);
    if (!verdict.isAdmitted) throw new ToolOutcomeException(rateLimited(verdict));
    const response = http.getResponse<Response>();
    const told = limitHeaders(verdict);
    for (const name in told) response.setHeader(name, told[name] as string);
    return true;
  }
}
