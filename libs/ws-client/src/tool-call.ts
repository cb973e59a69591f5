import { type GatewayError, ToolCallError } from './errors.js';
import type { IncomingFrame } from './frames.js';
import type { Request } from './request.js';

/** How a call is made. */
export interface CallOptions {
  /** Told what the server reports on the way. */
  readonly onProgress?: (progress: Progress) => void;
  /** Cancels the call, at its server, too. */
  readonly signal?: AbortSignal;
  /** With it the call is made once, however often it is sent: also where the session is lost, and it is sent again in another. */
  readonly idempotencyKey?: string;
  /** Longest that the gateway may take, in milliseconds. */
  readonly timeoutMs?: number;
}

export interface Progress {
  readonly progress: number;
  readonly total?: number;
  readonly message?: string;
}

/** The result of a call. */
export interface ToolResult {
  /** As HTTP would answer it: JSON, or a text. */
  readonly result: unknown;
  /** As MCP has it. */
  readonly content: readonly unknown[];
  /** In the gateway and at the server. */
  readonly durationMs: number;
  readonly correlationId: string;
}

type Settle = { resolve(result: ToolResult): void; reject(error: unknown): void };

/** A call on its way. */
export function toolCall(id: string, name: string, args: object, options: CallOptions, { resolve, reject }: Settle): Request {
  const { idempotencyKey, timeoutMs, onProgress } = options;
  const data = {
    name,
    arguments: args,
    ...(idempotencyKey !== undefined && { idempotency_key: idempotencyKey }),
    ...(timeoutMs !== undefined && { timeout_ms: timeoutMs }),
  };
  // A call that was sent twice is told from its start again: of that what is new.
  let [heard, told] = [0, 0];
  const hear = ({ type, data: said }: IncomingFrame): boolean => {
    if (type === 'tool_started') heard = 0;
    if (type === 'tool_progress' && (heard += 1) > told) {
      told = heard;
      onProgress?.(said as unknown as Progress);
    }
    if (type === 'tool_result') resolve(resultOf(said, id));
    if (type === 'tool_error' || type === 'error') reject(errorOf(said, id));
    return type === 'tool_result' || type === 'tool_error' || type === 'error';
  };
  const frame = { type: 'tool_call', correlation_id: id, data } as const;
  return { frame, isSent: false, isAccepted: false, isRepeatable: idempotencyKey !== undefined, hear, fail: reject };
}

function resultOf(said: IncomingFrame['data'], correlationId: string): ToolResult {
  const { result, content, duration_ms } = said;
  return { result, content: Array.isArray(content) ? content : [], durationMs: Number(duration_ms), correlationId };
}

export function errorOf({ status, error }: IncomingFrame['data'], correlationId: string): ToolCallError {
  return new ToolCallError(Number(status), error as GatewayError, correlationId);
}
