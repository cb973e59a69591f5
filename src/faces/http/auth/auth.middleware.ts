import type { NextFunction, RequestHandler, Response } from 'express';
import type { Principal } from '../../../correlation/principal.js';
import type { AuthService } from '../../../auth/auth.service.js';
import type { AuthenticatedRequest } from './authenticated-request.js';

/**
 * Asks for a key before the body is read, so that nothing is kept of a stranger's: of each request that `isAsked` names. The guard asks of
 * others, by their routes.
 */
export function authMiddleware(auth: AuthService, isAsked: (request: AuthenticatedRequest) => boolean): RequestHandler {
  const ask = (request: AuthenticatedRequest, _: Response, next: NextFunction): void => {
    if (!isAsked(request)) return next();
    const caller = auth.authenticate(request);
    const admit = (principal: Principal): void => {
      request.principal = principal;
      next();
    };
    if (caller instanceof Promise) return void caller.then(admit, next);
    admit(caller);
  };
  return ask as RequestHandler;
}
