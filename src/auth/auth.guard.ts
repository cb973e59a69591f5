import { type CanActivate, type ExecutionContext, Injectable } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import type { Request } from 'express';
import type { Principal } from '../correlation/principal.js';
import { GatewayException } from '../errors/gateway.exception.js';
import { AuthService } from './auth.service.js';
import { NeedsKey } from './needs-key.decorator.js';

/** Lets a request to a route that is marked with {@link NeedsKey} pass when somebody known makes it, and notes who. */
@Injectable()
export class AuthGuard implements CanActivate {
  constructor(
    private readonly auth: AuthService,
    private readonly reflector: Reflector,
  ) {}

  canActivate(execution: ExecutionContext): boolean {
    if (!this.reflector.get(NeedsKey, execution.getClass())) return true;
    const request = execution.switchToHttp().getRequest<Request & { principal?: Principal }>();
    request.principal = this.auth.authenticate(request.headers.authorization);
    if (!request.principal) throw unauthenticated();
    return true;
  }
}

/** The same for a missing, a wrong and a malformed key. */
function unauthenticated(): GatewayException {
  const message = 'Authentication failed: send a valid API key as "Authorization: Bearer KEY".';
  return new GatewayException(401, { type: 'authentication_error', message }, { 'WWW-Authenticate': 'Bearer' });
}
