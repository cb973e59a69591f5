import { parse } from 'dotenv';
import { embeddedPlanner } from './embedded-planner.js';
import { expandReferences } from './expand-references.js';
import { ENVIRONMENT, type Environment } from './environment.js';
import type { Settings } from './settings.js';
import {
  DEFAULT_MAX_RESPONSE_BYTES,
  DEFAULT_TLS,
  DEFAULT_TOOLS,
  DEFAULT_TRANSLATION,
  type HttpUpstreamSettings,
  type UpstreamPolicy,
  type UpstreamSettings,
} from './upstream-settings.js';

/** Bad settings, all at once: one line each, `NAME: what is wrong`, never the value. */
export class SettingsError extends Error {
  constructor(readonly problems: readonly string[]) {
    super(problems.join('\n'));
  }
}

/**
 * The settings from the environment and the text of a `.env` file. The environment wins; `${NAME}` in the file is expanded.
 * Throws {@link SettingsError}.
 */
export function readSettings(environment: Readonly<Record<string, string | undefined>>, dotenvText = ''): Settings {
  const ofProcess = withoutEmpty(environment);
  const given = withoutEmpty({ ...expandReferences(parse(dotenvText), ofProcess), ...ofProcess });
  const parsed = ENVIRONMENT.safeParse(given);
  if (!parsed.success) throw new SettingsError(parsed.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`));
  return toSettings(parsed.data, given);
}

function withoutEmpty(values: Readonly<Record<string, string | undefined>>): Record<string, string> {
  return Object.fromEntries(Object.entries(values).filter((entry): entry is [string, string] => !!entry[1]?.trim()));
}

function toSettings(env: Environment, given: Readonly<Record<string, string>>): Settings {
  return {
    host: env.HOST,
    port: env.PORT,
    logLevel: env.LOG_LEVEL,
    logPayloads: env.LOG_PAYLOADS,
    corsOrigins: env.CORS_ORIGINS,
    redisUrl: env.REDIS_URL?.href,
    maxConnections: env.MAX_CONNECTIONS,
    cacheTtlMs: env.CACHE_TTL * 1000,
    requestTimeoutMs: env.REQUEST_TIMEOUT * 1000,
    maxCallDurationMs: env.MAX_CALL_DURATION * 1000,
    rateLimits: { client: env.RATE_LIMIT_CLIENT, system: env.RATE_LIMIT_SYSTEM },
    apiKeys: env.API_KEYS,
    upstreams: [toUpstream(env, given)],
    inactiveServers: [],
    naming: 'bare',
    serverSource: env.MCP_SERVER_URL ? 'MCP_SERVER_URL' : 'embedded planner',
    configPath: undefined,
    hotReload: false,
    reloadServers: undefined,
    pathPrefix: '',
    rootPath: '',
    documentTitle: undefined,
    documentDescription: undefined,
    tls: undefined,
    strictAuth: false,
    warnings: [],
    withoutEffect: ['REDIS_URL', 'MAX_CONNECTIONS', 'RATE_LIMIT_CLIENT', 'RATE_LIMIT_SYSTEM'].filter((name) => name in given),
  };
}

function toUpstream(env: Environment, given: Readonly<Record<string, string>>): UpstreamSettings {
  const policy: UpstreamPolicy = {
    protocol: 'auto',
    ...DEFAULT_TRANSLATION,
    ...DEFAULT_TOOLS,
    requestTimeoutMs: env.REQUEST_TIMEOUT * 1000,
    maxCallDurationMs: env.MAX_CALL_DURATION * 1000,
    maxResponseBytes: DEFAULT_MAX_RESPONSE_BYTES,
  };
  if (!env.MCP_SERVER_URL) return embeddedPlanner(given, policy);
  return { kind: 'http', name: 'default', transport: 'auto', ...withoutUserinfo(env.MCP_SERVER_URL), tls: DEFAULT_TLS, ...policy };
}

/** Credentials in a URL become the header they stand for, so that the URL can be shown. */
function withoutUserinfo(given: URL): Pick<HttpUpstreamSettings, 'url' | 'headers'> {
  const url = new URL(given);
  const userinfo = `${decodeURIComponent(url.username)}:${decodeURIComponent(url.password)}`;
  url.username = url.password = url.hash = '';
  return { url, headers: userinfo === ':' ? {} : { authorization: `Basic ${Buffer.from(userinfo).toString('base64')}` } };
}
