/** An error as the gateway tells it: the same that HTTP would have. */
export interface GatewayError {
  readonly type: string;
  readonly message: string;
  readonly details?: Readonly<Record<string, unknown>>;
  readonly correlation_id?: string;
  /** Seconds. */
  readonly retry_after?: number;
}

/** A call has no result: the tool says no, it was refused, or nobody knows how it ended (`outcome_unknown`). */
export class ToolCallError extends Error {
  override readonly name = 'ToolCallError';
  readonly type: string;
  readonly details: Readonly<Record<string, unknown>> | undefined;
  readonly correlationId: string;
  /** Seconds after which another call makes sense. */
  readonly retryAfterSeconds: number | undefined;

  constructor(
    /** The HTTP status that it would have. */
    readonly status: number,
    error: GatewayError,
    correlationId: string,
  ) {
    super(error.message);
    this.type = error.type;
    this.details = error.details;
    this.correlationId = correlationId;
    this.retryAfterSeconds = error.retry_after;
  }
}

/** The client was closed before the answer came: the call is cancelled. */
export class ClientClosedError extends Error {
  override readonly name = 'ClientClosedError';

  constructor() {
    super('The client was closed.');
  }
}

/** What is said of a call that was sent and whose end can no more be had. */
export function outcomeUnknown(reason: string, correlationId: string): ToolCallError {
  const message = `${reason} The call may have run; give calls an idempotencyKey, and they are made once however often they are sent.`;
  return new ToolCallError(502, { type: 'outcome_unknown', message }, correlationId);
}

/** What is said of a call beyond the bound of those that wait. */
export function tooManyCalls(limit: number, correlationId: string): ToolCallError {
  const message = `${limit} calls wait for their answers already; this one was not made.`;
  return new ToolCallError(503, { type: 'overloaded', message, retry_after: 1 }, correlationId);
}
