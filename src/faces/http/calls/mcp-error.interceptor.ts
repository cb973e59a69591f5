import { type ExecutionContext, Injectable } from '@nestjs/common';
import type { ResponseBody } from '@app/mcp-openapi';
import type { AnsweredCall } from '../../../call/answered-call.js';
import { PromiseInterceptor } from '../../../http/framework/promise-interceptor.js';
import type { HttpRequest } from '../http-request.js';
import { answeredCallToBody } from './answered-call-to-body.js';

/** HTTP's writing of a call's outcome. */
@Injectable()
export class McpErrorInterceptor extends PromiseInterceptor<AnsweredCall, ResponseBody> {
  override run(execution: ExecutionContext, next: () => Promise<AnsweredCall>): Promise<ResponseBody> {
    const request = execution.switchToHttp().getRequest<HttpRequest>();
    return next().then((answered) => answeredCallToBody(answered, request));
  }
}
