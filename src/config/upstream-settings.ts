/** An MCP server as the gateway is told of it. */
export type UpstreamSettings = StdioUpstreamSettings | HttpUpstreamSettings;

/** What holds for a server however it is reached. */
export interface UpstreamPolicy extends TranslationSettings, ToolSettings, CallerSettings {
  /** Which generation of MCP to speak; `auto` asks the server. */
  readonly protocol: 'auto' | 'legacy' | 'modern';
  /** Longest silence during one call. */
  readonly requestTimeoutMs: number;
  /** Longest duration of one call in all. */
  readonly maxCallDurationMs: number;
  /** Largest answer to one call, decoded. */
  readonly maxResponseBytes: number;
}

/** Which tools of a server are served, and what is known of them. Names are the server's own. */
export interface ToolSettings {
  /** Names, or patterns with `*`, of the tools that are served; undefined serves all. */
  readonly allowedTools: readonly string[] | undefined;
  /** Names, or patterns with `*`, of the tools that are not; they win. */
  readonly deniedTools: readonly string[];
  /** Tools that may be called again when nobody knows whether they ran. */
  readonly idempotentTools: readonly string[];
  /** Whether readOnlyHint and idempotentHint of the server are believed for that. */
  readonly trustAnnotations: boolean;
  /** How often one client may call some of them. */
  readonly toolLimits: readonly ToolLimit[];
}

/** Calls a minute of one client to each tool whose name the pattern fits. */
export interface ToolLimit {
  readonly pattern: string;
  readonly limit: number;
}

/** What a server gets of its callers, and what they share. */
export interface CallerSettings {
  /** Names in lower case, or patterns with `*`, of the caller's headers that are passed on. */
  readonly forwardHeaders: readonly string[];
  /** Those that are not passed on; they win. */
  readonly withheldHeaders: readonly string[];
  /** Whether a tool list that was learnt with one caller's credentials is shown to every caller. */
  readonly shareCatalog: boolean;
}

/** Nothing of the caller is passed on. */
export const DEFAULT_CALLERS: CallerSettings = { forwardHeaders: [], withheldHeaders: [], shareCatalog: false };

/** How a server's tools are translated. */
export interface TranslationSettings {
  /** How strictly arguments are judged before they are sent: by the whole inputSchema, by its types only, or not at all. */
  readonly validation: 'full' | 'types' | 'off';
  /** Whether null in place of an optional value goes to the server, or is dropped where its schema has no null. */
  readonly nulls: 'keep' | 'drop-optional';
  /** Whether an embedded HTML resource is answered as a page, which Open WebUI shows in the chat. */
  readonly inlineHtml: boolean;
}

/** As a server is treated that says nothing else. */
export const DEFAULT_TRANSLATION: TranslationSettings = { validation: 'full', nulls: 'keep', inlineHtml: false };

/** All tools are served, none is known to be harmless. */
export const DEFAULT_TOOLS: ToolSettings = {
  allowedTools: undefined,
  deniedTools: [],
  idempotentTools: [],
  trustAnnotations: false,
  toolLimits: [],
};

/** A server that the gateway runs itself, as its child. */
export interface StdioUpstreamSettings extends UpstreamPolicy {
  readonly kind: 'stdio';
  /** How the gateway calls it: in logs, metrics, and in published names where there are several. */
  readonly name: string;
  readonly command: string;
  readonly args: readonly string[];
  /** The child's whole environment. */
  readonly env: Readonly<Record<string, string>>;
  readonly cwd: string | undefined;
}

/** A server reached over HTTP. */
export interface HttpUpstreamSettings extends UpstreamPolicy {
  readonly kind: 'http';
  /** `auto` tries streamable HTTP, then SSE (MCP basic/transports "Backwards Compatibility"). */
  readonly transport: 'auto' | 'streamable-http' | 'sse';
  /** As of {@link StdioUpstreamSettings}. */
  readonly name: string;
  /** Without userinfo: credentials of the URL are in `headers`. */
  readonly url: URL;
  /** Sent with every request, names in lower case. May hold secrets: never logged. */
  readonly headers: Readonly<Record<string, string>>;
  readonly tls: UpstreamTls;
  /** Gets access tokens for it; undefined where it needs none. */
  readonly oauth?: OAuthClientSettings | undefined;
}

/** A client that is known to an authorization server by credentials of its own (OAuth 2.1 4.2). */
export interface OAuthClientSettings {
  readonly clientId: string;
  /** Secret: never logged. */
  readonly clientSecret: string;
  /** Where tokens are had; undefined asks the MCP server. */
  readonly tokenUrl: string | undefined;
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

/** How the server's certificate is judged. */
export interface UpstreamTls {
  /** PEM certificates that are trusted in place of the system's. */
  readonly ca: string | undefined;
  /** Takes any certificate. */
  readonly insecure: boolean;
}

export const DEFAULT_TLS: UpstreamTls = { ca: undefined, insecure: false };

/** 10 MiB. */
export const DEFAULT_MAX_RESPONSE_BYTES = 10 * 1024 * 1024;
