import { CLIENT_CAPABILITIES_META_KEY, LOG_LEVEL_META_KEY } from '@modelcontextprotocol/server';
import { isJsonObject, type JsonObject } from '@app/mcp-openapi';
import type { ClientTraits } from '../rpc/client-traits.js';
import { MODERN } from '../rpc/era.js';
import type { Exchange } from '../rpc/exchange.js';
import { isLogLevel } from '../rpc/log-level.js';
import { notificationText, type RpcRequest } from '../rpc/rpc.js';
import type { Run } from '../runs/run.js';

/** A request since 2026-07-28, which says all of its client itself. */
export function modernExchange(
  rpc: RpcRequest,
  meta: JsonObject,
  run: Run,
  from: Pick<Exchange, 'caller' | 'server' | 'context' | 'headers'>,
): Exchange {
  return {
    ...from,
    request: rpc,
    client: traitsOf(meta),
    signal: run.signal,
    session: undefined,
    notify: (method, params) => run.say?.(notificationText(method, params)),
    ask: (question, signal) => run.ask(question, signal),
    answerHeaders: undefined,
  };
}

function traitsOf(meta: JsonObject): ClientTraits {
  const capabilities = meta[CLIENT_CAPABILITIES_META_KEY];
  const level = meta[LOG_LEVEL_META_KEY];
  return {
    era: 'modern',
    protocolVersion: MODERN,
    capabilities: isJsonObject(capabilities) ? capabilities : {},
    logLevel: isLogLevel(level) ? level : undefined,
  };
}
