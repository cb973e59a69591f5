import type { NextFunction, Request, RequestHandler, Response } from 'express';

/** Several middlewares as one. */
export function sequence(handlers: readonly RequestHandler[]): RequestHandler {
  return (request: Request, response: Response, next: NextFunction): void => {
    let index = 0;
    const go = (error?: unknown): void => {
      const handler = handlers[index];
      index += 1;
      if (error || !handler) return next(error);
      try {
        void handler(request, response, go);
      } catch (thrown) {
        next(thrown);
      }
    };
    go();
  };
}
