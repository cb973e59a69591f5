import type { IncomingMessage } from 'node:http';

/**
 * Whether a request is addressed to a name of ours, and, when a browser sends it, comes from one:
 * a web page that rebinds its own name to this address gets nothing (basic/transports, "Security Warning").
 */
export function isAllowedHost({ headers }: IncomingMessage, allowedHosts: readonly string[] | undefined): boolean {
  if (allowedHosts === undefined) return true;
  const isAllowed = (url: string) => allowedHosts.includes(hostnameOf(url));
  return isAllowed(`http://${headers.host ?? ''}`) && (headers.origin === undefined || isAllowed(headers.origin));
}

/** Without port and brackets; empty for what is no URL. */
function hostnameOf(url: string): string {
  return URL.parse(url)?.hostname.replace(/^\[|\]$/g, '') ?? '';
}
