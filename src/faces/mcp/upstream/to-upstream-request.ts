import type { UpstreamCall, UpstreamRequest } from '@app/mcp-transport';

/** A request of another method than `tools/call` as it goes to its server. */
export function toUpstreamRequest(
  request: UpstreamRequest,
  how: Pick<
    UpstreamCall,
    'signal' | 'credentials' | 'correlationId' | 'isIdempotent' | 'onProgress' | 'onLog' | 'onQuestion' | 'capabilities'
  >,
): UpstreamCall {
  return { request, tool: request.method, inputSchema: {}, args: NONE, ...how };
}

const NONE = { text: '{}', value: {} };
