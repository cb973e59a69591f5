import { type CanActivate, type ExecutionContext, Injectable } from '@nestjs/common';
import { AuthService } from '../../../auth/auth.service.js';
import type { Principal } from '../../../correlation/principal.js';
import type { HttpRequest } from '../http-request.js';

/** Lets a request pass that somebody known makes, where keys are set, and notes who. */
@Injectable()
export class AuthGuard implements CanActivate {
  constructor(private readonly auth: AuthService) {}

  canActivate(execution: ExecutionContext): boolean | Promise<boolean> {
    return this.enter(execution.switchToHttp().getRequest<HttpRequest>());
  }

  /** Notes who makes the request. Throws or rejects with a 401 where that is nobody known. */
  enter(request: HttpRequest): boolean | Promise<boolean> {
    const caller = request.principal ?? this.auth.authenticate(request);
    return caller instanceof Promise ? caller.then((later) => this.admit(later, request)) : this.admit(caller, request);
  }

  protected admit(caller: Principal, request: HttpRequest): boolean | Promise<boolean> {
    request.context.principal = caller;
    return true;
  }
}

/** For routes that are public, and show a caller with a key what this key may use: credentials that are wrong are refused. */
@Injectable()
export class OptionalAuthGuard extends AuthGuard {
  override canActivate(execution: ExecutionContext): boolean | Promise<boolean> {
    const { headers } = execution.switchToHttp().getRequest<HttpRequest>();
    return headers.authorization ? super.canActivate(execution) : true;
  }
}
