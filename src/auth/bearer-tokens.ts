import type { TokenSettings } from '../config/settings.js';
import type { Principal } from '../correlation/principal.js';
import type { AuthFailure } from '../metrics/security-events.js';
import { ASYMMETRIC, IssuerTokens } from './issuer-tokens.js';
import { OPEN_WEBUI_ALGORITHM, SessionTokens } from './open-webui-tokens.js';
import { type Judged, VerifiedTokens } from './verified-tokens.js';
import { algorithmOf } from './verify-jwt.js';

/** Callers by their tokens: of an issuer, and of Open WebUI's sessions. */
export class BearerTokens {
  private readonly issuer: IssuerTokens | undefined;
  private readonly sessions: SessionTokens | undefined;
  private readonly verified = new VerifiedTokens();

  constructor({ issuer, sessionSecret }: TokenSettings) {
    this.issuer = issuer && new IssuerTokens(issuer);
    this.sessions = sessionSecret === undefined ? undefined : new SessionTokens(sessionSecret);
  }

  /** Whose token this is, of this SHA-256. Rejects with a 503 while that cannot be told. */
  holder(token: string, digest: Buffer): Principal | AuthFailure | Promise<Principal | AuthFailure> {
    if (!this.issuer && !this.sessions) return 'auth_unknown_key';
    const known = this.verified.holder(digest);
    if (known) return known;
    const algorithm = algorithmOf(token);
    if (algorithm === undefined) return 'auth_unknown_key';
    const judge = this.judgeOf(algorithm);
    return judge ? judge.judge(token).then((judged) => this.verified.note(digest, judged)) : 'auth_algorithm';
  }

  /** Makes ready what the first token needs. */
  prepare(): void {
    void this.issuer?.prepare();
  }

  /** Each judge has its own keys and takes its own algorithms only, so that no public key is ever taken for a secret. */
  private judgeOf(algorithm: string): { judge(token: string): Promise<Judged | AuthFailure> } | undefined {
    if (algorithm === OPEN_WEBUI_ALGORITHM) return this.sessions;
    return ASYMMETRIC.includes(algorithm) ? this.issuer : undefined;
  }
}
