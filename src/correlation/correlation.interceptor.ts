import { type ExecutionContext, Injectable } from '@nestjs/common';
import { PromiseInterceptor } from '../pipeline/promise-interceptor.js';
import { ANONYMOUS, type Principal } from './principal.js';
import { currentContext } from './request-context.js';

/** Attaches who calls, as the guards found it, to the context that the log and every message upstream are written from. */
@Injectable()
export class CorrelationInterceptor extends PromiseInterceptor {
  override run(execution: ExecutionContext, next: () => Promise<unknown>): Promise<unknown> {
    const context = currentContext();
    if (context) context.principal = execution.switchToHttp().getRequest<{ principal?: Principal }>().principal ?? ANONYMOUS;
    return next();
  }
}
