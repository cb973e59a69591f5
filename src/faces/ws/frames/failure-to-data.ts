import { errorBody, type ErrorFields } from '../../../errors/error-body.js';

/** What `error` and `tool_error` say: the one error shape, beside the status that it has over HTTP. `more`: members of it as JSON text, each after a comma. */
export function failureToData(status: number, fields: ErrorFields, correlationId: string, more = ''): string {
  return `{"status":${status},${errorBody(fields, correlationId).slice(1, -1)}${more}}`;
}
