import type { IncomingHttpHeaders } from 'node:http';
import {
  classifyInboundRequest,
  CLIENT_CAPABILITIES_META_KEY,
  CLIENT_INFO_META_KEY,
  LOG_LEVEL_META_KEY,
  PROTOCOL_VERSION_META_KEY,
} from '@modelcontextprotocol/server';
import { isJsonObject, type JsonObject, type RpcError } from '@app/mcp-openapi';
import { headerProblem } from './request-headers.js';
import { CODE } from './rpc.js';

/** The revision of MCP that has no sessions. */
export const MODERN = '2026-07-28';
/** Revisions that begin with `initialize`, the newest first. */
export const LEGACY = ['2025-11-25', '2025-06-18', '2025-03-26', '2024-11-05'] as const;

/** What a request says of itself by its form. */
type Era = { readonly era: 'legacy' } | { readonly era: 'modern'; readonly meta: JsonObject } | { readonly refused: RpcError };

/**
 * Which generation a message of a POST is of, judged by its body, with its headers as a check (MCP 2026-07-28 basic/transports). What is
 * plainly one or the other is told here; of all else the SDK knows what is wrong.
 */
export function eraOf(message: unknown, headers: IncomingHttpHeaders): Era {
  const version = headerOf(headers, 'mcp-protocol-version');
  const { method, params } = isJsonObject(message) ? message : {};
  const meta = isJsonObject(params) && isJsonObject(params['_meta']) ? params['_meta'] : {};
  const claim = meta[PROTOCOL_VERSION_META_KEY];
  if (claim === undefined && version !== MODERN && typeof method === 'string') return { era: 'legacy' };
  if (claim === MODERN && version === MODERN && isEnvelope(meta) && isJsonObject(message) && 'id' in message) {
    const refused = headerProblem(method as string, params as JsonObject, headers);
    return refused ? { refused } : { era: 'modern', meta };
  }
  return judged(message, headers, version, meta);
}

function isEnvelope(meta: JsonObject): boolean {
  const info = meta[CLIENT_INFO_META_KEY];
  return (
    isJsonObject(meta[CLIENT_CAPABILITIES_META_KEY]) &&
    meta[LOG_LEVEL_META_KEY] === undefined &&
    isJsonObject(info) &&
    typeof info['name'] === 'string' &&
    typeof info['version'] === 'string'
  );
}

function judged(message: unknown, headers: IncomingHttpHeaders, version: string | undefined, meta: JsonObject): Era {
  const route = classifyInboundRequest({
    httpMethod: 'POST',
    ...(version !== undefined && { protocolVersionHeader: version }),
    ...optional('mcpMethodHeader', headerOf(headers, 'mcp-method')),
    ...optional('mcpNameHeader', headerOf(headers, 'mcp-name')),
    body: message,
  });
  if (route.kind === 'reject')
    return { refused: { code: route.code, message: route.message, ...(route.data !== undefined && { data: route.data }) } };
  if (route.kind === 'legacy') return { era: 'legacy' };
  const { revision } = route.classification;
  if (revision !== MODERN) return { refused: unsupported(revision) };
  if (route.messageKind === 'notification') return { era: 'modern', meta };
  const refused = headerProblem(route.message.method, (route.message.params ?? {}) as JsonObject, headers);
  return refused ? { refused } : { era: 'modern', meta };
}

/** What a client is told that asks for another revision. */
export function unsupported(requested: string | undefined): RpcError {
  return {
    code: CODE.unsupportedVersion,
    message: `Unsupported protocol version: ${(requested ?? 'none').slice(0, 50)}`,
    data: { supported: [MODERN], requested: (requested ?? 'unknown').slice(0, 50) },
  };
}

function headerOf(headers: IncomingHttpHeaders, name: string): string | undefined {
  const value = headers[name];
  return typeof value === 'string' ? value.trim() : undefined;
}

function optional(name: string, value: string | undefined): Record<string, string> {
  return value === undefined ? {} : { [name]: value };
}
