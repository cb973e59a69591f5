import { type GatewayError, ToolCallError } from './errors.js';
import { Elicitations, type OnElicitation } from './elicitation.js';
import type { IncomingFrame, OutgoingFrame } from './frames.js';
import type { Request } from './request.js';

/** How a call is made. */
export interface CallOptions {
  /** Told what the server reports on the way. */
  readonly onProgress?: (progress: Progress) => void;
  /** Told what the server logs on the way. */
  readonly onLog?: (message: LogMessage) => void;
  /** Asked what the tool asks; without it every question is declined. */
  readonly onElicitation?: OnElicitation;
  /** Cancels the call, at its server, too. */
  readonly signal?: AbortSignal;
  /** With it the call is made once, however often it is sent: also where the session is lost, and it is sent again in another. */
  readonly idempotencyKey?: string;
  /** Longest that the gateway may take, in milliseconds. */
  readonly timeoutMs?: number;
}

/** How far a call is, as its server tells it. */
export interface Progress {
  readonly progress: number;
  readonly total?: number;
  readonly message?: string;
}

/** As MCP has it. */
export interface LogMessage {
  readonly level: string;
  readonly logger?: string;
  readonly data: unknown;
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

type Settle = { resolve(result: ToolResult): void; reject(error: unknown): void; send(frame: OutgoingFrame): void };

/** A call on its way. */
export function toolCall(id: string, name: string, args: object, options: CallOptions, { resolve, reject, send }: Settle): Request {
  const { idempotencyKey, timeoutMs, onProgress, onLog, onElicitation } = options;
  const elicitations = new Elicitations(id, onElicitation, send);
  const data = {
    name,
    arguments: args,
    ...(idempotencyKey !== undefined && { idempotency_key: idempotencyKey }),
    ...(timeoutMs !== undefined && { timeout_ms: timeoutMs }),
  };
  // A call that was sent twice is told from its start again: of that what is new.
  let [heard, told] = [0, 0];
  let [logsHeard, logsTold] = [0, 0];
  const hear = (frame: IncomingFrame): boolean => {
    const { type, data: said } = frame;
    if (type === 'tool_started') heard = logsHeard = 0;
    if (type === 'tool_progress' && (heard += 1) > told) {
      told = heard;
      onProgress?.(said as unknown as Progress);
    }
    if (type === 'tool_log' && (logsHeard += 1) > logsTold) {
      logsTold = logsHeard;
      onLog?.(said as unknown as LogMessage);
    }
    elicitations.hear(frame);
    // An answer that came too late is not what the call is about.
    const isEnd = type === 'tool_result' || type === 'tool_error' || (type === 'error' && !isOfQuestion(said));
    if (!isEnd) return false;
    elicitations.end();
    if (type === 'tool_result') resolve(resultOf(said, id));
    else reject(errorOf(said, id));
    return true;
  };
  const fail = (error: unknown): void => {
    elicitations.end();
    reject(error);
  };
  const asked = { type: 'tool_call', correlation_id: id, data } as const;
  return {
    frame: asked,
    isSent: false,
    isAccepted: false,
    isRepeatable: idempotencyKey !== undefined,
    hear,
    fail,
    resumed: () => elicitations.sendAgain(),
  };
}

function isOfQuestion({ error }: IncomingFrame['data']): boolean {
  return (error as GatewayError).details?.['reason'] === 'no_such_question';
}

function resultOf(said: IncomingFrame['data'], correlationId: string): ToolResult {
  const { result, content, duration_ms } = said;
  return { result, content: Array.isArray(content) ? content : [], durationMs: Number(duration_ms), correlationId };
}

/** The error that a frame tells of. */
export function errorOf({ status, error }: IncomingFrame['data'], correlationId: string): ToolCallError {
  return new ToolCallError(Number(status), error as GatewayError, correlationId);
}
