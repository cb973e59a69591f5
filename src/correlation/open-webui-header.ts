import type { IncomingHttpHeaders } from 'node:http';

/** Whether a request has a header of Open WebUI, trusted or not. It decides only the form of the answer, never rights. */
export function hasOpenWebUiHeader(headers: IncomingHttpHeaders): boolean {
  for (const name in headers) if (name.startsWith('x-openwebui-')) return true;
  return false;
}
