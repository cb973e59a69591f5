import { type ArgumentsHost, Catch, type ExceptionFilter } from '@nestjs/common';
import type { Response } from 'express';
import { GatewayException } from '../../errors/gateway.exception.js';
import { unexpectedFailure } from '../../errors/unexpected-failure.js';
import type { CorrelatedRequest } from '../../http/correlation.middleware.js';
import { LIMIT_HEADERS } from '../../http/limit-headers.js';
import { writeAnswer } from '../../http/write-answer.js';
import { toOpenAiError, UNEXPECTED } from './openai-error.js';

/** Writes every failure of the chat in OpenAI's error shape; what nobody expected is logged whole and told in general terms only. */
@Catch()
export class ChatErrorFilter implements ExceptionFilter {
  catch(thrown: unknown, host: ArgumentsHost): void {
    const request = host.switchToHttp().getRequest<CorrelatedRequest>();
    const response = host.switchToHttp().getResponse<Response>();
    const { context } = request;
    const known = toOpenAiError(thrown);
    if (!known) unexpectedFailure(thrown, context.correlationId);
    const { status, error } = known ?? { status: 500, error: UNEXPECTED };
    context.errorType = error.code ?? error.type;
    if (thrown instanceof GatewayException) context.suspicion ??= thrown.suspicion;
    if (response.headersSent) return void response.destroy();
    // The limit is another's, or stands in the headers of the failure.
    if (status === 429) for (const name of LIMIT_HEADERS) response.removeHeader(name);
    const headers = thrown instanceof GatewayException ? { ...retryAfterOf(thrown), ...thrown.headers } : {};
    writeAnswer(response, status, { contentType: 'application/json; charset=utf-8', body: JSON.stringify({ error }), headers });
  }
}

function retryAfterOf({ fields: { retryAfterSeconds } }: GatewayException): Record<string, string> {
  return retryAfterSeconds === undefined ? {} : { 'Retry-After': `${retryAfterSeconds}` };
}
