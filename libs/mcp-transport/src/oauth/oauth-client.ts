import type { Dispatcher } from 'undici';
import type { HttpServerSettings, OAuthClientSettings } from '../server-settings.js';
import { AccessTokens } from './access-tokens.js';
import { ClientCredentials } from './client-credentials.js';
import { MetadataFetch } from './metadata-fetch.js';
import { withBearer } from './with-bearer.js';

/** Authorizes the requests to one MCP server with access tokens of its own. */
export class OAuthClient {
  readonly interceptor: Dispatcher.DispatcherComposeInterceptor;
  private readonly metadata: MetadataFetch;
  private readonly tokens: AccessTokens;

  constructor(settings: HttpServerSettings, client: OAuthClientSettings) {
    this.metadata = new MetadataFetch(settings, client);
    const credentials = new ClientCredentials(settings.url, client, this.metadata.fetch);
    this.tokens = new AccessTokens(() => credentials.request());
    this.interceptor = withBearer(this.tokens);
  }

  /** Gets a token, if there is none that is good. Rejects with a TokenError. */
  async authorize(): Promise<void> {
    await this.tokens.get();
  }

  /** What must not be shown. */
  secrets(): string[] {
    return this.tokens.secrets();
  }

  close(): Promise<void> {
    return this.metadata.close();
  }
}
