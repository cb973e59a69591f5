import { type CallHandler, type ExecutionContext, Injectable, type NestInterceptor } from '@nestjs/common';
import type { Request } from 'express';
import { map, type Observable } from 'rxjs';
import { type ResponseBody, resultToBody, type ToolOutcome } from '@app/mcp-openapi';
import { ToolOutcomeException } from './tool-outcome.exception.js';

/** HTTP's reading of a tool outcome: a result is the body, in the form that the caller accepts; anything else is an HTTP exception. */
@Injectable()
export class McpErrorInterceptor implements NestInterceptor<ToolOutcome, ResponseBody> {
  intercept(execution: ExecutionContext, next: CallHandler<ToolOutcome>): Observable<ResponseBody> {
    const { headers } = execution.switchToHttp().getRequest<Request>();
    return next.handle().pipe(map((outcome) => outcomeToBody(outcome, headers.accept)));
  }
}

function outcomeToBody(outcome: ToolOutcome, accept: string | undefined): ResponseBody {
  if (outcome.kind !== 'result') throw new ToolOutcomeException(outcome);
  const body = resultToBody(outcome.result, accept, { inlineHtml: outcome.notes?.inlineHtml });
  return outcome.notes?.isOutputMismatch ? { ...body, headers: { ...body.headers, 'X-Output-Schema': 'mismatch' } } : body;
}
