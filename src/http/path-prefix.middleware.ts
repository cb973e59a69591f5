import type { NextFunction, Request, RequestHandler, Response } from 'express';
import { notFound } from '../errors/gateway-errors.js';
import type { IsProbe } from './probe-requests.js';

/** Puts every route below `prefix` (`/tools`); empty leaves them where they are. Health, readiness and metrics stay at the root as well. */
export function pathPrefixMiddleware(prefix: string, isProbe: IsProbe): RequestHandler {
  if (prefix === '') return (_request, _response, next) => next();
  return (request: Request, _response: Response, next: NextFunction): void => {
    const below = pathBelow(prefix, request.url);
    if (below !== undefined) request.url = below;
    else if (!isProbe(request)) return next(nothingThere(request, prefix));
    next();
  };
}

function pathBelow(prefix: string, url: string): string | undefined {
  if (!url.startsWith(prefix)) return undefined;
  const rest = url.slice(prefix.length);
  if (rest.startsWith('/')) return rest;
  return rest === '' || rest.startsWith('?') ? `/${rest}` : undefined;
}

function nothingThere({ method, path }: Request, prefix: string): Error {
  return notFound(`There is nothing at ${method} ${path}. The gateway is at ${prefix}: its tools are described at ${prefix}/openapi.json.`);
}
