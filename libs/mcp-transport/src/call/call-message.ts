import type { TraceHeaders, UpstreamRequest } from './upstream-answer.js';

let lastCall = 0;

/** An id for one `tools/call`: unique in this process, and never one of the SDK's, which are numbers. */
export function newCallId(): string {
  return `req_${++lastCall}`;
}

/** `_meta` key under which the caller's correlation id goes upstream. */
const CORRELATION_META_KEY = 'io.mcpo-proxy/correlation-id';

/**
 * The JSON-RPC text of a `tools/call` (MCP server/tools "Calling Tools"). The arguments are spliced in as they were written:
 * re-serializing would change 20-digit numbers. `metaEnvelope` is the text of the members that the 2026-07-28 revision
 * wants in `_meta`, or empty; `more` that of further members of `params`.
 */
export function callMessage(
  id: string,
  call: { request?: UpstreamRequest; tool: string; args: { text: string }; correlationId: string; trace?: TraceHeaders | undefined },
  metaEnvelope: string,
  more = '',
): string {
  const meta = `{"progressToken":"${id}","${CORRELATION_META_KEY}":"${call.correlationId}"${traceMeta(call.trace)}${metaEnvelope === '' ? '' : ','}${metaEnvelope}}`;
  if (call.request) return requestMessage(id, call.request, meta, more);
  return `{"jsonrpc":"2.0","method":"tools/call","params":{"name":${JSON.stringify(call.tool)},"arguments":${call.args.text}${more === '' ? '' : ','}${more},"_meta":${meta}},"id":"${id}"}`;
}

function requestMessage(id: string, { method, params }: UpstreamRequest, meta: string, more: string): string {
  const members = [JSON.stringify(params).slice(1, -1), more, `"_meta":${meta}`].filter((text) => text !== '');
  return `{"jsonrpc":"2.0","method":${JSON.stringify(method)},"params":{${members.join(',')}},"id":"${id}"}`;
}

/** As members of `_meta` (MCP SEP-414). */
function traceMeta(trace: TraceHeaders | undefined): string {
  return trace ? `,${JSON.stringify(trace).slice(1, -1)}` : '';
}

/** The JSON-RPC text that cancels a call (MCP basic/utilities/cancellation). */
export function cancelMessage(id: string, reason: string): string {
  return JSON.stringify({ jsonrpc: '2.0', method: 'notifications/cancelled', params: { requestId: id, reason } });
}
