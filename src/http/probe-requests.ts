import type { Request } from 'express';

/** Tells the requests of probes and scrapers, which know neither a key nor the name and the path prefix of the gateway. */
export type IsProbe = (request: Pick<Request, 'method' | 'originalUrl'>) => boolean;

/** The routes of health, readiness and metrics, as Express matches them, and nothing else. */
const PROBED = /^\/(?:health(?:\/(?:live|mcp|redis|openwebui))?|ready|metrics)\/?(?:\?|$)/i;

/** What probes read, at the root and below `prefix`. */
export function probesOf(prefix: string): IsProbe {
  return ({ method, originalUrl }) =>
    (method === 'GET' || method === 'HEAD') && (PROBED.test(originalUrl) || PROBED.test(withoutPrefix(prefix, originalUrl)));
}

function withoutPrefix(prefix: string, url: string): string {
  return url.startsWith(prefix) ? url.slice(prefix.length) : url;
}
