import type { OAuthDiscoveryState, StoredOAuthClientInformation } from '@modelcontextprotocol/client';

/** What is kept of a client's registration at the authorization server of one MCP server. Holds secrets. */
export type ClientRegistration = StoredOAuthClientInformation;

/** What a person granted at an authorization server, as it is kept. Holds secrets. Times are milliseconds since 1970. */
export interface GrantRecord {
  /** The client that it was granted to; tokens are refreshed by it alone. */
  readonly client: ClientRegistration;
  /** The authorization server, and for what the tokens are. */
  readonly discovery: OAuthDiscoveryState;
  /** For what tokens are asked for (RFC 8707). */
  readonly resource: string | undefined;
  readonly accessToken: string;
  readonly refreshToken: string | undefined;
  readonly scope: string | undefined;
  readonly grantedAt: number;
  /** When these tokens were had. */
  readonly obtainedAt: number;
  /** Undefined for one that ends when it is refused. */
  readonly expiresAt: number | undefined;
}

/** An authorization that was begun, until the person's browser comes back. Holds secrets. */
export interface PendingAuthorization {
  readonly client: ClientRegistration;
  readonly discovery: OAuthDiscoveryState;
  readonly codeVerifier: string;
  readonly redirectUrl: string;
  readonly scope: string | undefined;
  readonly resource: string | undefined;
}

/** What an MCP server said when it refused a request. */
export interface Challenge {
  readonly resourceMetadataUrl: string | undefined;
  readonly scope: string | undefined;
  /** Whether a token was good, but not for this (403 insufficient_scope). */
  readonly wantsMore: boolean;
}

/** What a grant's tokens are kept in, and who is asked where there are none. */
export interface GrantKeeper {
  /** Whether others of other machines keep it, too, whom nothing may hold back while what is between them is away. */
  readonly isShared: boolean;
  load(): Promise<GrantRecord | undefined>;
  save(record: GrantRecord): Promise<void>;
  /** The grant is of no use any more. */
  forget(): Promise<void>;
  /** Work on it, by one at a time, of all who share what is kept. */
  exclusively<T>(work: () => Promise<T>): Promise<T>;
  /** The server wants a person to authorize; says what that person has to do. Rejects with a TokenError where that cannot be begun. */
  ask(challenge: Challenge, known: GrantRecord | undefined): Promise<string>;
}
