import {
  type AuthorizationServerMetadata,
  checkResourceAllowed,
  ClientCredentialsProvider,
  discoverAuthorizationServerMetadata,
  discoverOAuthProtectedResourceMetadata,
  extractWWWAuthenticateParams,
  type FetchLike,
  fetchToken,
  type OAuthClientProvider,
  type OAuthProtectedResourceMetadata,
  PrivateKeyJwtProvider,
} from '@modelcontextprotocol/client';
import type { ClientCredentialsSettings } from '../server-settings.js';
import { isNetworkError } from '../network-error.js';
import { clientAuthentication } from './client-authentication.js';
import { isToken } from './is-token.js';
import { withReadableLifetime } from './readable-lifetime.js';
import { toTokenError } from './to-token-error.js';
import { TokenError } from './token-error.js';
import type { GrantedToken, TokenSource } from './token-source.js';

/** Where tokens are had, and for what. */
interface Grantor {
  readonly metadata: AuthorizationServerMetadata;
  readonly scope: string | undefined;
  readonly resource: string | undefined;
}

/** Asks for access tokens by the client's own credentials (OAuth 2.1 4.2), where the settings or the MCP server say. */
export class ClientCredentials implements TokenSource {
  readonly stepsUp = false;
  /** Kept for as long as it gives tokens. */
  private grantor: Grantor | undefined;

  constructor(
    private readonly url: URL,
    private readonly client: ClientCredentialsSettings,
    private readonly fetchFn: FetchLike,
  ) {}

  /** Throws {@link TokenError}. */
  async request(): Promise<GrantedToken> {
    try {
      this.grantor ??= this.client.tokenUrl === undefined ? await this.discover() : this.written(this.client.tokenUrl);
      return await this.ask(this.grantor);
    } catch (error) {
      this.grantor = undefined;
      throw toTokenError(error);
    }
  }

  private async ask({ metadata, scope, resource }: Grantor): Promise<GrantedToken> {
    const granted = await fetchToken(this.provider(metadata.issuer, scope), metadata.issuer, {
      metadata,
      resource,
      scope,
      fetchFn: withReadableLifetime(this.fetchFn),
    });
    if (granted.token_type.toLowerCase() !== 'bearer') throw new TokenError(`${hostOf(metadata)} gives no bearer tokens.`, true);
    if (!isToken(granted.access_token)) throw new TokenError(`${hostOf(metadata)} answered with what is no token.`);
    const { expires_in: seconds } = granted;
    return { value: granted.access_token, lifetimeMs: seconds === undefined ? undefined : seconds * 1000 };
  }

  private provider(expectedIssuer: string, scope: string | undefined): OAuthClientProvider {
    const { clientId, clientSecret = '', privateKey } = this.client;
    if (!privateKey) {
      const addClientAuthentication = clientAuthentication({ client_id: clientId, client_secret: clientSecret });
      return Object.assign(new ClientCredentialsProvider({ clientId, clientSecret, expectedIssuer, scope }), { addClientAuthentication });
    }
    const { pkcs8, algorithm } = privateKey;
    return new PrivateKeyJwtProvider({ clientId, privateKey: pkcs8, algorithm, expectedIssuer, scope });
  }

  private written(tokenUrl: string): Grantor {
    const metadata = { issuer: tokenUrl, authorization_endpoint: tokenUrl, token_endpoint: tokenUrl, response_types_supported: [] };
    const { scope, resource } = this.client;
    return {
      metadata: this.withAuthentication(metadata, 'basic'),
      scope,
      resource: resource === false ? undefined : (resource ?? this.url.href),
    };
  }

  /** MCP 2026-07-28 basic/authorization "Authorization Server Location"; the settings' issuer is the only one that gets the secret. */
  private async discover(): Promise<Grantor> {
    const { fetchFn, url, client } = this;
    const challenge = extractWWWAuthenticateParams(await fetchFn(url, { headers: { accept: 'text/event-stream' } }));
    const { resourceMetadataUrl } = challenge;
    const protectedResource = await discoverOAuthProtectedResourceMetadata(url, { resourceMetadataUrl }, fetchFn).catch(unlessRefused);
    if (protectedResource && !checkResourceAllowed({ requestedResource: url, configuredResource: protectedResource.resource }))
      throw new TokenError('the resource metadata of the MCP server is that of another one.');
    const issuer = issuerOf(protectedResource, client.issuer) ?? new URL('/', url).href;
    const metadata = await discoverAuthorizationServerMetadata(issuer, { fetchFn });
    if (!metadata)
      throw new TokenError(`${new URL(issuer).origin} has no metadata of an authorization server; say its "tokenUrl" in oauth.`);
    const resource = client.resource === false ? undefined : (client.resource ?? protectedResource?.resource ?? url.href);
    const scope = client.scope ?? challenge.scope ?? protectedResource?.scopes_supported?.join(' ');
    return { metadata: this.withAuthentication(metadata), scope, resource };
  }

  private withAuthentication(metadata: AuthorizationServerMetadata, otherwise?: 'basic'): AuthorizationServerMetadata {
    const method = this.client.authentication ?? otherwise;
    return method ? { ...metadata, token_endpoint_auth_methods_supported: [`client_secret_${method}`] } : metadata;
  }
}

function issuerOf(protectedResource: OAuthProtectedResourceMetadata | undefined, expected: string | undefined): string | undefined {
  const named = protectedResource?.authorization_servers ?? [];
  if (expected === undefined || named.length === 0) return expected ?? named[0];
  const bare = (issuer: string) => issuer.replace(/\/$/, '');
  const same = named.find((issuer) => bare(issuer) === bare(expected));
  if (same === undefined) throw new TokenError('the MCP server names another authorization server than "issuer" in oauth.', true);
  return same;
}

/** A server without such metadata may be its own authorization server. */
function unlessRefused(error: unknown): undefined {
  if (error instanceof TokenError || isNetworkError(error)) throw error;
  return undefined;
}

function hostOf({ token_endpoint: endpoint }: AuthorizationServerMetadata): string {
  return new URL(endpoint).origin;
}
