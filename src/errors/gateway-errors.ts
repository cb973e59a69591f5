import { overloadMessage } from './error-body.js';
import { GatewayException } from './gateway.exception.js';

/** 400 with a type of its own. */
export function badRequest(
  type: 'validation_error' | 'malformed_json',
  message: string,
  details?: Readonly<Record<string, unknown>>,
): GatewayException {
  return new GatewayException(400, { type, message, details });
}

/** 400 for a body, or `what` it is else, that is no JSON; `problem` holds none of its bytes, `place` counts from 1, columns in characters. */
export function malformedJson(problem: string, place: { readonly line: number; readonly column: number }, what: string): GatewayException {
  const { line, column } = place;
  return badRequest('malformed_json', `The ${what} is not valid JSON: ${problem} at line ${line}, column ${column}.`, { line, column });
}

/** 404 for a path that is none of ours. */
export function notFound(message: string): GatewayException {
  return new GatewayException(404, { type: 'not_found', message });
}

/** 400 for a body that is nested too deep. */
export function tooDeep(maxDepth: number, what: string): GatewayException {
  const message = `The ${what} is nested deeper than ${maxDepth} levels.`;
  return new GatewayException(400, { type: 'validation_error', message }, {}, 'deep_body');
}

/** What is told of a request that is none of HTTP/1. */
export const NO_HTTP = 'The request is not HTTP/1.1 as RFC 9112 has it. Is it sent to the right port, and https where it should be?';

/** 400 for another version of HTTP; nothing more is read of its connection. */
export function noHttp(): GatewayException {
  return new GatewayException(400, { type: 'request_error', message: NO_HTTP }, { Connection: 'close' });
}

/** 400 for a request that names several hosts; nothing more is read of its connection. */
export function severalHosts(): GatewayException {
  const fields = { type: 'validation_error', message: 'Send one Host header, not several.' };
  return new GatewayException(400, fields, { Connection: 'close' }, 'bad_host');
}

/** 400 for a request of HTTP/1.1 that names none. */
export function noHost(): GatewayException {
  return new GatewayException(400, { type: 'validation_error', message: 'Send a Host header.' }, { Connection: 'close' }, 'bad_host');
}

/** 403 for a request that comes from a place that the gateway was not told of. */
export function foreign(suspicion: 'bad_host' | 'bad_origin', message: string): GatewayException {
  return new GatewayException(403, { type: 'permission_error', message, details: { reason: suspicion } }, {}, suspicion);
}

/** 405 for a path that takes other methods (RFC 9110 15.5.6). */
export function methodNotAllowed(method: string, path: string, allowed: readonly string[]): GatewayException {
  const allow = allowed.join(', ');
  const message = `${path} does not take ${method}. Use ${allow}.`;
  return new GatewayException(405, { type: 'method_not_allowed', message, details: { allow: allowed } }, { Allow: allow });
}

/** 413. */
export function payloadTooLarge(maxBytes: number): GatewayException {
  const message = `The body is larger than ${maxBytes} bytes.`;
  return new GatewayException(413, { type: 'payload_too_large', message, details: { max_bytes: maxBytes } }, {}, 'oversize_body');
}

/** 503 for a body for which others leave no room; its connection is closed rather than read on. */
export function tooManyBodies(): GatewayException {
  const reason = 'The gateway is reading as many bodies as it has memory for; the tool did not run.';
  return overloaded(reason, { Connection: 'close' });
}

/** 503 for what the gateway has no room for now. */
export function overloaded(reason: string, headers: Readonly<Record<string, string>> = {}): GatewayException {
  const message = overloadMessage(reason);
  return new GatewayException(503, { type: 'overloaded', message, details: { reason }, retryAfterSeconds: RETRY_AFTER_S }, headers);
}

/** Calls are short, and most bodies take less time than that. */
const RETRY_AFTER_S = 1;

/** 415. */
export function unsupportedMediaType(message: string): GatewayException {
  return new GatewayException(415, { type: 'unsupported_media_type', message });
}
