import { type ExecutionContext, Injectable } from '@nestjs/common';
import type { Request } from 'express';
import { type ResponseBody, resultToBody, type ToolOutcome } from '@app/mcp-openapi';
import { PromiseInterceptor } from '../../http/framework/promise-interceptor.js';
import { ToolOutcomeException } from './tool-outcome.exception.js';

/** HTTP's reading of a tool outcome: a result is the body, in the form that the caller accepts; anything else is an HTTP exception. */
@Injectable()
export class McpErrorInterceptor extends PromiseInterceptor<ToolOutcome, ResponseBody> {
  override async run(execution: ExecutionContext, next: () => Promise<ToolOutcome>): Promise<ResponseBody> {
    const { headers } = execution.switchToHttp().getRequest<Request>();
    return outcomeToBody(await next(), headers.accept);
  }
}

function outcomeToBody(outcome: ToolOutcome, accept: string | undefined): ResponseBody {
  if (outcome.kind !== 'result') throw new ToolOutcomeException(outcome);
  const body = resultToBody(outcome.result, accept, { inlineHtml: outcome.notes?.inlineHtml });
  return outcome.notes?.isOutputMismatch ? { ...body, headers: { ...body.headers, 'X-Output-Schema': 'mismatch' } } : body;
}
