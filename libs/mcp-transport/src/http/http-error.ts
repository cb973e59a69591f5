import { SdkErrorCode, SdkHttpError } from '@modelcontextprotocol/client';
import { saidInBody, saidInRpcError } from './said-in-body.js';

/**
 * An HTTP status in place of what was asked for; `status` tells it to those who decide what to try next, `why` more to a reader, or else what
 * the server says itself in `text`, its body.
 */
export function httpError(status: number, text: string, why?: string): SdkHttpError {
  const said = status === 401 || status === 403 ? saidInRpcError(text) : saidInBody(text);
  const told = why === undefined ? said : `${why}.`;
  const message = `The MCP server answered HTTP ${status}${told === undefined ? '' : `: ${told}`}`;
  return new SdkHttpError(SdkErrorCode.ClientHttpNotImplemented, message, {
    status,
    statusText: '',
    text,
  });
}
