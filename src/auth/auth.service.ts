import { hash, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { Inject, Injectable, type OnApplicationBootstrap } from '@nestjs/common';
import { hasCredentials, SETTINGS, type Settings } from '../config/settings.js';
import { clientNetwork } from '../correlation/client-network.js';
import { ANONYMOUS, type Principal } from '../correlation/principal.js';
import { badRequest } from '../errors/gateway-errors.js';
import { type AuthFailure, SecurityEvents, type TellingRequest } from '../metrics/security-events.js';
import { ApiKeys } from './api-keys.js';
import { authenticationFailed } from './authentication-failed.js';
import { bearerToken, hasTwoAuthorizations } from './authorization.js';
import { BearerTokens } from './bearer-tokens.js';
import { FailureDelay } from './failure-delay.js';
import { UserHeaders } from './user-headers.js';

type Found = Principal | AuthFailure;

/** What a caller shows: of an HTTP request, or of one that opens a connection. */
export type RequestToJudge = Pick<IncomingMessage, 'headers' | 'rawHeaders' | 'socket'> & TellingRequest;

/** The one place that finds out who calls, whatever the face. Where no credentials are configured everybody is anonymous and welcome. */
@Injectable()
export class AuthService implements OnApplicationBootstrap {
  private readonly keys: ApiKeys;
  private readonly tokens: BearerTokens;
  private readonly users: UserHeaders;
  private readonly isOpen: boolean;
  private readonly failureDelay = new FailureDelay();
  /**
   * By connection the key that it came with last: hashing costs more than all the rest. Behind a proxy another caller may have shown it, so the
   * comparison takes the same time wherever the two differ.
   */
  private readonly lastKeys = new WeakMap<object, { readonly authorization: Buffer; readonly holder: Principal }>();

  constructor(
    @Inject(SETTINGS) settings: Settings,
    private readonly events: SecurityEvents,
  ) {
    this.keys = new ApiKeys(settings.apiKeys);
    this.tokens = new BearerTokens(settings.tokens);
    this.users = new UserHeaders(settings.tokens.userSecret, settings.userHeaders);
    this.isOpen = !hasCredentials(settings);
  }

  onApplicationBootstrap(): void {
    this.tokens.prepare();
  }

  /**
   * Who makes this request, at once for a key. Throws, or rejects after a while, with the one 401 for everybody unknown, with 400 for two
   * Authorization headers, both told as security events, and with 503 while it cannot be told whether a token is good.
   */
  authenticate(request: RequestToJudge): Principal | Promise<Principal> {
    if (hasTwoAuthorizations(request)) {
      this.events.tell('duplicate_authorization', request);
      throw badRequest('validation_error', 'Send one Authorization header, not several.');
    }
    const found = this.callerOf(request);
    return found instanceof Promise ? found.then((later) => this.admit(later, request)) : this.admit(found, request);
  }

  private callerOf({ headers, socket }: RequestToJudge): Found | Promise<Found> {
    if (this.isOpen) return ANONYMOUS;
    const holder = this.holderOf(headers.authorization, socket);
    const asUser = (found: Found) => (typeof found === 'string' ? found : this.users.withUser(found, headers));
    return holder instanceof Promise ? holder.then(asUser) : asUser(holder);
  }

  private holderOf(authorization: string | undefined, connection: object): Found | Promise<Found> {
    if (!authorization) return 'auth_missing';
    const last = this.lastKeys.get(connection);
    const shown = Buffer.from(authorization);
    if (last?.authorization.length === shown.length && timingSafeEqual(last.authorization, shown)) return last.holder;
    const token = bearerToken(authorization);
    if (token === undefined) return 'auth_malformed';
    const digest = hash('sha256', token, 'buffer');
    const holder = this.keys.holder(digest);
    if (!holder) return this.tokens.holder(token, digest);
    this.lastKeys.set(connection, { authorization: shown, holder });
    return holder;
  }

  private admit(found: Found, request: RequestToJudge): Principal | Promise<never> {
    if (typeof found !== 'string') return found;
    this.events.tell(found, request);
    if (!GUESSES.has(found)) return refuse();
    const digest = hash('sha256', bearerToken(request.headers.authorization ?? '') ?? '');
    const wait = this.failureDelay.noteFailure(clientNetwork(request.context.clientAddress), digest);
    if (wait) return wait.then(refuse);
    return refuse();
  }
}

/** What may be the guess of a key. Whoever shows none, or a token whose signature is good, guesses nothing. */
const GUESSES: ReadonlySet<AuthFailure> = new Set(['auth_unknown_key', 'auth_algorithm', 'auth_signature']);

function refuse(): never {
  throw authenticationFailed();
}
