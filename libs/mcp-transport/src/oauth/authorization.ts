import {
  auth,
  checkResourceAllowed,
  computeScopeUnion,
  discoverOAuthServerInfo,
  type FetchLike,
  fetchToken,
  isStrictScopeSuperset,
  type OAuthClientInformationFull,
  type OAuthTokens,
  refreshAuthorization,
  validateAuthorizationResponseIssuer,
} from '@modelcontextprotocol/client';
import type { HttpServerSettings, PersonGrantSettings } from '../server-settings.js';
import { authenticate, clientAuthentication } from './client-authentication.js';
import { type GrantClient, GrantProvider } from './grant-provider.js';
import type { Challenge, ClientRegistration, GrantRecord, PendingAuthorization } from './grant-record.js';
import { isToken } from './is-token.js';
import { MetadataFetch } from './metadata-fetch.js';
import { withReadableLifetime } from './readable-lifetime.js';
import { shownCode, toTokenError } from './to-token-error.js';
import { TokenError } from './token-error.js';

/** One person's way through the authorization server of an MCP server (MCP basic/authorization), step by step, by the SDK. All throw TokenError. */
export class Authorization {
  private readonly metadata: MetadataFetch;
  private readonly fetchFn: FetchLike;
  /** Of the address rules, which the SDK takes for a server without metadata. */
  private refused: TokenError | undefined;

  constructor(
    private readonly settings: HttpServerSettings,
    private readonly client: PersonGrantSettings,
  ) {
    this.metadata = new MetadataFetch(settings, client);
    const fetchFn = withReadableLifetime(this.metadata.fetch);
    this.fetchFn = (url, init) =>
      fetchFn(url, init).catch((error: unknown) => {
        if (error instanceof TokenError) this.refused = error;
        throw error;
      });
  }

  /** Where the person has to go, and what has to be remembered until they come back with `state`. */
  begin(
    as: GrantClient,
    state: string,
    challenge: Challenge,
    known: { readonly registration?: ClientRegistration | undefined; readonly scope?: string | undefined },
  ): Promise<{ readonly url: string; readonly pending: PendingAuthorization }> {
    return this.told(async () => {
      const scope = computeScopeUnion(challenge.wantsMore ? known.scope : undefined, challenge.scope, this.client.scope);
      const provider = new GrantProvider(this.client, as, state, usable(known.registration, as, scope));
      const { resourceMetadataUrl } = challenge;
      await auth(provider, {
        serverUrl: this.settings.url,
        fetchFn: this.fetchFn,
        forceReauthorization: true,
        ...(scope !== undefined && { scope }),
        ...(resourceMetadataUrl !== undefined && { resourceMetadataUrl: new URL(resourceMetadataUrl) }),
      });
      const { authorizationUrl: url, registration, discovered } = provider;
      if (!url || !registration || !discovered) throw new TokenError('the authorization server gives nowhere to go to.');
      if (!isForBrowsers(url)) throw new TokenError('the authorization endpoint is neither https nor of this machine.', true);
      const asked = (name: string) => url.searchParams.get(name) ?? undefined;
      const { verifier: codeVerifier } = provider;
      const pending = { client: registration, discovery: discovered, codeVerifier, redirectUrl: as.redirectUrl };
      return { url: url.href, pending: { ...pending, scope: asked('scope'), resource: asked('resource') } };
    });
  }

  /** What the person granted, by the query with which their browser came back; whose it is was judged before by its `state`. */
  finish(pending: PendingAuthorization, query: URLSearchParams): Promise<GrantRecord> {
    return this.told(async () => {
      const metadata = pending.discovery.authorizationServerMetadata;
      const iss = query.get('iss') ?? undefined;
      // Before anything else of it is believed (RFC 9207 2.4).
      validateAuthorizationResponseIssuer({
        iss,
        expectedIssuer: metadata?.issuer,
        issParameterSupported: metadata?.authorization_response_iss_parameter_supported === true,
      });
      const [code, error] = [query.get('code'), query.get('error')];
      if (error !== null) throw new TokenError(`the authorization was not granted (${shownCode(error)}).`, true);
      if (code === null || code === '') throw new TokenError('the answer of the authorization server holds no code.', true);
      const as = { redirectUrl: pending.redirectUrl, metadataUrl: undefined };
      const provider = new GrantProvider(this.client, as, '', pending.client, pending.discovery);
      provider.verifier = pending.codeVerifier;
      const { client, discovery, resource, scope } = pending;
      const granted = await fetchToken(provider, discovery.authorizationServerUrl, {
        ...(metadata && { metadata }),
        ...(resource !== undefined && { resource }),
        ...(iss !== undefined && { iss }),
        authorizationCode: code,
        fetchFn: this.fetchFn,
      });
      const now = Date.now();
      return { client, discovery, resource, grantedAt: now, ...tokensOf(granted, { scope }, now) };
    });
  }

  /** The same grant with new tokens. */
  refresh(record: GrantRecord): Promise<GrantRecord> {
    return this.told(async () => {
      const { resource } = record;
      const { authorizationServerUrl, authorizationServerMetadata: metadata } = record.discovery;
      const tokens = await refreshAuthorization(authorizationServerUrl, {
        ...(metadata && { metadata }),
        clientInformation: record.client,
        addClientAuthentication: clientAuthentication(record.client),
        refreshToken: record.refreshToken as string,
        ...(resource !== undefined && { resource }),
        fetchFn: this.fetchFn,
      });
      return { ...record, ...tokensOf(tokens, record, Date.now()) };
    });
  }

  /** Whether the MCP server still names the authorization server that this was granted at. */
  isStillAt(record: GrantRecord, { resourceMetadataUrl }: Challenge): Promise<boolean> {
    return this.told(async () => {
      const found = await discoverOAuthServerInfo(this.settings.url, {
        fetchFn: this.fetchFn,
        ...(resourceMetadataUrl !== undefined && { resourceMetadataUrl: new URL(resourceMetadataUrl) }),
      });
      const { resourceMetadata, authorizationServerUrl, authorizationServerMetadata } = found;
      if (
        resourceMetadata &&
        this.client.resource === undefined &&
        !checkResourceAllowed({ requestedResource: this.settings.url, configuredResource: resourceMetadata.resource })
      )
        throw new TokenError('the resource metadata of the MCP server is that of another one.');
      return (authorizationServerMetadata?.issuer ?? authorizationServerUrl) === record.client.issuer;
    });
  }

  /** Takes back what was granted (RFC 7009); false where the authorization server has no way for it, or does not. */
  async revoke({ client, discovery, refreshToken, accessToken }: GrantRecord): Promise<boolean> {
    const { revocation_endpoint: endpoint } = (discovery.authorizationServerMetadata ?? {}) as { revocation_endpoint?: unknown };
    if (typeof endpoint !== 'string') return false;
    const body = new URLSearchParams({
      token: refreshToken ?? accessToken,
      token_type_hint: refreshToken ? 'refresh_token' : 'access_token',
    });
    const headers = new Headers({ 'content-type': FORM });
    authenticate(client, methodsOf(discovery), headers, body);
    try {
      return (await this.metadata.fetch(endpoint, { method: 'POST', body, headers })).ok;
    } catch {
      return false;
    }
  }

  close(): Promise<void> {
    return this.metadata.close();
  }

  private async told<T>(work: () => Promise<T>): Promise<T> {
    this.refused = undefined;
    try {
      return await work();
    } catch (error) {
      throw this.refused ?? toTokenError(error);
    }
  }
}

const FORM = 'application/x-www-form-urlencoded';

/** How clients say who they are where tokens are taken back (RFC 8414 2). */
function methodsOf({ authorizationServerMetadata: metadata }: GrantRecord['discovery']): readonly string[] {
  const said = (metadata as { revocation_endpoint_auth_methods_supported?: unknown } | undefined)
    ?.revocation_endpoint_auth_methods_supported;
  return Array.isArray(said) ? (said as string[]) : (metadata?.token_endpoint_auth_methods_supported ?? []);
}

/** A registration is for the address and the scopes that it was made with. */
function usable(
  registration: ClientRegistration | undefined,
  { redirectUrl }: GrantClient,
  scope: string | undefined,
): ClientRegistration | undefined {
  if (!registration) return undefined;
  const { redirect_uris: uris, scope: scopes, client_secret_expires_at: endsAt } = registration as Partial<OAuthClientInformationFull>;
  const isOver = endsAt !== undefined && endsAt > 0 && endsAt * 1000 < Date.now();
  const isElsewhere = uris !== undefined && !uris.includes(redirectUrl);
  return isOver || isElsewhere || (scopes !== undefined && isStrictScopeSuperset(scope, scopes)) ? undefined : registration;
}

/** A browser is sent there. */
function isForBrowsers({ protocol, hostname }: URL): boolean {
  if (protocol === 'https:') return true;
  return (
    protocol === 'http:' &&
    (hostname === 'localhost' || hostname.endsWith('.localhost') || hostname === '127.0.0.1' || hostname === '[::1]')
  );
}

/** Of the grant before what an answer leaves out holds on (RFC 6749 5.1, 6). */
function tokensOf(tokens: OAuthTokens, before: Partial<Pick<GrantRecord, 'refreshToken' | 'scope'>>, now: number) {
  if (tokens.token_type.toLowerCase() !== 'bearer') throw new TokenError('the authorization server gives no bearer tokens.', true);
  if (!isToken(tokens.access_token)) throw new TokenError('the authorization server answered with what is no token.');
  return {
    accessToken: tokens.access_token,
    refreshToken: tokens.refresh_token ?? before.refreshToken,
    scope: tokens.scope ?? before.scope,
    obtainedAt: now,
    expiresAt: tokens.expires_in === undefined ? undefined : now + tokens.expires_in * 1000,
  };
}
