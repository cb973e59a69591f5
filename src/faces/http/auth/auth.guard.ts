import { type CanActivate, type ExecutionContext, Injectable } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import type { Principal } from '../../../correlation/principal.js';
import { AuthService } from '../../../auth/auth.service.js';
import type { AuthenticatedRequest } from './authenticated-request.js';
import { HeedsKey } from './heeds-key.decorator.js';
import { NeedsKey } from './needs-key.decorator.js';

/**
 * Lets a request to a route that is marked with {@link NeedsKey} pass when somebody known makes it, and notes who; on one that is
 * marked with {@link HeedsKey}, when it comes with credentials.
 */
@Injectable()
export class AuthGuard implements CanActivate {
  constructor(
    private readonly auth: AuthService,
    private readonly reflector: Reflector,
  ) {}

  canActivate(execution: ExecutionContext): boolean | Promise<boolean> {
    const request = execution.switchToHttp().getRequest<AuthenticatedRequest>();
    if (request.principal || !this.isAsked(execution, request)) return true;
    const caller = this.auth.authenticate(request);
    return caller instanceof Promise ? caller.then((later) => admit(request, later)) : admit(request, caller);
  }

  private isAsked(execution: ExecutionContext, { headers }: AuthenticatedRequest): boolean {
    const route = execution.getClass();
    return this.reflector.get(NeedsKey, route) ?? (headers.authorization ? (this.reflector.get(HeedsKey, route) ?? false) : false);
  }
}

function admit(request: AuthenticatedRequest, caller: Principal): true {
  request.principal = caller;
  return true;
}
