import type { JsonObject } from '@app/mcp-openapi';

/** What a client may subscribe to: frames that come unasked. */
export const TOPICS = ['tools_changed', 'server_state'] as const;

/** One of {@link TOPICS}. */
export type Topic = (typeof TOPICS)[number];

/** What a user may do with a question (MCP client/elicitation "Response Actions"). */
export const ELICITATION_ACTIONS = ['accept', 'decline', 'cancel'] as const;
type ElicitationAction = (typeof ELICITATION_ACTIONS)[number];

/** What each type of frame says; judged by the classes in inbound-frames.dto.ts. */
export interface InboundData {
  readonly tool_call: { readonly name: string; readonly idempotency_key?: string; readonly timeout_ms?: number };
  readonly cancel: object;
  readonly list_tools: { readonly cursor?: string };
  readonly subscribe: { readonly topics: readonly Topic[] };
  readonly elicitation_response: { readonly id: string; readonly action: ElicitationAction; readonly content?: JsonObject };
  readonly ping: object;
  readonly resume: { readonly resume_token: string; readonly last_seq: number };
}

/** The types of frames that clients send. */
export type InboundType = keyof InboundData;
