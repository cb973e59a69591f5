import { type ExecutionContext, Injectable } from '@nestjs/common';
import { PromiseInterceptor } from '../../http/framework/promise-interceptor.js';
import type { CorrelatedRequest } from '../../http/correlation.middleware.js';
import { ANONYMOUS, type Principal } from '../../correlation/principal.js';

/** Attaches who calls, as the guards found it, to the context that the log and every message upstream are written from. */
@Injectable()
export class CorrelationInterceptor extends PromiseInterceptor {
  override run(execution: ExecutionContext, next: () => Promise<unknown>): Promise<unknown> {
    const request = execution.switchToHttp().getRequest<CorrelatedRequest & { principal?: Principal }>();
    request.context.principal = request.principal ?? ANONYMOUS;
    return next();
  }
}
