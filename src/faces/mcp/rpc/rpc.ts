import { isJsonObject, type JsonObject, type RpcError } from '@app/mcp-openapi';

/** JSON-RPC error codes of this face: those of JSON-RPC 2.0 section 5.1, and of MCP 2026-07-28. */
export const CODE = {
  parseError: -32_700,
  invalidRequest: -32_600,
  methodNotFound: -32_601,
  invalidParams: -32_602,
  internalError: -32_603,
  /** Of the gateway itself: no such session, no room, no permission. */
  refused: -32_000,
  resourceNotFound: -32_002,
  headerMismatch: -32_020,
  missingCapability: -32_021,
  unsupportedVersion: -32_022,
} as const;

/** As a client chooses it (JSON-RPC 2.0 section 4). */
export type RpcId = string | number;

/** A request as it came; `text` is the whole message. */
export interface RpcRequest {
  readonly id: RpcId;
  readonly method: string;
  readonly params: JsonObject;
  readonly text: string;
}

/** What a request is answered: the JSON text of its result, or an error. */
export type Reply = { readonly result: string } | { readonly failure: RpcError };

/** Fails a request on purpose; whoever catches it answers with the failure. */
export class RpcFailed extends Error {
  constructor(readonly failure: RpcError) {
    super(failure.message);
  }
}

/** -32602. */
export function invalidParams(message: string, data?: unknown): RpcFailed {
  return new RpcFailed({ code: CODE.invalidParams, message, ...(data !== undefined && { data }) });
}

/** `undefined` for an id that cannot be told. */
export function replyText(id: RpcId | undefined, reply: Reply): string {
  const own = id === undefined ? 'null' : JSON.stringify(id);
  if ('result' in reply) return `{"jsonrpc":"2.0","id":${own},"result":${reply.result}}`;
  return `{"jsonrpc":"2.0","id":${own},"error":${JSON.stringify(reply.failure)}}`;
}

/** A message without an id, which nobody answers. */
export function notificationText(method: string, params?: JsonObject): string {
  return JSON.stringify({ jsonrpc: '2.0', method, ...(params && { params }) });
}

/** What is answered to anything that {@link kindOf} knows no kind of. */
export const NO_MESSAGE: RpcError = { code: CODE.invalidRequest, message: 'Bad Request: the body is not a JSON-RPC message' };

/** A message as parsed: a request, a notification, or an answer to what the gateway asked; undefined for anything else. */
export function kindOf(message: unknown): 'request' | 'notification' | 'answer' | undefined {
  if (!isJsonObject(message) || message['jsonrpc'] !== '2.0') return undefined;
  const { method, id, params } = message;
  // A greater number would come back as another one.
  const hasId = typeof id === 'string' || Number.isSafeInteger(id);
  if (typeof method === 'string') {
    if (params !== undefined && params !== null && !isJsonObject(params)) return undefined;
    return hasId ? 'request' : id === undefined ? 'notification' : undefined;
  }
  return hasId && ('result' in message || 'error' in message) ? 'answer' : undefined;
}

/** A message that is a request. */
export function toRequest({ id, method, params }: JsonObject, text: string): RpcRequest {
  return { id: id as RpcId, method: method as string, params: isJsonObject(params) ? withoutNulls(params) : {}, text };
}

/** Clients of several languages write null for what is not there; no member of any request's params means something by it. */
function withoutNulls(params: JsonObject): JsonObject {
  for (const name in params)
    if (params[name] === null) return Object.fromEntries(Object.entries(params).filter(([, value]) => value !== null));
  return params;
}
