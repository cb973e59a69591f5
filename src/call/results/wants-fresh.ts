import type { IncomingHttpHeaders } from 'node:http';

/** Whether the caller wants no result that is kept (RFC 9111 5.2.1.4). */
export function wantsFresh(headers: Readonly<IncomingHttpHeaders>): boolean {
  const given = headers['cache-control'];
  return given !== undefined && DIRECTIVE.test(given);
}

const DIRECTIVE = /(?:^|,)\s*(?:no-cache|no-store|max-age=0)\s*(?:,|$)/i;
