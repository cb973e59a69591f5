import { ID } from '../exchange.js';
import type { Caller, CallOptions } from './faces.js';
import { MODERN_META } from '../clients/mcp-wire.js';
import { headersToLimits, LEFT, type Told } from './told.js';

interface ErrorData {
  readonly type: string;
  readonly details?: Record<string, unknown>;
  readonly retry_after?: number;
}

interface Answer {
  readonly result?: Record<string, unknown> & { readonly content?: readonly { readonly text: string }[]; readonly isError?: boolean };
  readonly error?: { readonly code: number; readonly message: string; readonly data?: ErrorData };
}

/** Calls at `/mcp` as clients since 2026-07-28 do. */
export class McpCaller implements Caller {
  private readonly leaving = new AbortController();

  constructor(private readonly url: string) {}

  async call(name: string, args: object = {}, { headers, id = ID }: CallOptions = {}): Promise<Told> {
    const own = { 'mcp-protocol-version': '2026-07-28', 'mcp-method': 'tools/call', 'mcp-name': name, 'x-correlation-id': id };
    const accept = 'application/json, text/event-stream';
    const message = { jsonrpc: '2.0', id: 1, method: 'tools/call', params: { name, arguments: args, _meta: MODERN_META } };
    const sent = { 'content-type': 'application/json', accept, ...own, ...headers };
    const options = { method: 'POST', headers: sent, body: JSON.stringify(message), signal: this.leaving.signal };
    const response = await fetch(`${this.url}/mcp`, options).catch(() => undefined);
    if (!response) return LEFT;
    expect(response.headers.get('x-correlation-id')).toBe(id);
    const limits = headersToLimits(Object.fromEntries(response.headers));
    return { ...toTold((await response.json()) as Answer), limits };
  }

  leave(): void {
    this.leaving.abort();
  }
}

function toTold({ result, error }: Answer): Told {
  if (error) {
    const { code, message, data } = error;
    // The server's own is passed on as it is.
    if (data?.type === undefined) return { type: 'upstream_error', message, details: { code, data } };
    return {
      type: data.type,
      message: message.replace('"tools/list" lists', 'GET /openapi.json lists'),
      ...(data.details && { details: data.details }),
    };
  }
  const { resultType, _meta, ...value } = result ?? {};
  expect(resultType).toBe('complete');
  if (value.isError !== true) return { type: 'result', value };
  const text = (value.content ?? []).map((item) => item.text).join('\n');
  const told = (_meta as Record<string, ErrorData> | undefined)?.['io.mcpo-proxy/error'];
  if (!told) return { type: 'tool_error', message: text };
  const { type, details, retry_after: retryAfter } = told;
  return { type, message: withoutMore(text, told), details, retryAfter };
}

/** A model sees nothing but the text, which says why, and when to try again, where others have that beside it. */
function withoutMore(text: string, { details, retry_after: retryAfter }: ErrorData): string {
  const reason = details?.['reason'];
  const when = ` Try again in ${retryAfter} s.`;
  const message = text.endsWith(when) ? text.slice(0, -when.length) : text;
  const why = `: ${String(reason)}`;
  return message.endsWith(why) && message.startsWith('Service temporarily unavailable') ? message.slice(0, -why.length) : message;
}
