import { type CallHandler, type ExecutionContext, Injectable, type NestInterceptor } from '@nestjs/common';
import type { Observable } from 'rxjs';
import { currentContext } from './request-context.js';
import { ANONYMOUS, type Principal } from './principal.js';

/** Attaches who calls, as the guards found it, to the context that the log and every message upstream are written from. */
@Injectable()
export class CorrelationInterceptor implements NestInterceptor {
  intercept(execution: ExecutionContext, next: CallHandler): Observable<unknown> {
    const context = currentContext();
    if (context) context.principal = execution.switchToHttp().getRequest<{ principal?: Principal }>().principal ?? ANONYMOUS;
    return next.handle();
  }
}
