import type { Dispatcher } from 'undici';
import type { HttpServerSettings, OAuthClientSettings } from '../server-settings.js';
import { AccessTokens } from './access-tokens.js';
import { Authorization } from './authorization.js';
import { ClientCredentials } from './client-credentials.js';
import type { GrantKeeper } from './grant-record.js';
import { MetadataFetch } from './metadata-fetch.js';
import { PersonGrant } from './person-grant.js';
import type { TokenError } from './token-error.js';
import type { TokenSource } from './token-source.js';
import { withBearer } from './with-bearer.js';

/** Authorizes the requests to one MCP server with access tokens of its own. */
export class OAuthClient {
  readonly interceptor: Dispatcher.DispatcherComposeInterceptor;
  private readonly source: TokenSource & { readonly problem?: TokenError | undefined };
  private readonly tokens: AccessTokens;
  private readonly end: () => Promise<void>;

  /** `keeper`: of what a person grants. */
  constructor(settings: HttpServerSettings, client: OAuthClientSettings, keeper: GrantKeeper | undefined) {
    if (client.kind === 'person') {
      if (!keeper) throw new Error('A grant of a person needs to be kept.');
      const authorization = new Authorization(settings, client);
      this.end = () => authorization.close();
      this.source = new PersonGrant(authorization, keeper);
    } else {
      const metadata = new MetadataFetch(settings, client);
      this.end = () => metadata.close();
      this.source = new ClientCredentials(settings.url, client, metadata.fetch);
    }
    this.tokens = new AccessTokens(this.source);
    this.interceptor = withBearer(this.tokens);
  }

  /** Gets a token, if there is none that is good. Rejects with a TokenError. */
  async authorize(): Promise<void> {
    await this.tokens.get();
  }

  /** Why a person's grant is missing, or cannot be used. */
  get problem(): TokenError | undefined {
    return this.source.problem;
  }

  /** Something was granted, or taken back. */
  grantChanged(): void {
    this.tokens.forget();
  }

  /** What must not be shown. */
  secrets(): readonly string[] {
    return this.tokens.secrets();
  }

  close(): Promise<void> {
    return this.end();
  }
}
