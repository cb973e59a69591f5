import type { LongJson } from '@app/mcp-openapi';

/** What the gateway says on a socket; docs/websocket.md has an example of each. */
export const OUTBOUND_TYPES = [
  'connection_established',
  'tool_started',
  'tool_progress',
  'tool_log',
  'elicitation_request',
  'elicitation_ended',
  'tool_result',
  'tool_error',
  'tools_changed',
  'server_state',
  'pong',
  'error',
] as const;

/** The types of frames that the gateway sends. */
export type OutboundType = (typeof OUTBOUND_TYPES)[number];

/** A frame as it goes out, and where in it what it says begins: the rest is another's when it is said again. */
export interface OutboundFrame {
  readonly seq: number;
  readonly type: OutboundType;
  readonly correlationId: string | undefined;
  readonly bytes: Buffer;
  readonly dataAt: number;
}

/** `data` is JSON text. */
export function toFrame(seq: number, type: OutboundType, correlationId: string | undefined, data: string | LongJson): OutboundFrame {
  const head = headOf(seq, type, correlationId);
  const bytes = typeof data === 'string' ? Buffer.from(`${head}${data}}`) : data.within(head, '}').toBytes();
  return { seq, type, correlationId, bytes, dataAt: Buffer.byteLength(head) };
}

/** The same once more, as the frame that comes now. */
export function again({ type, correlationId, bytes, dataAt }: OutboundFrame, seq: number): OutboundFrame {
  const head = Buffer.from(headOf(seq, type, correlationId));
  return { seq, type, correlationId, bytes: Buffer.concat([head, bytes.subarray(dataAt)]), dataAt: head.length };
}

/** Whether it is the last of its call. */
export function isFinal({ type }: OutboundFrame): boolean {
  return type === 'tool_result' || type === 'tool_error';
}

function headOf(seq: number, type: OutboundType, correlationId: string | undefined): string {
  const id = correlationId === undefined ? '' : `,"correlation_id":${JSON.stringify(correlationId)}`;
  return `{"type":"${type}"${id},"seq":${seq},"data":`;
}
