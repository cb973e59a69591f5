import type { ToolRights, ApiKey, UserHeaderNames, TokenSettings } from './callers/credential-settings.js';
import type { ProxySettings } from '@app/mcp-transport';
import type { LevelWithSilent } from 'pino';

import type { UpstreamSettings } from './upstream-settings.js';

export type { ApiKey, IssuerSettings, KeyRights, TokenSettings, ToolRights, UserHeaderNames } from './callers/credential-settings.js';

/** How much of a call's arguments and result the log shows: nothing, keys and types, or values with secrets blotted out. */
export type LogPayloads = 'off' | 'shape' | 'redacted';

/** How the progress of calls gets into Open WebUI's chats. */
export interface ChatStatusSettings {
  /** Without a slash at the end. */
  readonly url: string;
  /** Of an admin: never logged. */
  readonly apiKey: string;
  /** Names of the headers that say which chat and which answer a call is made for, in lower case. */
  readonly headers: { readonly chatId: string; readonly messageId: string };
  readonly proxies?: ProxySettings | undefined;
}

/** A server that its configuration keeps from being started. */
export interface InactiveServer {
  readonly name: string;
  readonly state: 'disabled';
  readonly reason: string;
}

/** The servers of one source: those to start, and those that are kept from it. */
export interface ServerList {
  readonly upstreams: readonly UpstreamSettings[];
  readonly inactiveServers: readonly InactiveServer[];
}

/** Where the servers were taken from; the sources below it were ignored. */
export type ServerSource = 'command line' | 'config file' | 'MCP_SERVER_URL' | 'embedded planner';

/** PEM texts for serving HTTPS. */
export interface ServerTls {
  readonly cert: string;
  readonly key: string;
}

/** Calls a minute. */
interface RateLimits {
  readonly client: number;
  /** Those of a role, in place of `client`. */
  readonly roles: ReadonlyMap<string, number>;
  /** All clients together. */
  readonly system: number;
}

/** An OpenAI-compatible server whose models are offered. */
export interface ModelProviderSettings {
  /** Paths like `/chat/completions` follow it; it ends in no slash. */
  readonly url: string;
  /** Never logged; undefined for one that asks for none. */
  readonly key: string | undefined;
  readonly proxies: ProxySettings | undefined;
}

/** What the chat may do and take (docs/chat.md). */
export interface ChatSettings {
  readonly providers: readonly ModelProviderSettings[];
  /** Completions in flight. */
  readonly maxChats: number;
  readonly maxBodyBytes: number;
  /** Longest that a completion may take, with all its calls. */
  readonly timeoutMs: number;
  /** How often a model is asked for one completion. */
  readonly maxRounds: number;
  /** Calls of tools for one completion. */
  readonly maxCalls: number;
  /** Tools of the gateway that a model is offered. */
  readonly maxTools: number;
  /** Of one result, for the model. */
  readonly maxResultCharacters: number;
}

/** Tracing, as the OpenTelemetry specification names its settings. */
export interface TracingSettings {
  /** Where OTLP is taken, over HTTP with protobuf. */
  readonly url: string;
  /** They may hold a secret: never logged. */
  readonly headers: Readonly<Record<string, string>>;
  /** Of the resource, with the name of the service. */
  readonly attributes: Readonly<Record<string, string>>;
  readonly sampler: { readonly isParentBased: boolean; readonly root: 'always_on' | 'always_off' | 'traceidratio' };
  /** From 0 to 1, for `traceidratio`. */
  readonly share: number;
  readonly proxies?: ProxySettings | undefined;
}

/** Everything the gateway can be told, parsed once at start. Durations in milliseconds, sizes in bytes. */
export interface Settings {
  readonly host: string;
  /** 0 lets the operating system choose. */
  readonly port: number;
  readonly logLevel: LevelWithSilent;
  readonly logPayloads: LogPayloads;
  readonly corsOrigins: readonly string[];
  /** Names, in lower case and without a port, under which the gateway answers; undefined: under every one. */
  readonly allowedHosts: readonly string[] | undefined;
  /** Largest request body. */
  readonly maxBodyBytes: number;
  /** Answers that wait to be read, over all connections. */
  readonly maxUnreadBytes: number;
  /** Longest that a reader may take nothing of its answer. */
  readonly writeTimeoutMs: number;
  /** With it state is shared by replicas; it may hold a password. */
  readonly redisUrl: string | undefined;
  /** Whether lists of tools are among that; `check` asks servers alone. */
  readonly sharesLists: boolean;
  /** Before every key there. */
  readonly redisPrefix: string;
  /** The secret from which the key is made that encrypts results and outcomes there; undefined keeps them in memory. */
  readonly stateEncryptionKey: string | undefined;
  /** Below which what is to outlive the process is kept in files (XDG_STATE_HOME); undefined: `.local/state` of the user's home. */
  readonly stateDirectory: string | undefined;
  /** The gateway's client at the issuer of tokens, by which users who authorize servers sign in; undefined where they cannot. */
  readonly signIn: { readonly clientId: string; readonly clientSecret: string | undefined } | undefined;
  /** Whether users may authorize servers by links alone, without signing in. */
  readonly allowGrantByLink: boolean;
  /** What must be known for the gateway to be ready: any catalogue at all, every server's list, or that the servers of these names are up. */
  readonly readyPolicy: 'any' | 'all' | readonly string[];
  /** Open WebUI, to be asked for its health; undefined where nobody said where it is. */
  readonly openWebUi: { readonly url: string; readonly proxies: ProxySettings | undefined } | undefined;
  /** Whether the metrics need a key. */
  readonly metricsAuth: boolean;
  /** Where alerts are posted to; its URL may hold a secret. Undefined: nowhere. */
  readonly alertWebhook: { readonly url: string; readonly proxies: ProxySettings | undefined } | undefined;
  readonly chat: ChatSettings;
  /** Where spans of calls are sent to; undefined: nowhere. */
  readonly tracing: TracingSettings | undefined;
  /** How many gateways share the limits: while Redis is away each admits its share. */
  readonly replicas: number;
  /** Calls and streams in flight. */
  readonly maxConnections: number;
  /** Open WebSockets. */
  readonly maxSockets: number;
  /** So many more for clients who hold fewer than a tenth of those. */
  readonly reservedConnections: number;
  readonly cacheTtlMs: number;
  /** Longest silence of an upstream during one call; a progress notification is a sign of life. */
  readonly requestTimeoutMs: number;
  /** Longest duration of one call in all. */
  readonly maxCallDurationMs: number;
  /** Longest that whoever made a call may think about a question of its server. */
  readonly elicitationTimeoutMs: number;
  /** Longest wait for calls in flight at the end. */
  readonly drainTimeoutMs: number;
  /** Memory that this process may have, where nobody but its operator says so. */
  readonly memoryLimitBytes: number | undefined;
  readonly rateLimits: RateLimits;
  /** The proxies in front whose X-Forwarded-For is believed: how many (0: none), or their addresses and networks. */
  readonly trustProxy: number | readonly string[];
  /** Callers and their keys. */
  readonly apiKeys: readonly ApiKey[];
  readonly tokens: TokenSettings;
  readonly userHeaders: UserHeaderNames;
  /** Undefined: no chat is told of progress. */
  readonly chatStatuses: ChatStatusSettings | undefined;
  /** What callers of these roles may use; all others may use everything. */
  readonly roles: ReadonlyMap<string, ToolRights>;
  /** What members of these groups may use, and, as `*`, those of none. */
  readonly groups: ReadonlyMap<string, ToolRights>;
  readonly upstreams: readonly UpstreamSettings[];
  /** Servers that are configured and not started, and why. */
  readonly inactiveServers: readonly InactiveServer[];
  /** How tools are named where all servers are merged: `bare` for a single server, `prefixed` (`{server}_{tool}`) for those of a config file, however many. */
  readonly naming: 'bare' | 'prefixed';
  readonly serverSource: ServerSource;
  /** Sources that are given, too, and that come after it. */
  readonly ignoredSources: readonly ServerSource[];
  /** The file that holds the servers; undefined when they come from elsewhere. */
  readonly configPath: string | undefined;
  /** Whether changes of that file are taken over while the gateway runs. */
  readonly hotReload: boolean;
  /** Reads that file again. Rejects with SettingsError, with line and column, and then nothing of it counts. Undefined without a file. */
  readonly reloadServers: (() => Promise<ServerList>) | undefined;
  /** In front of every route: empty, or like `/tools`; never ends in a slash. */
  readonly pathPrefix: string;
  /** Path under which a proxy in front serves the gateway, for URLs that it writes: empty, or like `/mcpo`; never ends in a slash. */
  readonly rootPath: string;
  /** Under which clients find the gateway, without a slash at the end; undefined: under the host that they know. */
  readonly publicUrl: string | undefined;
  /** Title of the merged document; undefined keeps the gateway's own. */
  readonly documentTitle: string | undefined;
  readonly documentDescription: string | undefined;
  readonly documentVersion: string | undefined;
  /** Serves HTTPS; undefined serves HTTP. */
  readonly tls: ServerTls | undefined;
  /** Whether documents and Swagger UI need a key too. */
  readonly strictAuth: boolean;
  /** Said once in the log at start: what is odd or ignored. Nothing of it is secret. */
  readonly warnings: readonly string[];
}

/** Whether callers are known by anything; else everybody is welcome. */
export function hasCredentials({ apiKeys, tokens }: Pick<Settings, 'apiKeys' | 'tokens'>): boolean {
  return apiKeys.length > 0 || tokens.issuer !== undefined || tokens.sessionSecret !== undefined;
}

/** Injection token of {@link Settings}. */
export const SETTINGS = Symbol('SETTINGS');
