import type { OperationIds } from '@app/mcp-openapi';
import type { ConnectionSettings, HttpServerSettings, ServerTls, StdioServerSettings } from '@app/mcp-transport';

/** An MCP server as the gateway is told of it. */
export type UpstreamSettings = StdioUpstreamSettings | HttpUpstreamSettings;

/** What holds for a server however it is reached. */
export interface UpstreamPolicy extends ConnectionSettings, TranslationSettings, ToolSettings, CallerSettings {}

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
  /** Tools whose results are kept, and how long. */
  readonly cachedTools: readonly CachedTools[];
}

/** Tools whose name the pattern fits, and for how many milliseconds a result of theirs stands for another. */
export interface CachedTools {
  readonly pattern: string;
  readonly ttlMs: number;
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
  /** Whether `format` is an annotation, as 2020-12 has it, or judged with the rest of the schema. */
  readonly formats: 'off' | 'on';
  /** Whether null in place of an optional value goes to the server, or is dropped where its schema has no null. */
  readonly nulls: 'keep' | 'drop-optional';
  /** Whether an embedded HTML resource is answered as a page, which Open WebUI shows in the chat. */
  readonly inlineHtml: boolean;
  /** What becomes of audio and other binary data, which models read as text: a description of it, or the item as the server wrote it. */
  readonly binary: 'describe' | 'keep';
  /** How operations are called in documents. */
  readonly operationIds: OperationIds;
}

/** As a server is treated that says nothing else. */
export const DEFAULT_TRANSLATION: TranslationSettings = {
  validation: 'full',
  formats: 'off',
  nulls: 'keep',
  inlineHtml: false,
  binary: 'describe',
  operationIds: 'tool',
};

/** All tools are served, none is known to be harmless. */
export const DEFAULT_TOOLS: ToolSettings = {
  allowedTools: undefined,
  deniedTools: [],
  idempotentTools: [],
  trustAnnotations: false,
  toolLimits: [],
  cachedTools: [],
};

/** A server that the gateway runs itself, as its child. */
export interface StdioUpstreamSettings extends UpstreamPolicy, StdioServerSettings {
  readonly kind: 'stdio';
  /** How the gateway calls it: in logs, metrics, and in published names where there are several. */
  readonly name: string;
}

/** A server reached over HTTP. */
export interface HttpUpstreamSettings extends UpstreamPolicy, HttpServerSettings {
  readonly kind: 'http';
  /** As of {@link StdioUpstreamSettings}. */
  readonly name: string;
}

/** The authorities that Node knows. */
export const DEFAULT_TLS: ServerTls = { ca: undefined, insecure: false };

/** 10 MiB. */
export const DEFAULT_MAX_RESPONSE_BYTES = 10 * 1024 * 1024;
