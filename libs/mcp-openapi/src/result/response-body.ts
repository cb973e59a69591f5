/** The body of a successful call: exact content type, bytes or text, and headers that belong to it. */
export interface ResponseBody {
  readonly contentType: string;
  readonly body: string | Uint8Array;
  readonly headers?: Readonly<Record<string, string>>;
}

/** A body of JSON text. */
export function jsonBody(body: string): ResponseBody {
  return { contentType: 'application/json', body };
}
