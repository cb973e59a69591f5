import type { IncomingMessage } from 'node:http';
import type { NextFunction, Request, RequestHandler, Response } from 'express';
import type { GatewayException } from '../errors/gateway.exception.js';
import { noHost, noHttp, severalHosts } from '../errors/gateway-errors.js';

/**
 * Refuses heads of requests that Node's parser takes and RFC 9112 does not: of HTTP/0.9, which has no headers and so no key, and with
 * several Host headers (3.2), of which something in front of the gateway may have read another than the gateway does, or in HTTP/1.1 none.
 */
export function requestHeadMiddleware(): RequestHandler {
  return (request: Request, _response: Response, next: NextFunction): void => {
    if (request.httpVersionMajor !== 1) return next(noHttp());
    next(wrongHosts(request));
  };
}

/** What is to be said of a head that names several hosts, or none where one has to be. */
export function wrongHosts({ rawHeaders, httpVersionMinor }: IncomingMessage): GatewayException | undefined {
  let count = 0;
  for (let at = 0; at < rawHeaders.length; at += 2) if (isHost(rawHeaders[at] as string)) count += 1;
  if (count > 1) return severalHosts();
  return count === 0 && httpVersionMinor > 0 ? noHost() : undefined;
}

function isHost(name: string): boolean {
  return name.length === HOST.length && name.toLowerCase() === HOST;
}

const HOST = 'host';
