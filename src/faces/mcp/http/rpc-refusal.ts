import type { ServerResponse } from 'node:http';
import type { RpcError } from '@app/mcp-openapi';
import { GatewayException } from '../../../errors/gateway.exception.js';
import { unexpectedFailure } from '../../../errors/unexpected-failure.js';
import type { CorrelatedRequest } from '../../../http/correlation.middleware.js';
import { writeAnswer } from '../../../http/write-answer.js';
import { CODE, replyText, type RpcId } from '../rpc/rpc.js';

/** Fails a POST, GET or DELETE with a status of HTTP and an error of JSON-RPC in its body. */
export class HttpRefused extends Error {
  constructor(
    readonly status: number,
    readonly failure: RpcError,
    readonly id?: RpcId | undefined,
    readonly headers: Readonly<Record<string, string>> = {},
  ) {
    super(failure.message);
  }
}

/** The same whoever asks for it, and whether there never was one, it has ended, or is somebody else's. */
export function noSession(): HttpRefused {
  return new HttpRefused(404, { code: -32_001, message: 'Session not found: begin another with "initialize".' });
}

/** Writes what kept a request from its answer. */
export function writeRefusal(request: CorrelatedRequest, error: unknown): void {
  const response = request.res as ServerResponse;
  const { context } = request;
  const refused = error instanceof HttpRefused ? error : toRefused(error, request);
  if (error instanceof GatewayException) context.suspicion ??= error.suspicion;
  context.errorType ??= error instanceof GatewayException ? error.fields.type : 'request_error';
  if (response.headersSent) return void response.destroy();
  const body = replyText(refused.id, { failure: refused.failure });
  writeAnswer(response, refused.status, { contentType: 'application/json', body, headers: refused.headers });
}

function toRefused(error: unknown, { context }: CorrelatedRequest): HttpRefused {
  const correlation_id = context.correlationId;
  if (error instanceof GatewayException) {
    const { type, message, details, retryAfterSeconds } = error.fields;
    const retry: Record<string, string> = retryAfterSeconds === undefined ? {} : { 'Retry-After': `${retryAfterSeconds}` };
    const code = type === 'malformed_json' ? CODE.parseError : type === 'validation_error' ? CODE.invalidRequest : CODE.refused;
    const failure = { code, message, data: { type, ...(details && { details }), correlation_id } };
    return new HttpRefused(error.getStatus(), failure, undefined, { ...error.headers, ...retry });
  }
  context.errorType = 'internal_error';
  const { message } = unexpectedFailure(error, correlation_id);
  return new HttpRefused(500, { code: CODE.internalError, message, data: { correlation_id } });
}
