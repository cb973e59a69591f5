import { elementTexts, exceeds, isJsonObject, memberText, type CallToolResult, type RpcError, type ToolResult } from '@app/mcp-openapi';
import type { UpstreamAnswer } from './upstream-answer.js';

/** A JSON-RPC message as parsed; nothing of it is trusted. */
export interface RpcMessage {
  readonly id?: unknown;
  readonly method?: unknown;
  readonly params?: Readonly<Record<string, unknown>>;
  readonly result?: unknown;
  readonly error?: unknown;
}

/** A long text that is nested more deeply, or holds more values and names of members, is not parsed: V8 would take half a second or more for megabytes of them. */
const MAX_DEPTH = 100_000;
const MAX_VALUES = 1_000_000;
const LONG_TEXT = 256 * 1024;

/** A longer batch is not read. */
const MAX_BATCH = 100;

/**
 * Hands on the message that a text is, with the text; of a batch (MCP 2025-03-26 basic "Batching") each. A byte order mark is passed over,
 * and so is what is no JSON object; false where nothing else came.
 */
export function eachRpcMessage(given: string, take: (message: RpcMessage, text: string) => void): boolean {
  const text = given.charCodeAt(0) === BYTE_ORDER_MARK ? given.slice(1) : given;
  const isTooMuch = text.length > LONG_TEXT && exceeds(text, MAX_DEPTH, MAX_VALUES);
  const value = isTooMuch ? unreadAnswer(text) : parsed(text);
  if (value instanceof UnreadAnswer) {
    take(value, text);
    return true;
  }
  if (isJsonObject(value)) {
    take(withoutNulls(value), text);
    return true;
  }
  if (!Array.isArray(value) || value.length > MAX_BATCH) return false;
  const texts = elementTexts(text);
  for (const [at, message] of value.entries()) if (isJsonObject(message)) take(withoutNulls(message), texts[at] as string);
  return value.some(isJsonObject);
}

/** A message in which what says of which kind it is, and what is asked, is not null but absent: some servers write all members of all kinds. */
function withoutNulls(message: RpcMessage): RpcMessage {
  const { id, method, params } = message;
  const isNotification = id === null && typeof method === 'string';
  if (method !== null && params !== null && !isNotification) return message;
  const isSaid = ([name, value]: [string, unknown]) =>
    value !== null || !(name === 'method' || name === 'params' || (name === 'id' && isNotification));
  return Object.fromEntries(Object.entries(message).filter(isSaid));
}

const BYTE_ORDER_MARK = 0xfeff;

function parsed(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

/** An answer of which only is known what it answers: whoever waits for it is told. */
class UnreadAnswer implements RpcMessage {
  readonly jsonrpc = '2.0';
  readonly error = { code: -32_603, message: TOO_MUCH };

  constructor(readonly id: string | number) {}
}

const TOO_MUCH = `The MCP server sent an answer of more than ${MAX_VALUES} values and names, or of more than ${MAX_DEPTH} levels.`;

/** Undefined for anything but an answer. */
function unreadAnswer(text: string): UnreadAnswer | undefined {
  try {
    if (memberText(text, 'method') !== undefined) return undefined;
    const id: unknown = JSON.parse(memberText(text, 'id') ?? 'null');
    return typeof id === 'string' || typeof id === 'number' ? new UnreadAnswer(id) : undefined;
  } catch {
    // It is no JSON.
    return undefined;
  }
}

/** The answer that a JSON-RPC response to our call holds. */
export function rpcMessageToAnswer(message: RpcMessage, text: string): UpstreamAnswer {
  if (message instanceof UnreadAnswer) return { kind: 'unreadable', message: message.error.message };
  if (isError(message)) return { kind: 'rpc_error', error: toRpcError(message.error) };
  if (!isJsonObject(message.result)) return { kind: 'unreadable', message: NEITHER };
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

/** Whether a response is an error, as a server may write it: as JSON-RPC wants it, or as a text alone. */
export function isError({ error }: RpcMessage): boolean {
  return isJsonObject(error) || (typeof error === 'string' && error !== '');
}

/** What is told of a response that says nothing. */
export const NEITHER = 'The MCP server sent an answer with neither a result nor an error.';

/** The error of a response that is one, with a code and a message, whatever the server wrote. */
export function toRpcError(given: unknown): RpcError {
  const error = isJsonObject(given) ? given : { message: given };
  const code = Number.isSafeInteger(error.code) ? (error.code as number) : -32_603;
  const message = typeof error.message === 'string' ? error.message : 'The MCP server gave no message.';
  return error.data === undefined ? { code, message } : { code, message, data: error.data };
}
