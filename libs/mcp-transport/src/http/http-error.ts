import { SdkErrorCode, SdkHttpError } from '@modelcontextprotocol/client';

/** An HTTP status in place of what was asked for; `status` tells it to those who decide what to try next. */
export function httpError(status: number, text: string): SdkHttpError {
  return new SdkHttpError(SdkErrorCode.ClientHttpNotImplemented, `The MCP server answered HTTP ${status}`, {
    status,
    statusText: '',
    text,
  });
}
