import type { IncomingMessage } from 'node:http';
import type { NextFunction, Request, RequestHandler, Response } from 'express';
import { foreign } from '../errors/gateway-errors.js';
import type { IsProbe } from './probe-requests.js';

/** These change nothing, and what they answer is kept from foreign pages by CORS. */
const SAFE_METHODS: ReadonlySet<string> = new Set(['GET', 'HEAD', 'OPTIONS']);

/** What is asked of a request about where it comes from; undefined where nothing is wrong. */
export interface ForeignCheck {
  /** Whether it names the gateway as the gateway is called (DNS rebinding). */
  hostProblem(request: IncomingMessage): Error | undefined;
  /** Whether the page that made a browser send it may. Programs, which send no origin, pass. */
  originProblem(request: IncomingMessage): Error | undefined;
}

/** `hosts` undefined takes every name. */
export function foreignCheck(hosts: readonly string[] | undefined, origins: readonly string[]): ForeignCheck {
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
  return {
    hostProblem: (request) => (isOwnHost(hostOf(request)) ? undefined : foreignHost()),
    originProblem: (request) => {
      const { origin } = request.headers;
      if (origin === undefined || allOrigins || allowedOrigins.has(origin)) return undefined;
      // The gateway's own pages: Swagger UI.
      return isSameHost(origin, hostOf(request)) ? undefined : foreignOrigin();
    },
  };
}

/**
 * Refuses what a page of another site made a browser send: requests under a name that is not the gateway's own, and those that do something
 * from an origin that is not allowed. Probes ask under whatever name they know.
 */
export function foreignRequestsMiddleware(check: ForeignCheck, isProbe: IsProbe): RequestHandler {
  return (request: Request, _response: Response, next: NextFunction): void => {
    const problem = check.hostProblem(request);
    if (problem && !isProbe(request)) return next(problem);
    next(SAFE_METHODS.has(request.method) ? undefined : check.originProblem(request));
  };
}

/** Whom a request is for: the host of its target where that is a whole URL, whatever Host says (RFC 9112 3.2.2), else what Host says. */
function hostOf({ url = '', headers }: IncomingMessage): string | undefined {
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
  return foreign(
    'bad_origin',
    'Pages of this origin may not call the gateway; name it in CORS_ORIGINS if they should, or in PUBLIC_URL if it is where the gateway is found.',
  );
}
