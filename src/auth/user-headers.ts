import type { IncomingHttpHeaders } from 'node:http';
import type { UserHeaderNames } from '../config/settings.js';
import type { Principal } from '../correlation/principal.js';
import type { AuthFailure } from '../metrics/security-events.js';
import { type OpenWebUiUser, UserTokens } from './open-webui-tokens.js';
import { isFit } from './verify-jwt.js';

/** For whom Open WebUI makes a request: it sends its users' calls with one key. */
export class UserHeaders {
  private readonly tokens: UserTokens | undefined;

  constructor(
    secret: string | undefined,
    private readonly names: UserHeaderNames,
  ) {
    this.tokens = secret === undefined ? undefined : new UserTokens(secret);
  }

  /**
   * The holder of a key as the user that the signed header names, or that the plain ones do where the key is trusted with them; else, and
   * for other callers, as they are. A session learns name, email and role of its own user so.
   */
  withUser(caller: Principal, headers: IncomingHttpHeaders): Principal | Promise<Principal | AuthFailure> {
    const signed = headers[this.names.signed];
    if (this.tokens && typeof signed === 'string' && caller.via !== 'jwt') return this.bySigned(caller, signed, this.tokens);
    return caller.key?.trustUserHeaders ? byUser(caller, plainUser(headers, this.names)) : caller;
  }

  private async bySigned(caller: Principal, signed: string, tokens: UserTokens): Promise<Principal | AuthFailure> {
    const user = await tokens.userOf(signed);
    const isOther = caller.via === 'session' && user?.id !== caller.id;
    return user === undefined || isOther ? 'auth_user_header' : byUser(caller, user);
  }
}

function byUser(caller: Principal, user: OpenWebUiUser | undefined): Principal {
  if (!user) return caller;
  const { id, name, email, role = caller.role } = user;
  return { id, name, email, role, via: caller.via, key: caller.key };
}

function plainUser(headers: IncomingHttpHeaders, names: UserHeaderNames): OpenWebUiUser | undefined {
  const id = decoded(headers[names.id]);
  if (id === undefined) return undefined;
  return { id, name: decoded(headers[names.name]), email: decoded(headers[names.email]), role: decoded(headers[names.role]) };
}

/** Percent-decoded where that can be done, as it is where not; undefined for what cannot name a user. */
function decoded(value: string | string[] | undefined): string | undefined {
  if (typeof value !== 'string') return undefined;
  const text = value.includes('%') ? orAsItIs(value) : value;
  return isFit(text) ? text : undefined;
}

function orAsItIs(value: string): string {
  try {
    return decodeURIComponent(value);
  } catch {
    return value;
  }
}
