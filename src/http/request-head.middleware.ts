import type { NextFunction, Request, RequestHandler, Response } from 'express';
import { noHttp, severalHosts } from '../errors/gateway-errors.js';

/**
 * Refuses heads of requests that Node's parser takes and RFC 9112 does not: of HTTP/0.9, which has no headers and so no key, and with
 * several Host headers (3.2), of which something in front of the gateway may have read another than the gateway does.
 */
export function requestHeadMiddleware(): RequestHandler {
  return (request: Request, _response: Response, next: NextFunction): void => {
    if (request.httpVersionMajor !== 1) return next(noHttp());
    next(hasSeveralHosts(request.rawHeaders) ? severalHosts() : undefined);
  };
}

/** Whether a head names several hosts. */
export function hasSeveralHosts(rawHeaders: readonly string[]): boolean {
  let count = 0;
  for (let at = 0; at < rawHeaders.length; at += 2) if (isHost(rawHeaders[at] as string)) count += 1;
  return count > 1;
}

function isHost(name: string): boolean {
  return name.length === HOST.length && name.toLowerCase() === HOST;
}

const HOST = 'host';
