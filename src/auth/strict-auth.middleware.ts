import type { RequestHandler } from 'express';
import { authenticationFailed } from './authentication-failed.js';
import type { AuthService } from './auth.service.js';

/** What probes and scrapers ask for, which send no key. */
const PUBLIC = /^\/(?:health|ready|metrics)(?:[/?]|$)/i;

/** Asks for a key wherever one is not asked for anyway: documents and Swagger UI above all. */
export function strictAuthMiddleware(auth: AuthService): RequestHandler {
  return ({ url, headers }, _, next) => {
    const isWelcome = PUBLIC.test(url) || auth.authenticate(headers.authorization) !== undefined;
    next(isWelcome ? undefined : authenticationFailed());
  };
}
