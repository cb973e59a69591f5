import { type ArgumentsHost, BadRequestException, Catch, type ExceptionFilter, HttpException, NotFoundException } from '@nestjs/common';
import type { Response } from 'express';
import { preferredType, type ResponseBody } from '@app/mcp-openapi';
import { type ErrorFields, errorBody, problemBody } from '../../../errors/error-body.js';
import { GatewayException } from '../../../errors/gateway.exception.js';
import { methodNotAllowed, notFound } from '../../../errors/gateway-errors.js';
import { unexpectedFailure } from '../../../errors/unexpected-failure.js';
import type { CorrelatedRequest } from '../../../http/correlation.middleware.js';
import { writeAnswer } from '../../../http/write-answer.js';
import { limitHeaders } from '../../../throttler/limit-answers.js';
import type { HttpRequest } from '../http-request.js';
import { RouteMethods } from './route-methods.js';

/** Writes every failure of a request in the one error shape; what nobody expected is logged whole and told in general terms only. */
@Catch()
export class HttpExceptionFilter implements ExceptionFilter {
  constructor(private readonly routeMethods: RouteMethods) {}

  catch(thrown: unknown, host: ArgumentsHost): void {
    // Other faces write their own errors.
    if (host.getType() !== 'http') throw thrown;
    const request = host.switchToHttp().getRequest<HttpRequest>();
    const response = host.switchToHttp().getResponse<Response>();
    const exception = thrown instanceof NotFoundException ? this.unrouted(request) : thrown;
    const failure = this.read(exception, request);
    request.context.errorType = failure.fields.type;
    if (exception instanceof GatewayException) request.context.suspicion ??= exception.suspicion;
    if (request.events?.hasBegun) return void writeAnswer(response, 200, request.events.error(failure.status, failure.fields));
    if (response.headersSent) return void response.destroy();
    writeAnswer(response, failure.status, { ...bodyOf(failure, request), headers: headersOf(failure, request) });
  }

  private unrouted(request: CorrelatedRequest): GatewayException {
    const { method, path } = request;
    const allowed = this.routeMethods.at(request);
    const prefix = prefixOf(request);
    if (allowed.length > 0 && !allowed.includes(method)) return methodNotAllowed(method, `${prefix}${path}`, allowed);
    return notFound(`There is nothing at ${method} ${prefix}${path}. The tools are described at ${prefix}/openapi.json.`);
  }

  private read(exception: unknown, request: CorrelatedRequest): Failure {
    if (exception instanceof GatewayException)
      return { status: exception.getStatus(), fields: exception.fields, headers: exception.headers };
    // Express' refusal of a path that it cannot decode, in words that repeat the path.
    if (exception instanceof BadRequestException) return { status: 400, fields: UNREADABLE };
    if (exception instanceof HttpException && exception.getStatus() < 500)
      return { status: exception.getStatus(), fields: plain(exception) };
    return { status: 500, fields: unexpectedFailure(exception, request.context.correlationId) };
  }
}

/** What is told of a failure. */
interface Failure {
  readonly status: number;
  readonly fields: ErrorFields;
  readonly headers?: Readonly<Record<string, string>>;
}

/** In the one error shape, or as problem details for who likes them better. */
function bodyOf({ status, fields }: Failure, { headers: { accept }, context }: HttpRequest): Pick<ResponseBody, 'contentType' | 'body'> {
  const likesProblems = accept?.includes(PROBLEM_TYPE) && preferredType(accept, [JSON_TYPE, PROBLEM_TYPE]) === PROBLEM_TYPE;
  if (likesProblems) return { contentType: `${PROBLEM_TYPE}; charset=utf-8`, body: problemBody(fields, context.correlationId, status) };
  return { contentType: `${JSON_TYPE}; charset=utf-8`, body: errorBody(fields, context.correlationId) };
}

const JSON_TYPE = 'application/json';
const PROBLEM_TYPE = 'application/problem+json';

/** With what is left of the limits that admitted a call; the refusal of a limit tells of that one, not of those. */
function headersOf({ fields, headers }: Failure, { admission }: HttpRequest): Record<string, string> {
  const { type, retryAfterSeconds } = fields;
  return {
    ...(admission && type !== 'rate_limit_error' && limitHeaders(admission.limits)),
    ...headers,
    ...(retryAfterSeconds !== undefined && { 'Retry-After': `${retryAfterSeconds}` }),
  };
}

const UNREADABLE: ErrorFields = {
  type: 'validation_error',
  message: 'The request cannot be read: is its path percent-encoded well?',
};

function plain(exception: HttpException): ErrorFields {
  return { type: 'request_error', message: exception.message };
}

/** What stood before the path as the client asked for it, where the gateway is below a prefix. */
function prefixOf({ originalUrl, path }: CorrelatedRequest): string {
  const [asked = ''] = originalUrl.split('?', 1);
  return asked.startsWith('/') && asked.endsWith(path) ? asked.slice(0, -path.length) : '';
}
