import type { NextFunction, RequestHandler, Response } from 'express';
import type { AuthService } from '../../../auth/auth.service.js';
import type { Principal } from '../../../correlation/principal.js';
import type { HttpRequest } from '../http-request.js';

/** Asks for a key for these requests, what is not there included: for gateways whose documents and pages, or metrics, are not public. */
export function authMiddleware(auth: AuthService, isAsked: (request: HttpRequest) => boolean): RequestHandler {
  const ask = (request: HttpRequest, _: Response, next: NextFunction): void => {
    if (!isAsked(request)) return next();
    const admit = (principal: Principal): void => {
      request.principal = request.context.principal = principal;
      next();
    };
    const caller = auth.authenticate(request);
    if (caller instanceof Promise) return void caller.then(admit, next);
    admit(caller);
  };
  return ask as RequestHandler;
}
