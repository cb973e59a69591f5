import { type ExecutionContext, Injectable } from '@nestjs/common';
import { callerOf } from '../../http/caller-of.js';
import type { Caller } from '../../correlation/caller.js';
import { PromiseInterceptor } from '../../http/framework/promise-interceptor.js';
import type { HttpRequest } from './http-request.js';

/** A request with the caller for whom its call runs; its correlation id is in its context. */
export type RequestOfCaller = HttpRequest & { caller: Caller };

/** Attaches to a request, as guards and middleware found it, for whom and under which correlation id what it asks for is done. */
@Injectable()
export class CorrelationInterceptor extends PromiseInterceptor {
  override run(execution: ExecutionContext, next: () => Promise<unknown>): Promise<unknown> {
    const request = execution.switchToHttp().getRequest<RequestOfCaller>();
    request.caller = callerOf(request);
    return next();
  }
}
