import type { IncomingHttpHeaders } from 'node:http';
import type { JSONRPCMessage } from '@modelcontextprotocol/client';
import { plainText } from '@app/mcp-openapi';
import type { RpcMessage } from '../call/call-answer.js';
import { mediaTypeOf } from './headers/response-headers.js';

/** A request of the SDK's. */
export type Request = JSONRPCMessage & { readonly id: string | number; readonly method: string };

export function isRequest(message: JSONRPCMessage): message is Request {
  return 'method' in message && 'id' in message;
}

export function isInitialize(message: JSONRPCMessage): boolean {
  return 'method' in message && message.method === 'initialize';
}

export function isInitialized(message: JSONRPCMessage): boolean {
  return 'method' in message && message.method === 'notifications/initialized';
}

export function isListen(message: JSONRPCMessage): boolean {
  return 'method' in message && message.method === 'subscriptions/listen';
}

export function isAnswerTo({ id }: Request, received: RpcMessage): boolean {
  return (
    received.method === undefined &&
    (typeof received.id === 'string' || typeof received.id === 'number') &&
    String(received.id) === String(id)
  );
}

/** What came in place of the answer. */
export function noAnswer({ method }: Request, headers: IncomingHttpHeaders, messages: readonly RpcMessage[]): string {
  const [other] = messages;
  if (other)
    return `The MCP server answered "${method}" with the id ${plainText(JSON.stringify(other.id) ?? 'of none', 50)}, which is not that of the request.`;
  const encoding = headers['content-encoding'];
  if (encoding !== undefined && encoding !== 'identity')
    return `The MCP server answered "${method}" compressed (${plainText(encoding, 50)}), though it was not asked to: such answers are not read.`;
  return `Unexpected answer of type ${mediaTypeOf(headers['content-type']) || 'unknown'}`;
}
