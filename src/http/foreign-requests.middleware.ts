import type { NextFunction, Request, RequestHandler, Response } from 'express';
import { foreign } from '../errors/gateway-errors.js';
import type { IsProbe } from './probe-requests.js';

/** These change nothing, and what they answer is kept from foreign pages by CORS. */
const SAFE_METHODS: ReadonlySet<string> = new Set(['GET', 'HEAD', 'OPTIONS']);

/**
 * Refuses what a page of another site made a browser send: requests under a name that is not the gateway's own (DNS rebinding), and those that
 * do something from an origin that is not allowed. `hosts` undefined takes every name. Programs, which send no origin, pass, and probes
 * ask under whatever name they know.
 */
export function foreignRequestsMiddleware(
  hosts: readonly string[] | undefined,
  origins: readonly string[],
  isProbe: IsProbe,
): RequestHandler {
  const ownHosts = hosts && new Set(hosts);
  const allOrigins = origins.includes('*');
  const allowedOrigins = new Set(origins);
  /** Most requests name the same. */
  let lastOwnHost: string | undefined;
  const isOwnHost = (host: string | undefined): boolean => {
    if (!ownHosts || host === undefined || host === lastOwnHost) return true;
    if (!ownHosts.has(nameOf(host))) return false;
    lastOwnHost = host;
    return true;
  };
  return (request: Request, _response: Response, next: NextFunction): void => {
    const { origin } = request.headers;
    const host = hostOf(request);
    if (!isOwnHost(host) && !isProbe(request)) return next(foreignHost());
    if (origin === undefined || allOrigins || SAFE_METHODS.has(request.method) || allowedOrigins.has(origin)) return next();
    // The gateway's own pages: Swagger UI.
    next(isSameHost(origin, host) ? undefined : foreignOrigin());
  };
}

/** Whom a request is for: the host of its target where that is a whole URL, whatever Host says (RFC 9112 3.2.2), else what Host says. */
function hostOf({ url, headers }: Request): string | undefined {
  return url.startsWith('/') || url === '*' ? headers.host : (URL.parse(url)?.host ?? '');
}

/** A Host header without its port, in lower case. */
function nameOf(host: string): string {
  return host.replace(/:\d*$/, '').toLowerCase();
}

function isSameHost(origin: string, host: string | undefined): boolean {
  return host !== undefined && URL.parse(origin)?.host === host.toLowerCase();
}

function foreignHost(): Error {
  return foreign('bad_host', 'The gateway does not answer under this host name; name it in ALLOWED_HOSTS if it should.');
}

function foreignOrigin(): Error {
  return foreign('bad_origin', 'Pages of this origin may not call the gateway; name it in CORS_ORIGINS if they should.');
}
