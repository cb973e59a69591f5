import type { JsonText } from './json-text/index.js';
import type { CallToolResult } from './mcp-types.js';

/** A tool's answer: as parsed, and the JSON text of the `result` member as the server wrote it (numbers and key order intact). */
export type ToolResult = JsonText<CallToolResult>;

/**
 * How one tool call ended. Each face (HTTP, SSE, WebSocket, chat, MCP) writes this and nothing else,
 * so what a failure means is decided once.
 */
export type ToolOutcome =
  /** The tool ran and answered. */
  | { readonly kind: 'result'; readonly result: ToolResult; readonly notes?: ResultNotes }
  /** The tool ran and says no (`isError`, MCP server/tools "Error handling"). Its content is the message. */
  | { readonly kind: 'tool_error'; readonly result: ToolResult }
  /** The call was judged and refused, by the gateway or by the server: it did not run. */
  | ({ readonly kind: 'rejected'; readonly type: RejectionType } & Refusal)
  /** The server could not be reached, or answered with a fault of its own, or the gateway has no room for the call. */
  | ({ readonly kind: 'unavailable'; readonly type: UnavailableType } & Refusal)
  /** The call was sent and its answer never came: it may have run, so nobody may repeat it unasked. */
  | ({ readonly kind: 'unknown'; readonly type: UnknownType } & Refusal);

/** What a face should know of a result besides its content. */
export interface ResultNotes {
  /** The server's operator allows embedded HTML to be shown as a page. */
  readonly inlineHtml?: boolean;
  /** Its operator wants audio and other bytes as the server wrote them, not described. */
  readonly keepsBinary?: boolean;
  /** The tool changes nothing, says its server. */
  readonly isReadOnly?: boolean;
  /** structuredContent does not fit the tool's own outputSchema. It is passed all the same. */
  readonly isOutputMismatch?: boolean;
}

interface Refusal {
  /** A sentence for a person or a model: what is wrong and what to do. */
  readonly message: string;
  readonly details?: Readonly<Record<string, unknown>>;
  /** Whole seconds after which a repeat makes sense. */
  readonly retryAfterSeconds?: number;
  /** Response headers that tell of the limit that the call met. */
  readonly headers?: Readonly<Record<string, string>>;
}

export type RejectionType = 'validation_error' | 'permission_error' | 'tool_not_found' | 'conflict' | 'rate_limit_error';
export type UnavailableType = 'upstream_error' | 'upstream_unavailable' | 'overloaded';
export type UnknownType = 'outcome_unknown' | 'upstream_timeout';
