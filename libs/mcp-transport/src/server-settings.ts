import type { ProxySettings } from './proxy/proxies.js';

/** How the client of a server introduces itself to it. */
export interface ClientInfo {
  readonly name: string;
  readonly version: string;
}

/** What holds for a connection to a server however it is reached. */
export interface ConnectionSettings {
  /** Which generation of MCP to speak; `auto` asks the server. */
  readonly protocol: 'auto' | 'legacy' | 'modern';
  /** Longest silence during one call. */
  readonly requestTimeoutMs: number;
  /** Longest duration of one call in all. */
  readonly maxCallDurationMs: number;
  /** Largest answer to one call, decoded. */
  readonly maxResponseBytes: number;
  /** Largest list of tools, all its pages together. */
  readonly maxListBytes: number;
}

/** A server that runs as our child. */
export interface StdioServerSettings extends ConnectionSettings {
  readonly command: string;
  readonly args: readonly string[];
  /** The child's whole environment. */
  readonly env: Readonly<Record<string, string>>;
  readonly cwd: string | undefined;
  /** Longest that a process may take until its handshake is done; */
  readonly startTimeoutMs: number;
  /** the same until one has served, where that is longer: the server may have to be downloaded. */
  readonly firstStartTimeoutMs?: number;
}

/** A server reached over HTTP. */
export interface HttpServerSettings extends ConnectionSettings {
  /** `auto` tries streamable HTTP, then SSE (MCP basic/transports "Backwards Compatibility"). */
  readonly transport: 'auto' | 'streamable-http' | 'sse';
  /** Without userinfo: credentials of the URL are in `headers`. */
  readonly url: URL;
  /** Sent with every request, names in lower case. May hold secrets: never logged. */
  readonly headers: Readonly<Record<string, string>>;
  readonly tls: ServerTls;
  /** Forward proxies on the way to it, and to its authorization server. */
  readonly proxies?: ProxySettings | undefined;
  /** Gets access tokens for it; undefined where it needs none. */
  readonly oauth?: OAuthClientSettings | undefined;
}

/** How access tokens for a server are had. */
export type OAuthClientSettings = ClientCredentialsSettings | PersonGrantSettings;

/** What holds however they are. */
interface AnyGrantSettings {
  /** The only authorization server that gets the secret; undefined takes the one that the MCP server names. */
  readonly issuer: string | undefined;
  readonly scope: string | undefined;
  /** For what the token is (RFC 8707); undefined says the server's URL, `false` nothing. */
  readonly resource: string | false | undefined;
  /** Where the secret stands in a request; undefined takes what the authorization server offers. */
  readonly authentication: 'basic' | 'post' | undefined;
  /** Whether URLs that the MCP server or its authorization server names may be at private addresses. */
  readonly allowPrivateAddresses: boolean;
}

/** With which a client signs what proves who it is (RFC 7523). */
export interface SigningKey {
  /** Secret: never logged. */
  readonly pkcs8: string;
  /** As JSON Web Signatures call it. */
  readonly algorithm: string;
}

/** A client that is known to an authorization server by credentials of its own (OAuth 2.1 4.2). */
export interface ClientCredentialsSettings extends AnyGrantSettings {
  readonly kind: 'client_credentials';
  readonly clientId: string;
  /** Secret: never logged. Undefined where there is a key. */
  readonly clientSecret: string | undefined;
  readonly privateKey?: SigningKey | undefined;
  /** Where tokens are had; undefined asks the MCP server. */
  readonly tokenUrl: string | undefined;
}

/** Tokens that a person grants in a browser (OAuth 2.1 4.1). */
export interface PersonGrantSettings extends AnyGrantSettings {
  readonly kind: 'person';
  /** Who grants: whoever runs the gateway, for all callers, or each user for themselves. */
  readonly per: 'operator' | 'user';
  /** A client that was registered beforehand; undefined: by its metadata document, or registered by the gateway. */
  readonly clientId: string | undefined;
  /** Secret: never logged. */
  readonly clientSecret: string | undefined;
  /** In place of the gateway's own metadata document. */
  readonly clientMetadataUrl: string | undefined;
  /** Said of the gateway where it is registered, beside what has to be. */
  readonly clientMetadata: Readonly<Record<string, unknown>>;
  /** Where browsers are sent back to, in place of the gateway's own URL. */
  readonly redirectUrl: string | undefined;
  /** Whether somebody listens there, where it is of this machine; else the address that a browser ends on is pasted. */
  readonly usesLoopback: boolean;
  /** An authorization server that is asked wherever it is, since whoever wrote the settings named it. */
  readonly serverUrl: string | undefined;
  /** Whether what is granted may outlive the process. */
  readonly isKept: boolean;
}

/** How the server's certificate is judged. */
export interface ServerTls {
  /** PEM certificates that are trusted in place of the system's. */
  readonly ca: string | undefined;
  /** Takes any certificate. */
  readonly insecure: boolean;
}
