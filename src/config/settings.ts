import type { LevelWithSilent } from 'pino';
import type { UpstreamSettings } from './upstream-settings.js';

/** How much of a call's arguments and result the log shows: nothing, keys and types, or values with secrets blotted out. */
export type LogPayloads = 'off' | 'shape' | 'redacted';

/** A caller that is known by a key. */
export interface ApiKey {
  readonly name: string;
  readonly key: string;
}

/** A server that its configuration keeps from being started. */
export interface InactiveServer {
  readonly name: string;
  readonly state: 'disabled' | 'needs_auth';
  readonly reason: string;
}

/** Everything the gateway can be told, parsed once at start. Durations in milliseconds, sizes in bytes. */
export interface Settings {
  readonly host: string;
  /** 0 lets the operating system choose. */
  readonly port: number;
  readonly logLevel: LevelWithSilent;
  readonly logPayloads: LogPayloads;
  readonly corsOrigins: readonly string[];
  readonly redisUrl: string | undefined;
  readonly maxConnections: number;
  readonly cacheTtlMs: number;
  /** Longest silence of an upstream during one call; a progress notification is a sign of life. */
  readonly requestTimeoutMs: number;
  /** Longest duration of one call in all. */
  readonly maxCallDurationMs: number;
  /** Calls a minute for one client, and for all of them together. */
  readonly rateLimits: { readonly client: number; readonly system: number };
  /** Callers and their keys; none lets everybody in. */
  readonly apiKeys: readonly ApiKey[];
  readonly upstreams: readonly UpstreamSettings[];
  /** Servers that are configured and not started, and why. */
  readonly inactiveServers: readonly InactiveServer[];
  /** How tools are named where all servers are merged: `bare` for a single server, `prefixed` (`{server}_{tool}`) for those of a config file, however many. */
  readonly naming: 'bare' | 'prefixed';
  /** Names of settings that were given and that nothing reads yet; said once in the log. */
  readonly withoutEffect: readonly string[];
}

/** Injection token of {@link Settings}. */
export const SETTINGS = Symbol('SETTINGS');
