import type { IncomingHttpHeaders } from 'node:http';

/** The type of a Content-Type header without its parameters, in lower case. */
export function mediaTypeOf(header: string | string[] | undefined): string {
  const value = Array.isArray(header) ? header[0] : header;
  if (value === undefined) return '';
  const end = value.indexOf(';');
  return (end === -1 ? value : value.slice(0, end)).trim().toLowerCase();
}

/** One header of a response; the first of several. */
export function headerOf(response: { readonly headers: IncomingHttpHeaders }, name: string): string | undefined {
  const value = response.headers[name];
  return Array.isArray(value) ? value[0] : value;
}
