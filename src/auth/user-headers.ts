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
    if (this.tokens && typeof signed === 'string' && caller.via !== 'jwt') return this.bySigned(caller, signed, this.tokens, headers);
    return caller.key?.trustUserHeaders ? byUser(caller, plainUser(headers, this.names), this.groupsOf(caller, headers)) : caller;
  }

  private async bySigned(
    caller: Principal,
    signed: string,
    tokens: UserTokens,
    headers: IncomingHttpHeaders,
  ): Promise<Principal | AuthFailure> {
    const user = await tokens.userOf(signed);
    const isOther = caller.via === 'session' && user?.id !== caller.id;
    return user === undefined || isOther ? 'auth_user_header' : byUser(caller, user, this.groupsOf(caller, headers));
  }

  /** Open WebUI signs none: they are those of the header where the key is trusted with it. A user of whom nothing is said is in none, whatever the key is in. */
  private groupsOf({ key }: Principal, headers: IncomingHttpHeaders): string[] {
    return key?.trustUserHeaders ? namesIn(headers[this.names.groups]) : [];
  }
}

function byUser(caller: Principal, user: OpenWebUiUser | undefined, groups: readonly string[]): Principal {
  if (!user) return caller;
  const { id, name, email, role = caller.role } = user;
  return { id, name, email, role, groups, via: caller.via, key: caller.key };
}

function plainUser(headers: IncomingHttpHeaders, names: UserHeaderNames): OpenWebUiUser | undefined {
  const id = decoded(headers[names.id]);
  if (id === undefined) return undefined;
  return { id, name: decoded(headers[names.name]), email: decoded(headers[names.email]), role: decoded(headers[names.role]) };
}

/** Separated by commas, as `{{USER_GROUPS}}` is written, each percent-encoded where need be. */
function namesIn(value: string | string[] | undefined): string[] {
  if (typeof value !== 'string') return [];
  return value.split(',').flatMap((name) => decoded(name.trim()) ?? []);
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
