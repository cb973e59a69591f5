import type { JWTPayload } from 'jose';
import { DEFAULT_ROLE } from '../config/callers/api-key.js';
import type { AuthFailure } from '../metrics/security-events.js';
import type { Judged } from './verified-tokens.js';
import { type JwtRules, secretKey, textClaim, verifyJwt } from './verify-jwt.js';

/** The one algorithm that Open WebUI signs with. */
export const OPEN_WEBUI_ALGORITHM = 'HS256';

/** A user as Open WebUI tells them. */
export interface OpenWebUiUser {
  readonly id: string;
  readonly name: string | undefined;
  readonly email: string | undefined;
  readonly role: string | undefined;
}

/** Judges the sessions of Open WebUI's users, which it sends where a connection's auth type is "session". */
export class SessionTokens {
  private readonly rules: JwtRules;

  constructor(secret: string) {
    this.rules = rulesOf(secret);
  }

  /** A session names its user by `id` alone. It has no end where Open WebUI gives it none. */
  async judge(token: string): Promise<Judged | AuthFailure> {
    const claims = await verifyJwt(token, this.rules);
    if (typeof claims === 'string') return claims;
    const id = textClaim(claims, 'id');
    if (id === undefined) return 'auth_claims';
    const principal = { id, name: undefined, email: undefined, role: DEFAULT_ROLE, groups: [], via: 'session', key: undefined } as const;
    return { principal, expiresAt: claims.exp ?? Infinity };
  }
}

/** Judges the user header that Open WebUI signs for each request. */
export class UserTokens {
  private readonly rules: JwtRules;

  constructor(secret: string) {
    this.rules = { ...rulesOf(secret), issuer: 'open-webui', requiredClaims: ['exp', 'sub'] };
  }

  /** Undefined for one that is wrong in any way. */
  async userOf(token: string): Promise<OpenWebUiUser | undefined> {
    const claims = await verifyJwt(token, this.rules);
    return typeof claims === 'string' ? undefined : toUser(claims);
  }
}

function rulesOf(secret: string): JwtRules {
  const key = secretKey(secret);
  return { algorithms: [OPEN_WEBUI_ALGORITHM], keyOf: () => key };
}

function toUser(claims: JWTPayload): OpenWebUiUser | undefined {
  const id = textClaim(claims, 'sub');
  if (id === undefined) return undefined;
  return { id, name: textClaim(claims, 'name'), email: textClaim(claims, 'email'), role: textClaim(claims, 'role') };
}
