import type { NextFunction, RequestHandler, Response } from 'express';
import type { Principal } from '../correlation/principal.js';
import type { AuthService } from './auth.service.js';
import type { AuthenticatedRequest } from './authenticated-request.js';

/** What probes and scrapers ask for, which send no key. */
const PUBLIC = /^\/(?:health|ready|metrics)(?:[/?]|$)/i;

/** Asks for a key wherever one is not asked for anyway: documents and Swagger UI above all. */
export function strictAuthMiddleware(auth: AuthService): RequestHandler {
  const ask = (request: AuthenticatedRequest, _: Response, next: NextFunction): void => {
    if (PUBLIC.test(request.url)) return next();
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
