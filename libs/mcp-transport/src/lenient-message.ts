import type { JSONRPCMessage } from '@modelcontextprotocol/client';
import { isJsonObject, type JsonObject } from '@app/mcp-openapi';
import type { RpcMessage } from './call/call-answer.js';

/** Deeper than any handshake is. */
const MAX_DEPTH = 8;

/**
 * A message as the SDK's Client takes it, where servers write it more freely, and other official clients understand them: an id as text where a
 * number was sent, `error` or `result` null beside the other, null in a handshake for what may be absent, no `jsonrpc`.
 */
export function leniently(message: RpcMessage): JSONRPCMessage {
  return { ...(message.method === undefined ? lenientResponse(message) : message), jsonrpc: '2.0' } as JSONRPCMessage;
}

function lenientResponse({ error, result, id, ...others }: RpcMessage): RpcMessage {
  const own = { ...others, id: typeof id === 'string' && /^\d{1,15}$/.test(id) ? Number(id) : id };
  if (isJsonObject(error)) return { ...own, error };
  return { ...own, result: isJsonObject(result) && isHandshake(result) ? lenientHandshake(result) : result };
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
