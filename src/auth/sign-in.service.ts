import { hash, randomBytes, timingSafeEqual } from 'node:crypto';
import { Inject, Injectable } from '@nestjs/common';
import {
  discoverAuthorizationServerMetadata,
  exchangeAuthorization,
  type FetchLike,
  startAuthorization,
} from '@modelcontextprotocol/client';
import type { JWTPayload } from 'jose';
import { clientAuthentication, fetchThrough } from '@app/mcp-transport';
import { type IssuerSettings, SETTINGS, type Settings } from '../config/settings.js';
import type { GrantLink } from '../grants/grant-links.service.js';
import { GrantStore } from '../grants/grant-store.service.js';
import { USERS_MS } from '../grants/grants.service.js';
import { PublicAddress } from '../grants/public-address.service.js';
import { IssuerKeys } from './issuer-keys.js';
import { ASYMMETRIC } from './issuer-tokens.js';
import { textClaim, verifyJwt } from './verify-jwt.js';

const TIMEOUT_MS = 10_000;
const SCOPE = 'openid email';

/** A sign-in that was begun for a link, until the browser comes back. */
interface BegunSignIn {
  readonly link: GrantLink;
  readonly verifier: string;
  readonly nonce: string;
  readonly browser: string;
}

/** Finds out at OIDC_ISSUER who sits before a browser (OpenID Connect Core 3.1), to compare them with the user that a link is for. */
@Injectable()
export class SignIn {
  private readonly keys: IssuerKeys | undefined;
  private readonly issuer: IssuerSettings | undefined;

  constructor(
    @Inject(SETTINGS) private readonly settings: Settings,
    private readonly store: GrantStore,
    private readonly address: PublicAddress,
  ) {
    this.issuer = settings.tokens.issuer;
    this.keys = this.issuer && new IssuerKeys(this.issuer);
  }

  /** Where the browser goes to sign in. */
  async begin(link: GrantLink, browser: string): Promise<string> {
    const [state, nonce] = [randomBytes(32).toString('base64url'), randomBytes(32).toString('base64url')];
    const { authorizationUrl, codeVerifier: verifier } = await startAuthorization(this.name, {
      metadata: await this.metadata(),
      clientInformation: this.client,
      redirectUrl: this.redirectUrl,
      scope: SCOPE,
      state,
    });
    authorizationUrl.searchParams.set('nonce', nonce);
    const begun: BegunSignIn = { link, verifier, nonce, browser: hash('sha256', browser) };
    await this.store.set('begun', ['sign-in', state], begun, USERS_MS);
    return authorizationUrl.href;
  }

  /** The link that the browser came for, if it is the user's own; else why not, in a sentence. */
  async finish(query: URLSearchParams, browser: string | undefined): Promise<GrantLink | string> {
    const begun = await this.store.take<BegunSignIn>('begun', ['sign-in', query.get('state') ?? '']);
    if (!begun || !isSame(begun.browser, browser)) return UNKNOWN;
    const claims = await this.claimsOf(begun, query).catch(() => undefined);
    if (!claims) return 'The sign-in failed: open the link again.';
    return isUser(begun.link, claims) ? begun.link : `You are signed in as another user than ${begun.link.account}, for whom this link is.`;
  }

  private async claimsOf({ verifier, nonce }: BegunSignIn, query: URLSearchParams): Promise<JWTPayload | undefined> {
    const iss = query.get('iss') ?? undefined;
    const { id_token: token = '' } = await exchangeAuthorization(this.name, {
      metadata: await this.metadata(),
      clientInformation: this.client,
      addClientAuthentication: clientAuthentication(this.client),
      authorizationCode: query.get('code') ?? '',
      ...(iss !== undefined && { iss }),
      codeVerifier: verifier,
      redirectUri: this.redirectUrl,
      fetchFn: this.fetchFn,
    });
    const { keyOf } = this.keys as IssuerKeys;
    const rules = { algorithms: ASYMMETRIC, keyOf, issuer: this.name, audience: this.client.client_id, requiredClaims: ['exp', 'sub'] };
    const claims = await verifyJwt(token, rules);
    return typeof claims !== 'string' && claims['nonce'] === nonce ? claims : undefined;
  }

  private async metadata() {
    const metadata = await discoverAuthorizationServerMetadata(this.name, { fetchFn: this.fetchFn });
    if (!metadata) throw new Error('no metadata');
    return metadata;
  }

  private readonly fetchFn: FetchLike = (url, init = {}) =>
    fetchThrough(new URL(url), { ...init, redirect: 'manual', signal: AbortSignal.timeout(TIMEOUT_MS) }, this.issuer?.proxies);

  private get client(): { client_id: string; client_secret?: string } {
    const { clientId = '', clientSecret } = this.settings.signIn ?? {};
    return { client_id: clientId, ...(clientSecret !== undefined && { client_secret: clientSecret }) };
  }

  private get name(): string {
    return this.issuer?.name ?? '';
  }

  private get redirectUrl(): string {
    return this.address.of('/oauth/signed-in');
  }
}

const UNKNOWN = 'This address was used before, is too old, or was never given out: ask for a new link.';

function isSame(expected: string, shown: string | undefined): boolean {
  return shown !== undefined && timingSafeEqual(Buffer.from(expected), Buffer.from(hash('sha256', shown)));
}

/** By the subject where the user is known by it, else by an address that the issuer does not say to be anybody's. */
function isUser({ subject, email }: GrantLink, claims: JWTPayload): boolean {
  if (subject !== undefined) return claims.sub === subject;
  const shown = claims['email_verified'] === true ? textClaim(claims, 'email') : undefined;
  return email !== undefined && shown?.toLowerCase() === email.toLowerCase();
}
