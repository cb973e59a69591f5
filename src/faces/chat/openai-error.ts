import { BadRequestException, HttpException } from '@nestjs/common';
import { outcomeToStatus } from '@app/mcp-openapi';
import { type FailedOutcome, outcomeToFields } from '../../errors/failed-outcome.js';
import { GatewayException } from '../../errors/gateway.exception.js';
import { INTERNAL_ERROR } from '../../errors/unexpected-failure.js';

/** An error as OpenAI's API tells it. */
interface OpenAiError {
  readonly message: string;
  readonly type: string;
  readonly param: string | null;
  readonly code: string | null;
}

/** A failure that the chat tells of in OpenAI's words. */
export class ChatError extends GatewayException {
  constructor(
    status: number,
    readonly error: OpenAiError,
    retryAfter?: string,
  ) {
    const headers: Record<string, string> = retryAfter === undefined ? {} : { 'Retry-After': retryAfter };
    super(status, { type: error.code ?? error.type, message: error.message }, headers);
  }
}

/** 400 for what is wrong with the body. */
export function invalidRequest(message: string, param: string | null = null): ChatError {
  return new ChatError(400, { message, type: 'invalid_request_error', param, code: null });
}

/** 404, as OpenAI has it. */
export function modelNotFound(model: string): ChatError {
  const message = `The model \`${model.slice(0, 200)}\` does not exist or you do not have access to it. GET /v1/models lists those that there are.`;
  return new ChatError(404, { message, type: 'invalid_request_error', param: 'model', code: 'model_not_found' });
}

/** The model's server, or the gateway's way to it, failed. */
export function modelFailed(message: string, status = 502, code = 'upstream_error', retryAfter?: string): ChatError {
  return new ChatError(status, { message, type: 'server_error', param: null, code }, retryAfter);
}

/** What keeps a call, or here a completion, from being made. */
export function refused(outcome: FailedOutcome): GatewayException {
  return new GatewayException(outcomeToStatus(outcome), outcomeToFields(outcome), outcome.kind === 'tool_error' ? {} : outcome.headers);
}

/** What is told of a failure: its status, and OpenAI's form of it; undefined for one that nobody expected. */
export function toOpenAiError(thrown: unknown): { readonly status: number; readonly error: OpenAiError } | undefined {
  if (thrown instanceof ChatError) return { status: thrown.getStatus(), error: thrown.error };
  if (thrown instanceof GatewayException) {
    const status = thrown.getStatus();
    const { message, type: code } = thrown.fields;
    return { status, error: { message, type: typeOf(status), param: null, code: CODES[status] ?? code } };
  }
  if (thrown instanceof BadRequestException || (thrown instanceof HttpException && thrown.getStatus() < 500)) {
    return { status: thrown.getStatus(), error: { message: thrown.message, type: 'invalid_request_error', param: null, code: null } };
  }
  return undefined;
}

/** What is told of a failure that nobody expected; the log has more. */
export const UNEXPECTED: OpenAiError = {
  message: INTERNAL_ERROR.message,
  type: 'server_error',
  param: null,
  code: 'internal_error',
};

const CODES: Readonly<Record<number, string>> = { 401: 'invalid_api_key', 429: 'rate_limit_exceeded' };

function typeOf(status: number): string {
  if (status === 429) return 'rate_limit_error';
  return status < 500 ? 'invalid_request_error' : 'server_error';
}
