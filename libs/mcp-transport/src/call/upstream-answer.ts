import type { JsonObject, JsonText, RpcError, ToolResult } from '@app/mcp-openapi';
import type { CallSignal } from './call-signal.js';
import type { QuestionAnswer, ServerQuestion } from '../questions/server-question.js';
import type { CallerCredentials } from './caller-credentials.js';

/** Headers, and members of `_meta`, of these names; what they hold can be both. */
export interface TraceHeaders {
  readonly traceparent: string;
  readonly tracestate?: string;
}

/** What is asked of a server other than a call of a tool: `params` without `_meta`. */
export interface UpstreamRequest {
  readonly method: string;
  readonly params: JsonObject;
}

/** One `tools/call` as it goes to its server. */
export interface UpstreamCall {
  /** Asked in place of `tools/call`, in the same session and by the same rules; the tool and its arguments mean nothing then. */
  readonly request?: UpstreamRequest;
  /** The tool's real name. */
  readonly tool: string;
  readonly inputSchema: Readonly<Record<string, unknown>>;
  /** The arguments: one JSON object, whose text is sent as it is. */
  readonly args: JsonText;
  readonly correlationId: string;
  /** The trace that it belongs to, as W3C Trace Context writes it. */
  readonly trace?: TraceHeaders | undefined;
  /** Whether it may be sent again when nobody knows if it ran. */
  readonly isIdempotent: boolean;
  /** What the server gets of the caller; undefined if nothing. */
  readonly credentials?: CallerCredentials;
  /** Aborted when the caller leaves. */
  readonly signal: CallSignal;
  readonly onProgress?: (progress: Readonly<Record<string, unknown>>) => void;
  /** `notifications/message` that came on this call's way: its params. */
  readonly onLog?: (params: JsonObject) => void;
  /**
   * Answers what the server asks on this call's way; undefined where there is no room for the question: the call is given up then. The signal is
   * aborted when nobody waits for the answer any more; without it all is refused.
   */
  readonly onQuestion?: (question: ServerQuestion, signal: AbortSignal) => Promise<QuestionAnswer | undefined>;
  /** What its caller can answer, as servers since 2026-07-28 are told it with each call: nothing unless said otherwise. */
  readonly capabilities?: JsonObject;
  /** Whether its caller has few calls in flight: some connections are left for such. */
  readonly holdsFew?: boolean;
  /** It is on one of these: set on this object while it is sent. */
  isReserved?: boolean;
  /** How many times it was sent again: set on this object while it is sent, for whoever records the call; undefined if it never was. */
  retries?: number;
}

/** What came back from an upstream, or why nothing did. Whether the tool may have run is told by the kind. */
export type UpstreamAnswer =
  /** The tool ran. */
  | { readonly kind: 'result'; readonly result: ToolResult }
  /** A JSON-RPC error: the server judged the call. */
  | { readonly kind: 'rpc_error'; readonly error: RpcError }
  /** An HTTP status without a JSON-RPC answer; with a 429 what the server says of its limits, header by header. */
  | {
      readonly kind: 'http_status';
      readonly status: number;
      readonly retryAfterSeconds: number | undefined;
      /**
       * Of the session that was used: `forgotten`, the server does not know it any more, so that the call surely did not run; `doubted`, a server
       * that fails (5xx) speaks of a session, its own or another, and may have begun with the call.
       */
      readonly session?: 'forgotten' | 'doubted' | undefined;
      readonly limitHeaders?: Readonly<Record<string, string>>;
    }
  /** Surely not sent: no connection, or, for one caller only, no session; `noToken` says why there is no access token to send it with. */
  | { readonly kind: 'unreachable'; readonly message: string; readonly isOnlyCallers?: true; readonly noToken?: string }
  /** Surely not sent: too many calls wait for this server. */
  | { readonly kind: 'busy'; readonly message: string }
  /** Surely not sent: the server failed so often that calls to it are paused. */
  | { readonly kind: 'paused'; readonly retryAfterSeconds: number }
  /** An answer that cannot be read: not JSON-RPC, of another id, or over the size limit. The tool may have run. */
  | { readonly kind: 'unreadable'; readonly message: string }
  /** Sent, and the connection ended without an answer: the tool may have run. */
  | { readonly kind: 'lost'; readonly message: string }
  /** Nothing came in time; `sent` tells whether the tool may have run. */
  | { readonly kind: 'timeout'; readonly sent: boolean; readonly limit: TimeLimit; readonly seconds: number }
  /** The caller left. */
  | { readonly kind: 'cancelled' };

/** The setting that ended a call. */
export type TimeLimit = 'REQUEST_TIMEOUT' | 'MAX_CALL_DURATION';
