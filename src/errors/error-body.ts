import { STATUS_CODES } from 'node:http';

/** What an error says, besides the correlation id. */
export interface ErrorFields {
  readonly type: string;
  /** A sentence for a person or a model: what is wrong and what to do. */
  readonly message: string;
  readonly details?: Readonly<Record<string, unknown>>;
  /** Whole seconds. */
  readonly retryAfterSeconds?: number;
}

/** The message of what may be asked for again in a moment (requirement E1). */
export const TEMPORARILY_UNAVAILABLE = 'Service temporarily unavailable';

/** The message of what the gateway has no room for now: the reason, and that it may be asked for again. */
export function overloadMessage(reason: string): string {
  return `${TEMPORARILY_UNAVAILABLE}: ${reason.charAt(0).toLowerCase()}${reason.slice(1)}`;
}

/** The one printer of error bodies: `{"error":{type, message, details?, correlation_id, retry_after?}}`, compact. */
export function errorBody({ type, message, details, retryAfterSeconds }: ErrorFields, correlationId: string): string {
  return JSON.stringify({ error: { type, message, details, correlation_id: correlationId, retry_after: retryAfterSeconds } });
}

/** The same fields as problem details (RFC 9457), beside the title, the status and the detail of that. */
export function problemBody({ type, message, details, retryAfterSeconds }: ErrorFields, correlationId: string, status: number): string {
  const fields = { type, message, details, correlation_id: correlationId, retry_after: retryAfterSeconds };
  return JSON.stringify({ ...fields, title: STATUS_CODES[status], status, detail: message });
}
