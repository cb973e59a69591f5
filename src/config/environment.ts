import { z } from 'zod';
import { MIN_KEY_LENGTH, plainKey } from './api-key.js';
import { toProxyUrl } from './proxy-url.js';
import { parseHeaders } from './servers/parse-headers.js';
import { isDecodable, toHttpUrl } from './servers/upstream-url.js';
import type { ApiKey } from './settings.js';
import { parseTrustProxy } from './trust-proxy.js';

/** Calls a minute. */
const MAX_RATE_LIMIT = 1_000_000_000;
/** Of the secret from which the key for state is made. */
const MIN_STATE_KEY_LENGTH = 32;

/** The environment variables of the gateway, as texts in, as values out. An empty value counts as not given. */
export const ENVIRONMENT = z.object({
  HOST: text('127.0.0.1'),
  PORT: whole(8001, 0, 65_535),
  LOG_LEVEL: oneOf('info', {
    trace: 'trace',
    debug: 'debug',
    info: 'info',
    warn: 'warn',
    warning: 'warn',
    error: 'error',
    fatal: 'fatal',
    critical: 'fatal',
    silent: 'silent',
  }),
  LOG_PAYLOADS: oneOf('off', { off: 'off', shape: 'shape', redacted: 'redacted' }),
  MCP_CONFIG: z.string().optional(),
  MCP_SERVER_URL: z.string().optional().transform(toServerUrl),
  MCP_HEADERS: z.string().optional().transform(toHeaders),
  MCP_FORWARD_HEADERS: z.string().default('X-Teams-Auth-Token').transform(listOf),
  MCP_FORWARD_AUTHORIZATION: oneOf<boolean>('false', { true: true, false: false }),
  HTTP_PROXY: z.string().optional().transform(toProxy),
  HTTPS_PROXY: z.string().optional().transform(toProxy),
  NO_PROXY: text(''),
  REDIS_URL: z
    .string()
    .optional()
    .transform(urlOf(['redis:', 'rediss:'], 'a redis:// or rediss:// URL')),
  REDIS_PREFIX: text('').transform((given, context) =>
    /^[\w.:{}-]{0,100}$/.test(given) ? given : problem(context, 'must be up to 100 letters, digits and . _ : - { }'),
  ),
  STATE_ENCRYPTION_KEY: z
    .string()
    .optional()
    .transform((given, context) =>
      given === undefined || given.trim().length >= MIN_STATE_KEY_LENGTH
        ? given?.trim()
        : problem(context, `must have ${MIN_STATE_KEY_LENGTH} or more characters, as \`openssl rand -base64 32\` prints them`),
    ),
  REPLICAS: whole(1, 1, 10_000),
  READY_POLICY: text('any').transform(toReadyPolicy),
  METRICS_AUTH: oneOf<boolean>('false', { true: true, false: false }),
  ALERT_WEBHOOK_URL: z.string().optional().transform(toWebhook),
  OPENAI_API_BASE_URL: z.string().default('').transform(toModelUrls),
  OPENAI_API_BASE_URLS: z.string().default('').transform(toModelUrls),
  OPENAI_API_KEY: z.string().optional(),
  OPENAI_API_KEYS: z.string().default('').transform(partsOf),
  MAX_CHATS: whole(100, 1, 1_000_000),
  MAX_CHAT_BODY_BYTES: whole(20 * 1024 * 1024, 1024, 64 * 1024 * 1024),
  CHAT_TIMEOUT: whole(600, 1, 86_400),
  CHAT_MAX_ROUNDS: whole(10, 1, 1_000),
  CHAT_MAX_CALLS: whole(50, 1, 10_000),
  CHAT_MAX_TOOLS: whole(128, 1, 20_000),
  CHAT_MAX_RESULT_CHARACTERS: whole(50_000, 100, 10_000_000),
  CORS_ORIGINS: z.string().default('http://localhost:3000,http://openwebui:8080').transform(toOrigins),
  PUBLIC_URL: z.string().optional().transform(toPublicUrl),
  ALLOWED_HOSTS: z.string().optional().transform(toHosts),
  MAX_BODY_BYTES: whole(1024 * 1024, 1024, 64 * 1024 * 1024),
  MAX_LIST_BYTES: whole(64 * 1024 * 1024, 1024 * 1024, 1024 * 1024 * 1024),
  MAX_UNREAD_BYTES: whole(128 * 1024 * 1024, 1024 * 1024, 16 * 1024 * 1024 * 1024),
  WRITE_TIMEOUT: whole(30, 1, 86_400),
  MAX_CONNECTIONS: whole(100, 1, 1_000_000),
  RESERVED_CONNECTIONS: optionalWhole(0, 1_000_000),
  MAX_SOCKETS: whole(1000, 0, 1_000_000),
  OPERATION_IDS: oneOf('tool', { tool: 'tool', mcpo: 'mcpo' }),
  CACHE_TTL: whole(300, 1, 86_400),
  START_TIMEOUT: whole(60, 1, 86_400),
  REQUEST_TIMEOUT: whole(30, 1, 86_400),
  MAX_CALL_DURATION: whole(300, 1, 86_400),
  DRAIN_TIMEOUT: optionalWhole(1, 86_400),
  MEMORY_LIMIT: z.string().optional().transform(toMemoryLimit),
  RATE_LIMIT_CLIENT: whole(100, 1, MAX_RATE_LIMIT),
  RATE_LIMIT_ROLES: z.string().default('').transform(toRoleLimits),
  RATE_LIMIT_SYSTEM: whole(1000, 1, MAX_RATE_LIMIT),
  TRUST_PROXY: z.string().default('false').transform(toTrustProxy),
  API_KEYS: z.string().default('').transform(toApiKeys),
  API_KEYS_FILE: z.string().optional(),
  OIDC_ISSUER: z.string().optional().transform(toIssuer),
  JWKS_URL: z.string().optional().transform(toKeysUrl),
  JWT_ISSUER: z.string().optional(),
  JWT_AUDIENCE: z.string().default('').transform(listOf),
  JWT_ROLE_CLAIM: text('role'),
  OPENWEBUI_SECRET_KEY: z.string().optional(),
  FORWARD_USER_INFO_HEADER_JWT_SECRET: z.string().optional(),
  FORWARD_USER_INFO_HEADER_JWT: headerName('X-OpenWebUI-User-Jwt'),
  FORWARD_USER_INFO_HEADER_USER_ID: headerName('X-OpenWebUI-User-Id'),
  FORWARD_USER_INFO_HEADER_USER_NAME: headerName('X-OpenWebUI-User-Name'),
  FORWARD_USER_INFO_HEADER_USER_EMAIL: headerName('X-OpenWebUI-User-Email'),
  FORWARD_USER_INFO_HEADER_USER_ROLE: headerName('X-OpenWebUI-User-Role'),
  FORWARD_SESSION_INFO_HEADER_CHAT_ID: headerName('X-OpenWebUI-Chat-Id'),
  FORWARD_SESSION_INFO_HEADER_MESSAGE_ID: headerName('X-OpenWebUI-Message-Id'),
  OPENWEBUI_URL: z.string().optional().transform(toPublicUrl),
  OPENWEBUI_API_KEY: z.string().optional().transform(toHeaderKey),
  ALLOW_ANONYMOUS: oneOf('false', { true: 'true', false: 'false' }).transform((value) => value === 'true'),
});

/** Values of {@link ENVIRONMENT}; times still in seconds. */
export type Environment = z.output<typeof ENVIRONMENT>;

function text(fallback: string) {
  return z.string().default(fallback);
}

/** In lower case, as Node has them. */
function headerName(fallback: string) {
  return text(fallback).transform((given, context) => {
    const name = given.trim().toLowerCase();
    return /^[\w!#$%&'*+.^`|~-]{1,64}$/.test(name) ? name : problem(context, 'must be the name of a header');
  });
}

function whole(fallback: number, min: number, max: number) {
  return z.string().default(String(fallback)).transform(toWhole(min, max));
}

/** Undefined where it is not given: its default hangs on another. */
function optionalWhole(min: number, max: number) {
  const read = toWhole(min, max);
  return z
    .string()
    .optional()
    .transform((given, context) => (given === undefined ? undefined : read(given, context)));
}

function toWhole(min: number, max: number) {
  return (given: string, context: z.RefinementCtx): number => {
    const value = /^\d{1,15}$/.test(given.trim()) ? Number(given) : NaN;
    if (value >= min && value <= max) return value;
    return problem(context, `must be a whole number from ${min} to ${max}`);
  };
}

function oneOf<T extends string | boolean>(fallback: string, values: Readonly<Record<string, T>>) {
  return z
    .string()
    .default(fallback)
    .transform((given, context) => {
      const name = given.trim().toLowerCase();
      return Object.hasOwn(values, name) ? (values[name] as T) : problem(context, `must be one of ${Object.keys(values).join(', ')}`);
    });
}

function urlOf(protocols: readonly string[], what: string) {
  return (given: string | undefined, context: z.RefinementCtx): URL | undefined => {
    if (given === undefined) return undefined;
    const url = URL.parse(given.trim());
    if (!url || !protocols.includes(url.protocol) || url.hostname === '') return problem(context, `must be ${what}`);
    return isDecodable(url.username + url.password) ? url : problem(context, 'must have its user and password percent-encoded');
  };
}

function toProxy(given: string | undefined, context: z.RefinementCtx): URL | undefined {
  if (given === undefined) return undefined;
  return toProxyUrl(given.trim()) ?? problem(context, 'must be an http:// or https:// URL');
}

function toServerUrl(given: string | undefined, context: z.RefinementCtx): URL | undefined {
  const url = given === undefined ? undefined : toHttpUrl(given);
  return typeof url === 'string' ? problem(context, url) : url;
}

/** Without a slash at the end, so that paths can follow. */
function toPublicUrl(given: string | undefined, context: z.RefinementCtx): string | undefined {
  if (given === undefined) return undefined;
  const url = URL.parse(given.trim());
  const isGood = url && /^https?:$/.test(url.protocol) && url.username + url.password + url.search + url.hash === '';
  return isGood
    ? url.href.replace(/\/+$/, '')
    : problem(context, 'must be an http:// or https:// URL without user, password, query and fragment');
}

/** A key that is sent in a header. */
function toHeaderKey(given: string | undefined, context: z.RefinementCtx): string | undefined {
  const key = given?.trim();
  return key === undefined || /^[\x21-\x7e]{8,8192}$/.test(key)
    ? key
    : problem(context, 'must have 8 or more visible ASCII characters without spaces');
}

function toKeysUrl(given: string | undefined, context: z.RefinementCtx): URL | undefined {
  if (given === undefined) return undefined;
  const url = URL.parse(given.trim());
  const isGood = url && /^https?:$/.test(url.protocol) && url.username + url.password + url.hash === '';
  return isGood ? url : problem(context, 'must be an http:// or https:// URL without user, password and fragment');
}

/** Whatever is in its path and query may be a secret. */
function toWebhook(given: string | undefined, context: z.RefinementCtx): string | undefined {
  if (given === undefined) return undefined;
  const url = URL.parse(given.trim());
  const isGood = url && /^https?:$/.test(url.protocol) && url.username + url.password + url.hash === '';
  return isGood ? url.href : problem(context, 'must be an http:// or https:// URL without user, password and fragment');
}

/** URLs of OpenAI-compatible servers, separated by semicolons as Open WebUI has them; paths can follow each. */
function toModelUrls(given: string, context: z.RefinementCtx): URL[] {
  const urls = partsOf(given)
    .filter((part) => part !== '')
    .map((part) => URL.parse(part.replace(/\/+$/, '')));
  const isGood = (url: URL | null): url is URL =>
    url !== null && /^https?:$/.test(url.protocol) && url.username + url.password + url.search + url.hash === '';
  return urls.every(isGood)
    ? urls
    : problem(context, 'must be http:// or https:// URLs without user, password, query and fragment, separated by semicolons');
}

/** Separated by semicolons; an empty one keeps its place. */
function partsOf(given: string): string[] {
  return given.trim() === '' ? [] : given.split(';').map((part) => part.trim());
}

/** As it is written, for it is compared with what tokens say. */
function toIssuer(given: string | undefined, context: z.RefinementCtx): string | undefined {
  const url = toKeysUrl(given, context);
  if (url?.search) return problem(context, 'must have no query');
  return url && given?.trim();
}

/** As Kubernetes writes quantities of memory. */
function toMemoryLimit(given: string | undefined, context: z.RefinementCtx): number | undefined {
  if (given === undefined) return undefined;
  const [, digits, unit = ''] = /^(\d{1,15})(Ki|Mi|Gi|k|M|G)?$/.exec(given.trim()) ?? [];
  const bytes = Number(digits) * (BYTES_OF_UNIT[unit] as number);
  const isGood = bytes >= MIN_MEMORY_LIMIT && Number.isSafeInteger(bytes);
  return isGood ? bytes : problem(context, 'must be bytes like 512Mi (Ki, Mi, Gi, k, M, G), 64Mi or more');
}

const MIN_MEMORY_LIMIT = 64 * 1024 ** 2;
const BYTES_OF_UNIT: Readonly<Record<string, number>> = { '': 1, Ki: 1024, Mi: 1024 ** 2, Gi: 1024 ** 3, k: 1e3, M: 1e6, G: 1e9 };

/** Names are taken as they are written. */
function toReadyPolicy(given: string, context: z.RefinementCtx): 'any' | 'all' | readonly string[] {
  const word = given.trim().toLowerCase();
  if (word === 'any' || word === 'all') return word;
  const names = listOf(given);
  return names.length > 0 ? names : problem(context, 'must be any, all, or names of servers, separated by commas');
}

function toHeaders(given: string | undefined, context: z.RefinementCtx): Readonly<Record<string, string>> {
  const { headers, problems } = parseHeaders(given ?? '{}');
  for (const message of problems) problem(context, message);
  return headers;
}

function toOrigins(given: string, context: z.RefinementCtx): string[] {
  const origins = listOf(given);
  const isOrigin = (origin: string) => origin === '*' || URL.parse(origin)?.origin === origin;
  return origins.every(isOrigin) ? origins : problem(context, 'must be origins like http://localhost:3000, separated by commas, or *');
}

/** Names without a port; undefined for `*` and where none is given. */
function toHosts(given: string | undefined, context: z.RefinementCtx): readonly string[] | undefined {
  if (given === undefined || given.trim() === '*') return undefined;
  const hosts = listOf(given.toLowerCase());
  return hosts.every((host) => HOST_NAME.test(host))
    ? hosts
    : problem(context, 'must be host names without scheme and port, like gateway.example, separated by commas, or *');
}

/** A name, an IPv4 address, or an IPv6 address in brackets. */
const HOST_NAME = /^(?:[\w.-]+|\[[\da-f:.]+\])$/;

/** `name:key` or bare keys, separated by commas. A bare key is named by its place: the key itself is never shown. */
function toApiKeys(given: string, context: z.RefinementCtx): ApiKey[] {
  const keys = listOf(given).map(toNameAndKey);
  return keys.every(({ key }) => key.length >= MIN_KEY_LENGTH && !/\s/.test(key))
    ? keys.map(({ name, key }) => plainKey(name, key))
    : problem(context, `every key must have ${MIN_KEY_LENGTH} or more characters and no spaces`);
}

function toNameAndKey(entry: string, index: number): { name: string; key: string } {
  const colon = entry.indexOf(':');
  const name = entry.slice(0, Math.max(colon, 0)).trim();
  return { name: name || `key-${index + 1}`, key: entry.slice(colon + 1) };
}

/** `role:number`, separated by commas. */
function toRoleLimits(given: string, context: z.RefinementCtx): ReadonlyMap<string, number> {
  const entries = listOf(given).map((entry) => /^(.{1,64}?)\s*:\s*(\d{1,10})$/.exec(entry));
  const limits = new Map(entries.map((match) => [match?.[1] ?? '', Number(match?.[2])]));
  const isGood = [...limits.values()].every((limit) => limit >= 1 && limit <= MAX_RATE_LIMIT) && limits.size === entries.length;
  return isGood ? limits : problem(context, `must be roles with calls a minute from 1 to ${MAX_RATE_LIMIT}, like admin:500,user:100`);
}

function toTrustProxy(given: string, context: z.RefinementCtx): number | readonly string[] {
  const message = 'must be false, the number of proxies in front, or their addresses like 10.0.0.0/8, separated by commas';
  return parseTrustProxy(given) ?? problem(context, message);
}

function listOf(given: string): string[] {
  return given
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '');
}

/** Never repeats the value: it may be a secret. */
function problem(context: z.RefinementCtx, message: string): never {
  context.addIssue({ code: 'custom', message });
  return z.NEVER;
}
