import { SdkErrorCode, SdkHttpError } from '@modelcontextprotocol/client';

/** An HTTP status in place of what was asked for; `status` tells it to those who decide what to try next, `why` more to a reader. */
export function httpError(status: number, text: string, why?: string): SdkHttpError {
  const message = `The MCP server answered HTTP ${status}${why === undefined ? '' : `: ${why}.`}`;
  return new SdkHttpError(SdkErrorCode.ClientHttpNotImplemented, message, {
    status,
    statusText: '',
    text,
  });
}
