import { z } from 'zod';
import { MIN_KEY_LENGTH, plainKey } from './callers/api-key.js';
import { toProxyUrl } from './network/proxy-url.js';
import { parseHeaders } from './servers/parse-headers.js';
import { isDecodable, toHttpUrl } from './servers/upstream-url.js';
import type { ApiKey } from './settings.js';
import { parseTrustProxy } from './network/trust-proxy.js';

/*
 * Readers of what variables hold, one for each kind, with the words for what it does not take. Their `meta` is for docs/configuration.md.
 */

/** Calls a minute. */
export const MAX_RATE_LIMIT = 1_000_000_000;

export function text(fallback: string) {
  return z.string().default(fallback);
}

/** In lower case, as Node has them. */
export function headerName(fallback: string) {
  return text(fallback).transform((given, context) => {
    const name = given.trim().toLowerCase();
    return /^[\w!#$%&'*+.^`|~-]{1,64}$/.test(name) ? name : problem(context, 'must be the name of a header');
  });
}

export function whole(fallback: number, min: number, max: number) {
  return z.string().default(String(fallback)).transform(toWhole(min, max)).meta({ minimum: min, maximum: max });
}

/** Undefined where it is not given: its default hangs on another. */
export function optionalWhole(min: number, max: number) {
  const read = toWhole(min, max);
  return z
    .string()
    .optional()
    .transform((given, context) => (given === undefined ? undefined : read(given, context)))
    .meta({ minimum: min, maximum: max });
}

function toWhole(min: number, max: number) {
  return (given: string, context: z.RefinementCtx): number => {
    const value = /^\d{1,15}$/.test(given.trim()) ? Number(given) : NaN;
    if (value >= min && value <= max) return value;
    return problem(context, `must be a whole number from ${min} to ${max}`);
  };
}

export function oneOf<T extends string | boolean>(fallback: string, values: Readonly<Record<string, T>>) {
  return z
    .string()
    .default(fallback)
    .transform((given, context) => {
      const name = given.trim().toLowerCase();
      return Object.hasOwn(values, name) ? (values[name] as T) : problem(context, `must be one of ${Object.keys(values).join(', ')}`);
    })
    .meta({ enum: Object.keys(values) });
}

export function urlOf(protocols: readonly string[], what: string) {
  return (given: string | undefined, context: z.RefinementCtx): URL | undefined => {
    if (given === undefined) return undefined;
    const url = URL.parse(given.trim());
    if (!url || !protocols.includes(url.protocol) || url.hostname === '') return problem(context, `must be ${what}`);
    return isDecodable(url.username + url.password) ? url : problem(context, 'must have its user and password percent-encoded');
  };
}

export function toProxy(given: string | undefined, context: z.RefinementCtx): URL | undefined {
  if (given === undefined) return undefined;
  return toProxyUrl(given.trim()) ?? problem(context, 'must be an http:// or https:// URL');
}

export function toServerUrl(given: string | undefined, context: z.RefinementCtx): URL | undefined {
  const url = given === undefined ? undefined : toHttpUrl(given);
  return typeof url === 'string' ? problem(context, url) : url;
}

/** Without a slash at the end, so that paths can follow. */
export function toPublicUrl(given: string | undefined, context: z.RefinementCtx): string | undefined {
  if (given === undefined) return undefined;
  const url = URL.parse(given.trim());
  const isGood = url && /^https?:$/.test(url.protocol) && url.username + url.password + url.search + url.hash === '';
  return isGood
    ? url.href.replace(/\/+$/, '')
    : problem(context, 'must be an http:// or https:// URL without user, password, query and fragment');
}

/** A key that is sent in a header. */
export function toHeaderKey(given: string | undefined, context: z.RefinementCtx): string | undefined {
  const key = given?.trim();
  return key === undefined || /^[\x21-\x7e]{8,8192}$/.test(key)
    ? key
    : problem(context, 'must have 8 or more visible ASCII characters without spaces');
}

export function toKeysUrl(given: string | undefined, context: z.RefinementCtx): URL | undefined {
  if (given === undefined) return undefined;
  const url = URL.parse(given.trim());
  const isGood = url && /^https?:$/.test(url.protocol) && url.username + url.password + url.hash === '';
  return isGood ? url : problem(context, 'must be an http:// or https:// URL without user, password and fragment');
}

/** Whatever is in its path and query may be a secret. */
export function toWebhook(given: string | undefined, context: z.RefinementCtx): string | undefined {
  return toKeysUrl(given, context)?.href;
}

/** URLs of OpenAI-compatible servers, separated by semicolons as Open WebUI has them; paths can follow each. */
export function toModelUrls(given: string, context: z.RefinementCtx): URL[] {
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
export function partsOf(given: string): string[] {
  return given.trim() === '' ? [] : given.split(';').map((part) => part.trim());
}

/** As it is written, for it is compared with what tokens say. */
export function toIssuer(given: string | undefined, context: z.RefinementCtx): string | undefined {
  const url = toKeysUrl(given, context);
  if (url?.search) return problem(context, 'must have no query');
  return url && given?.trim();
}

/** As Kubernetes writes quantities of memory. */
export function toMemoryLimit(given: string | undefined, context: z.RefinementCtx): number | undefined {
  if (given === undefined) return undefined;
  const [, digits, unit = ''] = /^(\d{1,15})(Ki|Mi|Gi|k|M|G)?$/.exec(given.trim()) ?? [];
  const bytes = Number(digits) * (BYTES_OF_UNIT[unit] as number);
  const isGood = bytes >= MIN_MEMORY_LIMIT && Number.isSafeInteger(bytes);
  return isGood ? bytes : problem(context, 'must be bytes like 512Mi (Ki, Mi, Gi, k, M, G), 64Mi or more');
}

const MIN_MEMORY_LIMIT = 64 * 1024 ** 2;
const BYTES_OF_UNIT: Readonly<Record<string, number>> = { '': 1, Ki: 1024, Mi: 1024 ** 2, Gi: 1024 ** 3, k: 1e3, M: 1e6, G: 1e9 };

/** Names are taken as they are written. */
export function toReadyPolicy(given: string, context: z.RefinementCtx): 'any' | 'all' | readonly string[] {
  const word = given.trim().toLowerCase();
  if (word === 'any' || word === 'all') return word;
  const names = listOf(given);
  return names.length > 0 ? names : problem(context, 'must be any, all, or names of servers, separated by commas');
}

export function toHeaders(given: string | undefined, context: z.RefinementCtx): Readonly<Record<string, string>> {
  const { headers, problems } = parseHeaders(given ?? '{}');
  for (const message of problems) problem(context, message);
  return headers;
}

export function toOrigins(given: string, context: z.RefinementCtx): string[] {
  const origins = listOf(given);
  const isOrigin = (origin: string) => origin === '*' || URL.parse(origin)?.origin === origin;
  return origins.every(isOrigin) ? origins : problem(context, 'must be origins like http://localhost:3000, separated by commas, or *');
}

/** Names without a port; undefined for `*` and where none is given. */
export function toHosts(given: string | undefined, context: z.RefinementCtx): readonly string[] | undefined {
  if (given === undefined || given.trim() === '*') return undefined;
  const hosts = listOf(given.toLowerCase());
  return hosts.every((host) => HOST_NAME.test(host))
    ? hosts
    : problem(context, 'must be host names without scheme and port, like gateway.example, separated by commas, or *');
}

/** A name, an IPv4 address, or an IPv6 address in brackets. */
const HOST_NAME = /^(?:[\w.-]+|\[[\da-f:.]+\])$/;

/** `name:key` or bare keys, separated by commas. A bare key is named by its place: the key itself is never shown. */
export function toApiKeys(given: string, context: z.RefinementCtx): ApiKey[] {
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
export function toRoleLimits(given: string, context: z.RefinementCtx): ReadonlyMap<string, number> {
  const entries = listOf(given).map((entry) => /^(.{1,64}?)\s*:\s*(\d{1,10})$/.exec(entry));
  const limits = new Map(entries.map((match) => [match?.[1] ?? '', Number(match?.[2])]));
  const isGood = [...limits.values()].every((limit) => limit >= 1 && limit <= MAX_RATE_LIMIT) && limits.size === entries.length;
  return isGood ? limits : problem(context, `must be roles with calls a minute from 1 to ${MAX_RATE_LIMIT}, like admin:500,user:100`);
}

export function toTrustProxy(given: string, context: z.RefinementCtx): number | readonly string[] {
  const message = 'must be false, the number of proxies in front, or their addresses like 10.0.0.0/8, separated by commas';
  return parseTrustProxy(given) ?? problem(context, message);
}

export function listOf(given: string): string[] {
  return given
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '');
}

/** Never repeats the value: it may be a secret. */
export function problem(context: z.RefinementCtx, message: string): never {
  context.addIssue({ code: 'custom', message });
  return z.NEVER;
}
