import { hash } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { Inject, Injectable } from '@nestjs/common';
import { SETTINGS, type Settings } from '../config/settings.js';
import { ANONYMOUS, type Principal } from '../correlation/principal.js';
import { badRequest } from '../errors/http-errors.js';
import { type AuthFailure, SecurityEvents, type TellingRequest } from '../metrics/security-events.js';
import { ApiKeys } from './api-keys.js';
import { authenticationFailed } from './authentication-failed.js';
import { bearerToken, hasTwoAuthorizations } from './authorization.js';
import { FailureDelay } from './failure-delay.js';

/** The one place that finds out who calls, whatever the face. Where no credentials are configured everybody is anonymous and welcome. */
@Injectable()
export class AuthService {
  private readonly keys: ApiKeys;
  private readonly isOpen: boolean;
  private readonly failureDelay = new FailureDelay();

  constructor(
    @Inject(SETTINGS) { apiKeys }: Settings,
    private readonly events: SecurityEvents,
  ) {
    this.keys = new ApiKeys(apiKeys);
    this.isOpen = apiKeys.length === 0;
  }

  /**
   * Who makes this request. Throws, or rejects after a while, with the one 401 for everybody unknown, and throws 400 for two Authorization
   * headers; both are told as security events.
   */
  authenticate(request: IncomingMessage & TellingRequest): Principal | Promise<never> {
    if (hasTwoAuthorizations(request)) {
      this.events.tell('duplicate_authorization', request);
      throw badRequest('validation_error', 'Send one Authorization header, not several.');
    }
    const found = this.callerOf(request.headers.authorization);
    if (typeof found !== 'string') return found;
    this.events.tell(found, request);
    const wait = this.failureDelay.noteFailure(request.socket.remoteAddress ?? '');
    if (wait) return wait.then(refuse);
    return refuse();
  }

  private callerOf(authorization: string | undefined): Principal | AuthFailure {
    if (this.isOpen) return ANONYMOUS;
    if (!authorization) return 'auth_missing';
    const token = bearerToken(authorization);
    if (token === undefined) return 'auth_malformed';
    return this.keys.holder(hash('sha256', token, 'buffer')) ?? 'auth_unknown_key';
  }
}

function refuse(): never {
  throw authenticationFailed();
}
