import type { NextFunction, Request, RequestHandler, Response } from 'express';

/** Several middlewares as one: Express' router is asked once for all of them, which it does for each request. */
export function sequence(handlers: readonly RequestHandler[]): RequestHandler {
  const [first, ...rest] = handlers;
  if (!first) return (_request, _response, next) => next();
  const others = sequence(rest);
  return (request: Request, response: Response, next: NextFunction) =>
    first(request, response, (error?: unknown) => (error ? next(error) : others(request, response, next)));
}
