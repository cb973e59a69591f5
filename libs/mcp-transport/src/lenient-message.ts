import type { JSONRPCMessage } from '@modelcontextprotocol/client';
import { isJsonObject, type JsonObject } from '@app/mcp-openapi';
import { isError, NEITHER, type RpcMessage, toRpcError } from './call/call-answer.js';

/** Deeper than any handshake is. */
const MAX_DEPTH = 8;

/**
 * A message as the SDK's Client takes it, where servers write it more freely, and other official clients understand them: an id as text where a
 * number was sent, `error` or `result` null beside the other, null in a handshake for what may be absent, no `jsonrpc`, members that JSON-RPC does not know, an
 * error without code or message. What the Client would drop without a word, so that whoever asked waits for nothing, is made an error.
 */
export function leniently(message: RpcMessage): JSONRPCMessage {
  return { ...(message.method === undefined ? lenientResponse(message) : lenientNotice(message)), jsonrpc: '2.0' } as JSONRPCMessage;
}

function lenientResponse(message: RpcMessage): RpcMessage {
  const { id: given, result } = message;
  const id = typeof given === 'string' && /^\d{1,15}$/.test(given) ? Number(given) : given;
  if (isError(message)) return { id, error: toRpcError(message.error) };
  if (!isJsonObject(result)) return { id, error: { code: -32_603, message: NEITHER } };
  return { id, result: isHandshake(result) ? lenientHandshake(result) : withMeta(result) };
}

function lenientNotice(message: RpcMessage): RpcMessage {
  return message.params ? { ...message, params: withMeta(message.params) } : message;
}

/** Nothing else is looked at before somebody asks for it. */
function withMeta(given: JsonObject): JsonObject {
  if (!('_meta' in given) || isJsonObject(given['_meta'])) return given;
  return Object.fromEntries(Object.entries(given).filter(([name]) => name !== '_meta'));
}

/** The answer to `initialize` or to `server/discover`. */
function isHandshake(result: JsonObject): boolean {
  return 'protocolVersion' in result || 'supportedVersions' in result;
}

function lenientHandshake(result: JsonObject): JsonObject {
  return { ...(withoutNulls(result, MAX_DEPTH) as JsonObject), capabilities: withoutNulls(result['capabilities'] ?? {}, MAX_DEPTH) };
}

function withoutNulls(value: unknown, depth: number): unknown {
  if (!isJsonObject(value) || depth === 0) return value;
  const kept = Object.entries(value).filter(([, member]) => member !== null);
  return Object.fromEntries(kept.map(([key, member]) => [key, withoutNulls(member, depth - 1)]));
}
