import type { LongJson } from '../json-text/index.js';

/** The body of a successful call: exact content type, bytes or text, and headers that belong to it. */
export interface ResponseBody {
  readonly contentType: string;
  readonly body: string | Uint8Array | LongJson;
  readonly headers?: Readonly<Record<string, string>>;
}

/** A body of JSON text. */
export function jsonBody(body: string | LongJson): ResponseBody {
  return { contentType: 'application/json', body };
}
