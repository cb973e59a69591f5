import { type ExecutionContext, Injectable } from '@nestjs/common';
import type { Request } from 'express';
import type { ResponseBody } from '@app/mcp-openapi';
import type { AnsweredCall } from '../../../call/answered-call.js';
import { PromiseInterceptor } from '../../../http/framework/promise-interceptor.js';
import { answeredCallToBody } from './answered-call-to-body.js';

/** HTTP's writing of a call's outcome. */
@Injectable()
export class McpErrorInterceptor extends PromiseInterceptor<AnsweredCall, ResponseBody> {
  override run(execution: ExecutionContext, next: () => Promise<AnsweredCall>): Promise<ResponseBody> {
    const { headers } = execution.switchToHttp().getRequest<Request>();
    return next().then((answered) => answeredCallToBody(answered, headers.accept));
  }
}
