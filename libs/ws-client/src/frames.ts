/** What the gateway sends, as far as this client reads it (docs/websocket.md). */
export interface IncomingFrame {
  readonly type: string;
  readonly correlation_id?: string;
  readonly seq?: number;
  readonly data: Readonly<Record<string, unknown>>;
}

/** What a client sends. */
export interface OutgoingFrame {
  readonly type: 'tool_call' | 'cancel' | 'elicitation_response' | 'list_tools' | 'subscribe' | 'ping' | 'resume';
  readonly correlation_id: string;
  readonly data?: Readonly<Record<string, unknown>>;
}

/** Undefined for what is no frame of the gateway. */
export function readFrame(text: unknown): IncomingFrame | undefined {
  if (typeof text !== 'string') return undefined;
  try {
    const frame = JSON.parse(text) as Partial<IncomingFrame> | null;
    return typeof frame?.type === 'string' ? { ...frame, type: frame.type, data: frame.data ?? {} } : undefined;
  } catch {
    return undefined;
  }
}
