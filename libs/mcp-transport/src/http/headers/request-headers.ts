import { PROTOCOL_VERSION_META_KEY, type JSONRPCMessage } from '@modelcontextprotocol/client';

/** Headers of every POST to an MCP endpoint (MCP basic/transports "Sending Messages to the Server"). */
export const POST_HEADERS = { 'content-type': 'application/json', accept: 'application/json, text/event-stream' } as const;
/** Tells the correlation id of a call. */
export const CORRELATION_HEADER = 'x-correlation-id';

/**
 * The headers that the 2026-07-28 revision derives from a request's body: `MCP-Protocol-Version`, `Mcp-Method`, `Mcp-Name`.
 * None for messages without the revision's `_meta`, so that nothing of it reaches an older server.
 */
export function bodyDerivedHeaders(message: JSONRPCMessage): Record<string, string> {
  if (!('method' in message) || !('id' in message)) return {};
  const params = message.params as { _meta?: Record<string, unknown>; name?: unknown; uri?: unknown } | undefined;
  const version = params?._meta?.[PROTOCOL_VERSION_META_KEY];
  if (typeof version !== 'string') return {};
  const name = params?.name ?? params?.uri;
  const headers: Record<string, string> = { 'mcp-protocol-version': version, 'mcp-method': message.method };
  if (typeof name === 'string') headers['mcp-name'] = encodeHeaderValue(name);
  return headers;
}

/** A value as it may stand in an `Mcp-Name` or `Mcp-Param-*` header: plain where that is safe, else `=?base64?...?=`. */
export function encodeHeaderValue(value: string): string {
  const isPlain = /^[\x21-\x7e]([\x20-\x7e]*[\x21-\x7e])?$/.test(value) && !/^=\?base64\?.*\?=$/i.test(value);
  return isPlain ? value : `=?base64?${Buffer.from(value).toString('base64')}?=`;
}

/** The headers of a request to a server since 2026-07-28 that name what it asks for. */
export function requestHeaders({ method, params }: { readonly method: string; readonly params: Readonly<Record<string, unknown>> }) {
  const name = method === 'prompts/get' ? params['name'] : method === 'resources/read' ? params['uri'] : undefined;
  return { 'mcp-method': method, ...(typeof name === 'string' && { 'mcp-name': encodeHeaderValue(name) }) };
}
