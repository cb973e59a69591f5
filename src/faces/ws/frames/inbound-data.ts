/** What a client may subscribe to: frames that come unasked. */
export const TOPICS = ['tools_changed', 'server_state'] as const;
export type Topic = (typeof TOPICS)[number];

/** What each type of frame says; judged by the classes in inbound-frames.dto.ts. */
export interface InboundData {
  readonly tool_call: { readonly name: string; readonly idempotency_key?: string; readonly timeout_ms?: number };
  readonly cancel: object;
  readonly list_tools: { readonly cursor?: string };
  readonly subscribe: { readonly topics: readonly Topic[] };
  readonly ping: object;
  readonly resume: { readonly resume_token: string; readonly last_seq: number };
}

export type InboundType = keyof InboundData;
