import { type ExecutionContext, Injectable } from '@nestjs/common';
import type { Request } from 'express';
import { type ResponseBody, resultToBody } from '@app/mcp-openapi';
import type { AnsweredCall } from '../../../call/answered-call.js';
import { PromiseInterceptor } from '../../../http/framework/promise-interceptor.js';
import { limitHeaders } from '../../../throttler/limit-answers.js';
import { ToolOutcomeException } from '../failures/tool-outcome.exception.js';

/**
 * HTTP's writing of a call's outcome: a result is the body, in the form that the caller accepts, with what is left of the limits; anything
 * else is an HTTP exception.
 */
@Injectable()
export class McpErrorInterceptor extends PromiseInterceptor<AnsweredCall, ResponseBody> {
  override run(execution: ExecutionContext, next: () => Promise<AnsweredCall>): Promise<ResponseBody> {
    const { headers } = execution.switchToHttp().getRequest<Request>();
    return next().then((answered) => toBody(answered, headers.accept));
  }
}

function toBody({ outcome, limits }: AnsweredCall, accept: string | undefined): ResponseBody {
  if (outcome.kind !== 'result') throw new ToolOutcomeException(outcome);
  const body = resultToBody(outcome.result, accept, { inlineHtml: outcome.notes?.inlineHtml });
  const headers = { ...(limits && limitHeaders(limits)), ...body.headers };
  return { ...body, headers: outcome.notes?.isOutputMismatch ? { ...headers, 'X-Output-Schema': 'mismatch' } : headers };
}
