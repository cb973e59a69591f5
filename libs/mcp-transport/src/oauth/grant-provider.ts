import type {
  AddClientAuthentication,
  OAuthClientMetadata,
  OAuthClientProvider,
  OAuthDiscoveryState,
  StoredOAuthClientInformation,
} from '@modelcontextprotocol/client';
import type { PersonGrantSettings } from '../server-settings.js';
import { clientAuthentication } from './client-authentication.js';
import type { ClientRegistration } from './grant-record.js';
import { TokenError } from './token-error.js';

/** How the gateway is known to authorization servers, and where they send people back to. */
export interface GrantClient {
  readonly redirectUrl: string;
  /** Where its metadata document is (draft-ietf-oauth-client-id-metadata-document); undefined where it can have none. */
  readonly metadataUrl: string | undefined;
}

/** What the SDK's `auth` asks and says during one authorization, which it takes part by part. */
export class GrantProvider implements OAuthClientProvider {
  readonly redirectUrl: string;
  readonly clientMetadataUrl?: string;
  readonly clientMetadata: OAuthClientMetadata;
  /** Missing where the client was registered beforehand: the SDK then registers none. */
  readonly saveClientInformation?: (client: StoredOAuthClientInformation) => void;
  /** Missing where the SDK's own rule holds (RFC 8707 by the resource's metadata). */
  readonly validateResourceURL?: () => Promise<URL | undefined>;
  authorizationUrl: URL | undefined;
  verifier = '';

  constructor(
    private readonly settings: PersonGrantSettings,
    client: GrantClient,
    private readonly stateValue: string,
    public registration: ClientRegistration | undefined,
    public discovered?: OAuthDiscoveryState,
  ) {
    this.redirectUrl = client.redirectUrl;
    const metadataUrl = settings.clientMetadataUrl ?? client.metadataUrl;
    if (metadataUrl !== undefined) this.clientMetadataUrl = metadataUrl;
    this.clientMetadata = {
      client_name: 'mcpo-proxy',
      token_endpoint_auth_method: 'client_secret_basic',
      ...settings.clientMetadata,
      ...(settings.scope !== undefined && { scope: settings.scope }),
      redirect_uris: [client.redirectUrl],
      grant_types: ['authorization_code', 'refresh_token'],
      response_types: ['code'],
      ...(settings.authentication !== undefined && { token_endpoint_auth_method: `client_secret_${settings.authentication}` }),
    };
    if (settings.clientId === undefined) this.saveClientInformation = (registered) => void (this.registration = registered);
    const { resource } = settings;
    if (resource !== undefined) this.validateResourceURL = async () => (resource === false ? undefined : new URL(resource));
  }

  state(): string {
    return this.stateValue;
  }

  /** One that was registered beforehand belongs to the first authorization server that took it, or to the one that the settings name. */
  clientInformation({ issuer }: { issuer: string } = { issuer: '' }): StoredOAuthClientInformation | undefined {
    const { clientId, clientSecret } = this.settings;
    if (clientId === undefined) return this.registration;
    const method = authenticationOf(this.settings);
    this.registration = {
      client_id: clientId,
      ...(clientSecret !== undefined && { client_secret: clientSecret }),
      ...(method !== undefined && { token_endpoint_auth_method: method }),
      issuer: this.registration?.client_id === clientId ? (this.registration.issuer ?? issuer) : issuer,
    };
    return this.registration;
  }

  /** The settings' issuer is the only one that is asked for anything. */
  saveAuthorizationServerUrl(issuer: string): void {
    const { issuer: expected } = this.settings;
    const bare = (url: string) => url.replace(/\/$/, '');
    if (expected !== undefined && bare(issuer) !== bare(expected))
      throw new TokenError('the MCP server names another authorization server than "issuer" in oauth.', true);
  }

  readonly addClientAuthentication: AddClientAuthentication = (...request) =>
    this.registration && clientAuthentication(this.registration)(...request);

  /** Each authorization is a new one. */
  tokens(): undefined {
    return undefined;
  }

  /** Nor are its tokens the SDK's to keep. */
  saveTokens(): void {}

  redirectToAuthorization(url: URL): void {
    this.authorizationUrl = url;
  }

  saveCodeVerifier(verifier: string): void {
    this.verifier = verifier;
  }

  codeVerifier(): string {
    return this.verifier;
  }

  saveDiscoveryState(state: OAuthDiscoveryState): void {
    this.discovered = state;
  }

  discoveryState(): OAuthDiscoveryState | undefined {
    return this.discovered;
  }
}

function authenticationOf({ authentication }: PersonGrantSettings): string | undefined {
  return authentication && `client_secret_${authentication}`;
}
