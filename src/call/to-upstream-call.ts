import type { UpstreamCall } from '@app/mcp-transport';
import type { TraceContext } from '../correlation/trace-context.js';
import type { CatalogEntry } from '../discovery/catalog-snapshot.js';
import type { Upstream } from '../mcp-client/upstream.js';
import { pacedLogs } from './questions/paced-logs.js';
import type { ToolCall } from './tool-call.js';

/** What a server is sent for a call, and who is told what it says meanwhile. */
export function toUpstreamCall(
  call: ToolCall,
  upstream: Upstream,
  onProgress: UpstreamCall['onProgress'],
  onQuestion: UpstreamCall['onQuestion'],
): UpstreamCall {
  const { args, signal, credentials, context, traits, onLog, asker, admission } = call;
  const { tool } = call.entry as CatalogEntry;
  return {
    tool: tool.name,
    inputSchema: tool.inputSchema,
    args,
    signal,
    onProgress,
    onQuestion,
    onLog: onLog && pacedLogs((params) => onLog(upstream.words.withoutSecrets(params, credentials))),
    capabilities: asker?.capabilities,
    credentials,
    correlationId: context.correlationId,
    trace: traceFor(call, upstream),
    isIdempotent: traits.mayRepeat,
    holdsFew: admission?.slot.isOfFew,
  };
}

/** What its server is told of the trace that a call belongs to: its caller's own, where the gateway has no part in it. */
function traceFor({ context, entry }: ToolCall, { name, settings }: Upstream): TraceContext | undefined {
  if (!context.span) return context.trace;
  const { tool } = entry as CatalogEntry;
  return context.span.sent({ server: name, tool: tool.name, url: settings.kind === 'http' ? settings.url : undefined });
}
