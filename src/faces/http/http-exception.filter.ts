import {
  type ArgumentsHost,
  BadRequestException,
  Catch,
  type ExceptionFilter,
  HttpException,
  Logger,
  NotFoundException,
} from '@nestjs/common';
import type { Response } from 'express';
import type { CorrelatedRequest } from '../../http/correlation.middleware.js';
import { type ErrorFields, errorBody } from '../../errors/error-body.js';
import { GatewayException } from '../../errors/gateway.exception.js';
import { methodNotAllowed, notFound } from '../../errors/gateway-errors.js';
import { RouteMethods } from './route-methods.js';
import { LIMIT_HEADERS } from '../../http/limit-headers.js';

/** Writes every failure of a request in the one error shape; what nobody expected is logged whole and told in general terms only. */
@Catch()
export class HttpExceptionFilter implements ExceptionFilter {
  private readonly logger = new Logger('errors');

  constructor(private readonly routeMethods: RouteMethods) {}

  catch(thrown: unknown, host: ArgumentsHost): void {
    const request = host.switchToHttp().getRequest<CorrelatedRequest>();
    const response = host.switchToHttp().getResponse<Response>();
    const exception = thrown instanceof NotFoundException ? this.unrouted(request) : thrown;
    const { status, fields } = this.read(exception, request);
    request.context.errorType = fields.type;
    if (exception instanceof GatewayException) request.context.suspicion ??= exception.suspicion;
    if (response.headersSent) return void response.destroy();
    response.statusCode = status;
    // The refusal of one limit tells of that one, not of others that had admitted the call.
    if (fields.type === 'rate_limit_error') for (const name of LIMIT_HEADERS) response.removeHeader(name);
    if (exception instanceof GatewayException)
      for (const name in exception.headers) response.setHeader(name, exception.headers[name] as string);
    if (fields.retryAfterSeconds !== undefined) response.setHeader('Retry-After', fields.retryAfterSeconds);
    response.setHeader('Content-Type', 'application/json; charset=utf-8');
    response.end(errorBody(fields, request.context.correlationId));
  }

  private unrouted(request: CorrelatedRequest): GatewayException {
    const { method, path } = request;
    const allowed = this.routeMethods.at(request);
    if (allowed.length > 0 && !allowed.includes(method)) return methodNotAllowed(method, path, allowed);
    return notFound(`There is nothing at ${method} ${path}. The tools are described at /openapi.json.`);
  }

  private read(exception: unknown, request: CorrelatedRequest): { status: number; fields: ErrorFields } {
    if (exception instanceof GatewayException) return { status: exception.getStatus(), fields: exception.fields };
    // Express' refusal of a path that it cannot decode, in words that repeat the path.
    if (exception instanceof BadRequestException) return { status: 400, fields: UNREADABLE };
    if (exception instanceof HttpException && exception.getStatus() < 500)
      return { status: exception.getStatus(), fields: plain(exception) };
    this.logger.error({ msg: 'unexpected failure', correlation_id: request.context.correlationId, err: exception });
    return { status: 500, fields: { type: 'internal_error', message: 'The gateway failed. The log has more under this correlation id.' } };
  }
}

const UNREADABLE: ErrorFields = {
  type: 'validation_error',
  message: 'The request cannot be read: is its path percent-encoded well?',
};

function plain(exception: HttpException): ErrorFields {
  return { type: 'request_error', message: exception.message };
}
