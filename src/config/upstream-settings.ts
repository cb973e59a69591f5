/** An MCP server as the gateway is told of it. */
export type UpstreamSettings = StdioUpstreamSettings | HttpUpstreamSettings;

interface CommonUpstreamSettings {
  /** How the gateway calls it: in logs, metrics, and in published names where there are several. */
  readonly name: string;
  /** Which generation of MCP to speak; `auto` asks the server. */
  readonly protocol: 'auto' | 'legacy' | 'modern';
  /** Longest silence during one call. */
  readonly requestTimeoutMs: number;
  /** Longest duration of one call in all. */
  readonly maxCallDurationMs: number;
  /** Largest answer to one call, decoded. */
  readonly maxResponseBytes: number;
}

/** A server that the gateway runs itself, as its child. */
export interface StdioUpstreamSettings extends CommonUpstreamSettings {
  readonly kind: 'stdio';
  readonly command: string;
  readonly args: readonly string[];
  /** The child's whole environment. */
  readonly env: Readonly<Record<string, string>>;
  readonly cwd: string | undefined;
}

/** A server reached over streamable HTTP. */
export interface HttpUpstreamSettings extends CommonUpstreamSettings {
  readonly kind: 'http';
  /** Without userinfo: credentials of the URL are in `headers`. */
  readonly url: URL;
  /** Sent with every request, names in lower case. May hold secrets: never logged. */
  readonly headers: Readonly<Record<string, string>>;
}

/** 10 MiB. */
export const DEFAULT_MAX_RESPONSE_BYTES = 10 * 1024 * 1024;
