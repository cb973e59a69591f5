import type { JWTPayload } from 'jose';
import { DEFAULT_ROLE } from '../config/callers/api-key.js';
import type { IssuerSettings } from '../config/settings.js';
import type { Principal } from '../correlation/principal.js';
import type { AuthFailure } from '../metrics/security-events.js';
import { IssuerKeys } from './issuer-keys.js';
import { type JwtRules, textClaim, textsClaim, verifyJwt } from './verify-jwt.js';
import type { Judged } from './verified-tokens.js';

/** Signatures that the issuer alone can make; `none` and those of a shared secret are not among them. */
export const ASYMMETRIC = ['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512', 'ES256', 'ES384', 'ES512', 'EdDSA', 'Ed25519'];

/** Judges tokens of an OpenID Connect issuer. */
export class IssuerTokens {
  private readonly keys: IssuerKeys;
  private readonly rules: JwtRules;
  private readonly roleClaim: string;
  private readonly groupsClaim: string;

  constructor(issuer: IssuerSettings) {
    this.keys = new IssuerKeys(issuer);
    this.roleClaim = issuer.roleClaim;
    this.groupsClaim = issuer.groupsClaim;
    this.rules = {
      algorithms: ASYMMETRIC,
      keyOf: this.keys.keyOf,
      issuer: issuer.name,
      audience: [...issuer.audiences],
      requiredClaims: ['exp', 'sub'],
    };
  }

  /** Fetches the keys ahead of the first token, and tells the log if it cannot. */
  prepare(): Promise<void> {
    return this.keys.fetch();
  }

  async judge(token: string): Promise<Judged | AuthFailure> {
    const claims = await verifyJwt(token, this.rules);
    if (typeof claims === 'string') return claims;
    const id = textClaim(claims, 'sub');
    return id === undefined ? 'auth_claims' : { principal: this.principalOf(id, claims), expiresAt: claims.exp as number };
  }

  private principalOf(id: string, claims: JWTPayload): Principal {
    const name = textClaim(claims, 'name') ?? textClaim(claims, 'preferred_username');
    // Anybody can say any address of themselves where the issuer lets them.
    const email = claims.email_verified === false ? undefined : textClaim(claims, 'email');
    const role = textClaim(claims, this.roleClaim) ?? DEFAULT_ROLE;
    return { id, name, email, role, groups: textsClaim(claims, this.groupsClaim), via: 'jwt', key: undefined };
  }
}
