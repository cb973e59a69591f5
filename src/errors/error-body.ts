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

/** The one printer of error bodies: `{"error":{type, message, details?, correlation_id, retry_after?}}`, compact. */
export function errorBody({ type, message, details, retryAfterSeconds }: ErrorFields, correlationId: string): string {
  return JSON.stringify({ error: { type, message, details, correlation_id: correlationId, retry_after: retryAfterSeconds } });
}
