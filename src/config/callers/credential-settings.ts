import type { ProxySettings } from '@app/mcp-transport';
import type { NamePatterns } from '../name-patterns.js';

/** Which tools somebody may see and call. */
export interface ToolRights {
  readonly servers: NamePatterns;
  /** Allowed by the names that are published where all servers are merged; denied by those that tools have at their servers, too. */
  readonly tools: NamePatterns;
}

/** What the holder of a key may do. */
export interface KeyRights extends ToolRights {
  readonly name: string;
  /** Calls a minute; undefined: as everybody. */
  readonly rateLimit: number | undefined;
  /** Whether its word is taken for who the user is, in Open WebUI's plain user headers. */
  readonly trustUserHeaders: boolean;
}

/** A caller that is known by a key. */
export interface ApiKey extends KeyRights {
  /** The key's SHA-256 in lower-case hexadecimal digits; the key itself is not kept. */
  readonly sha256: string;
  readonly role: string;
  /** Of its holder, while no user is named. */
  readonly groups: readonly string[];
}

/** An issuer of tokens (JWT, RFC 7519), whose keys anybody can read. */
export interface IssuerSettings {
  /** The claim `iss`, to the letter. */
  readonly name: string;
  /** Where its keys are; undefined: where its discovery document says (OpenID Connect Discovery 1.0). */
  readonly jwksUrl: URL | undefined;
  /** One of them must be in the claim `aud`. */
  readonly audiences: readonly string[];
  /** The claim that holds the role. */
  readonly roleClaim: string;
  /** The claim that holds the groups. */
  readonly groupsClaim: string;
  /** On the way to its keys. */
  readonly proxies?: ProxySettings | undefined;
}

/** Names of the headers in which Open WebUI says who its users are, in lower case. */
export interface UserHeaderNames {
  readonly signed: string;
  readonly id: string;
  readonly name: string;
  readonly email: string;
  readonly role: string;
  readonly groups: string;
}

/** Whose tokens are taken beside keys. The secrets are never logged. */
export interface TokenSettings {
  readonly issuer: IssuerSettings | undefined;
  /** With it Open WebUI signs the sessions of its users. */
  readonly sessionSecret: string | undefined;
  /** With it Open WebUI signs its user header. */
  readonly userSecret: string | undefined;
}
