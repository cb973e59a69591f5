import type { NextFunction, Request, RequestHandler, Response } from 'express';

/** A name in a path that needs no decoding, at the end of the path and without a query: all others are the router's to read. */
const PLAIN_NAME = /^[\w.-]+$/;
const NAMED = /^(\/[^:*{}]*\/):(\w+)$/;

interface NamedRoute {
  readonly prefix: string;
  readonly parameter: string;
  readonly handler: RequestHandler;
}

/**
 * Handlers of `POST {prefix}/:name` that are found without Express' router, which asks all routes in turn for each request. They are the
 * same handlers, with the same guards and interceptors, that the router would find, or a lane that does the same.
 */
export class DirectRoutes {
  private readonly routes: NamedRoute[] = [];
  private readonly exact = new Map<string, RequestHandler>();

  /** Takes note of a POST route; of those of another shape none. */
  add(path: unknown, handler: RequestHandler): void {
    const [, prefix, parameter] = NAMED.exec(String(path)) ?? [];
    if (prefix !== undefined && parameter !== undefined && prefix !== '/') this.routes.push({ prefix, parameter, handler });
  }

  /** Takes note of a lane for a path without a name. */
  addExact(path: string, handler: RequestHandler): void {
    this.exact.set(path, handler);
  }

  /** Hands a request to its route; false if it is the router's to find. */
  handle(request: Request, response: Response, next: NextFunction): boolean {
    if (request.method !== 'POST') return false;
    const { url } = request;
    const exact = this.exact.get(url);
    if (exact) {
      request.params = {};
      void exact(request, response, next);
      return true;
    }
    for (const { prefix, parameter, handler } of this.routes) {
      if (!url.startsWith(prefix)) continue;
      const name = url.slice(prefix.length);
      if (!PLAIN_NAME.test(name)) return false;
      request.params = { [parameter]: name };
      void handler(request, response, next);
      return true;
    }
    return false;
  }
}
