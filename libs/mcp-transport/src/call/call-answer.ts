import { isJsonObject, memberText, type CallToolResult, type RpcError, type ToolResult } from '@app/mcp-openapi';
import type { UpstreamAnswer } from './upstream-answer.js';

/** A JSON-RPC message as parsed; nothing of it is trusted. */
export interface RpcMessage {
  readonly id?: unknown;
  readonly method?: unknown;
  readonly params?: Readonly<Record<string, unknown>>;
  readonly result?: unknown;
  readonly error?: unknown;
}

/** Parses a message; undefined if the text is no JSON object. */
export function parseRpcMessage(text: string): RpcMessage | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return isJsonObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

/** The answer that a JSON-RPC response to our call holds. */
export function rpcMessageToAnswer(message: RpcMessage, text: string): UpstreamAnswer {
  if (isJsonObject(message.error)) return { kind: 'rpc_error', error: toRpcError(message.error) };
  if (!isJsonObject(message.result))
    return { kind: 'unreadable', message: 'The MCP server sent an answer with neither a result nor an error.' };
  return { kind: 'result', result: new ReceivedToolResult(message.result, text) };
}

/** The text of the result is cut out of the message only when somebody asks for it. */
class ReceivedToolResult implements ToolResult {
  constructor(
    readonly value: CallToolResult,
    private readonly messageText: string,
  ) {}

  get text(): string {
    return memberText(this.messageText, 'result') ?? 'null';
  }
}

function toRpcError(error: Readonly<Record<string, unknown>>): RpcError {
  const code = typeof error.code === 'number' ? error.code : -32_603;
  const message = typeof error.message === 'string' ? error.message : 'The MCP server gave no message.';
  return error.data === undefined ? { code, message } : { code, message, data: error.data };
}
