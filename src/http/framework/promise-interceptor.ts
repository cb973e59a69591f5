import type { CallHandler, ExecutionContext, NestInterceptor } from '@nestjs/common';
import { from, lastValueFrom, type Observable } from 'rxjs';

/** An interceptor of one answer: it awaits what comes after it. To Nest it is an interceptor like any other; see {@link runPromiseInterceptors}. */
export abstract class PromiseInterceptor<Answer = unknown, Result = unknown> implements NestInterceptor<Answer, Result> {
  /** Does its work around `next`, which gives the answer of the interceptors and the handler that come after it. */
  abstract run(execution: ExecutionContext, next: () => Promise<Answer>): Promise<Result>;

  intercept(execution: ExecutionContext, next: CallHandler<Answer>): Observable<Result> {
    return from(this.run(execution, () => lastValueFrom(next.handle())));
  }
}
