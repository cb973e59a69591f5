import { X509Certificate } from 'node:crypto';
import path from 'node:path';
import { childEnvironment } from '../child-environment.js';
import { FileProblem, type ReadFile } from '../files/read-file.js';
import type { ProxySettings, ServerTls } from '@app/mcp-transport';
import { onlyProxy } from '../network/proxies.js';
import { toProxyUrl } from '../network/proxy-url.js';
import { DEFAULT_TLS, type UpstreamPolicy, type UpstreamSettings } from '../upstream-settings.js';
import type { EntryNotes } from './entry-notes.js';
import { expandValue } from './expand-value.js';
import { hasForeign } from './foreign-keys.js';
import { AUTHORIZATION_WARNING, isNeverForwarded } from './forwardable.js';
import { oauthClientOf } from './oauth-client.js';
import type { ServerEntry } from './server-entry.js';
import type { ServerDefaults } from './server-defaults.js';
import { startTimeouts } from './start-timeouts.js';
import { transportOf } from './transport-type.js';
import { checkHeaders } from './upstream-headers.js';
import { toHttpUrl, withoutUserinfo } from './upstream-url.js';

const ONLY_WITH_COMMAND = ['args', 'env', 'cwd', 'startTimeoutMs'] as const;
const ONLY_WITH_URL = ['headers', 'tls', 'proxy', 'oauth', 'forwardHeaders', 'client_header_forwarding', 'shareCatalog'] as const;

/** The settings that an entry stands for, its references expanded. What is wrong is noted, and the settings are then of no use. */
export function entryToUpstream(
  name: string,
  entry: ServerEntry,
  defaults: ServerDefaults,
  notes: EntryNotes,
): UpstreamSettings | undefined {
  if (!isOneOfBoth(entry, notes)) return undefined;
  const expand = (text: string, at: readonly (string | number)[]) => {
    const problems: string[] = [];
    const expanded = expandValue(text, defaults, problems);
    for (const problem of problems) notes.problem(at, problem);
    if (expanded.includes('\0')) notes.problem(at, 'must not hold a NUL');
    return problems.length > 0 ? undefined : expanded;
  };
  const policy = policyOf(entry, defaults.policy);
  if (entry.url !== undefined) noteForwarding(entry, policy, notes);
  return entry.command === undefined
    ? toHttp(name, entry, policy, expand, defaults, notes)
    : toStdio(name, entry, policy, expand, defaults, notes);
}

type Expand = (text: string, at: readonly (string | number)[]) => string | undefined;

function isOneOfBoth({ command, url, type, ...others }: ServerEntry, notes: EntryNotes): boolean {
  if (command !== undefined && url !== undefined) notes.problem([], 'has both command and url; keep one');
  else if (command === undefined && url === undefined) {
    if (!hasForeign(others, 'url', 'command')) notes.problem([], 'needs command or url');
  } else if (command !== undefined && type !== undefined && transportOf(type) !== 'stdio')
    notes.problem(['type'], `a server with command is of type stdio`);
  else if (url !== undefined && type !== undefined && transportOf(type) === 'stdio')
    notes.problem(['type'], 'a server with url is not of type stdio');
  else {
    const idle = command === undefined ? ONLY_WITH_COMMAND : ONLY_WITH_URL;
    for (const key of idle)
      if (others[key] !== undefined) notes.warning([key], `has no effect without ${command === undefined ? 'command' : 'url'}`);
    return true;
  }
  return false;
}

function policyOf(entry: ServerEntry, defaults: UpstreamPolicy): UpstreamPolicy {
  const forwarding = entry.client_header_forwarding;
  const lower = (names: readonly string[] | undefined) => (names ?? []).map((name) => name.toLowerCase());
  return {
    protocol: entry.protocol ?? defaults.protocol,
    requestTimeoutMs: entry.timeoutMs ?? defaults.requestTimeoutMs,
    maxCallDurationMs: entry.maxDurationMs ?? defaults.maxCallDurationMs,
    maxListBytes: defaults.maxListBytes,
    maxResponseBytes: entry.maxResponseBytes ?? defaults.maxResponseBytes,
    validation: entry.validation ?? defaults.validation,
    formats: entry.formats ?? defaults.formats,
    nulls: entry.nulls ?? defaults.nulls,
    inlineHtml: entry.inlineHtml ?? defaults.inlineHtml,
    binary: entry.binary ?? defaults.binary,
    operationIds: entry.operationIds ?? defaults.operationIds,
    allowedTools: entry.tools?.allow ?? defaults.allowedTools,
    deniedTools: [...(entry.disabledTools ?? []), ...(entry.tools?.deny ?? [])],
    idempotentTools: entry.idempotentTools ?? defaults.idempotentTools,
    trustAnnotations: entry.trustAnnotations ?? defaults.trustAnnotations,
    toolLimits: entry.toolLimits ? Object.entries(entry.toolLimits).map(([pattern, limit]) => ({ pattern, limit })) : defaults.toolLimits,
    cachedTools: entry.cache
      ? Object.entries(entry.cache).map(([pattern, seconds]) => ({ pattern, ttlMs: seconds * 1000 }))
      : defaults.cachedTools,
    forwardHeaders: [...lower(entry.forwardHeaders), ...(forwarding?.enabled ? lower(forwarding.whitelist ?? ['*']) : [])],
    withheldHeaders: forwarding?.enabled ? lower(forwarding.blacklist) : [],
    shareCatalog: entry.shareCatalog ?? defaults.shareCatalog,
  };
}

function noteForwarding(entry: ServerEntry, { forwardHeaders, withheldHeaders }: UpstreamPolicy, notes: EntryNotes): void {
  const key = entry.forwardHeaders ? ['forwardHeaders'] : ['client_header_forwarding', 'whitelist'];
  for (const name of forwardHeaders.filter(isNeverForwarded)) notes.warning(key, `${name} is never passed on`);
  if (forwardHeaders.includes('authorization') && !withheldHeaders.includes('authorization')) notes.warning(key, AUTHORIZATION_WARNING);
}

function toStdio(name: string, entry: ServerEntry, policy: UpstreamPolicy, expand: Expand, defaults: ServerDefaults, notes: EntryNotes) {
  const { command = '', args = [], env = {}, cwd } = entry;
  if (command.includes('\0')) notes.problem(['command'], 'must not hold a NUL');
  for (const key of Object.keys(env)) if (!/^[^=\0]+$/.test(key)) notes.problem(['env', key], 'not the name of a variable');
  const own = Object.entries(env).map(([key, value]) => [key, expand(value, ['env', key]) ?? '']);
  const folder = cwd === undefined ? undefined : expand(cwd, ['cwd']);
  return {
    kind: 'stdio' as const,
    name,
    command,
    args: args.map((arg, index) => expand(arg, ['args', index]) ?? ''),
    env: childEnvironment({ ...defaults.childVariables, ...(Object.fromEntries(own) as Record<string, string>) }, defaults.variables),
    cwd: folder === undefined ? undefined : path.resolve(defaults.folder, folder),
    ...startTimeouts(command, entry.startTimeoutMs ?? defaults.startTimeoutMs),
    ...policy,
  };
}

function toHttp(name: string, entry: ServerEntry, policy: UpstreamPolicy, expand: Expand, defaults: ServerDefaults, notes: EntryNotes) {
  const expanded = expand(entry.url ?? '', ['url']);
  const url = expanded === undefined ? undefined : toHttpUrl(expanded);
  if (typeof url === 'string') notes.problem(['url'], url);
  const headers = headersOf(entry.headers ?? {}, expand, notes);
  const tls = tlsOf(entry, defaults, notes);
  const oauth = oauthClientOf(entry, expand, notes);
  const proxies = proxiesOf(entry, expand, defaults, notes);
  if (!(url instanceof URL)) return undefined;
  if (entry.tls && url.protocol === 'http:') notes.warning(['tls'], 'has no effect with an http:// URL');
  const shown = withoutUserinfo(url);
  return {
    kind: 'http' as const,
    name,
    transport: httpTransportOf(entry.type),
    url: shown.url,
    headers: { ...shown.headers, ...headers },
    tls,
    ...(proxies && { proxies }),
    ...(oauth && { oauth }),
    ...policy,
  };
}

function proxiesOf({ proxy }: ServerEntry, expand: Expand, { proxies }: ServerDefaults, notes: EntryNotes): ProxySettings | undefined {
  if (proxy === undefined) return proxies;
  const given = proxy === false ? undefined : expand(proxy, ['proxy']);
  if (given === undefined) return undefined;
  const url = toProxyUrl(given);
  if (!url) notes.problem(['proxy'], 'must be an http:// or https:// URL, or false');
  return url && onlyProxy(url);
}

function httpTransportOf(type: string | undefined): 'auto' | 'sse' | 'streamable-http' {
  return type === undefined ? 'auto' : transportOf(type) === 'sse' ? 'sse' : 'streamable-http';
}

function headersOf(given: Readonly<Record<string, string>>, expand: Expand, notes: EntryNotes): Readonly<Record<string, string>> {
  const expanded = Object.entries(given).map(([name, value]) => [name, expand(value, ['headers', name]) ?? '']);
  const { headers, problems, warnings } = checkHeaders(Object.fromEntries(expanded) as Record<string, string>);
  for (const { name, problem } of problems) notes.problem(['headers', name], problem);
  for (const { name, problem } of warnings) notes.warning(['headers', name], problem);
  return headers;
}

function tlsOf({ tls }: ServerEntry, { folder, readFile }: ServerDefaults, notes: EntryNotes): ServerTls {
  if (!tls) return DEFAULT_TLS;
  const ca = tls.ca === undefined ? undefined : pemOf(tls.ca, folder, readFile, (problem) => notes.problem(['tls', 'ca'], problem));
  return { ca, insecure: tls.insecure ?? false };
}

function pemOf(given: string, folder: string, readFile: ReadFile, refuse: (problem: string) => void): string | undefined {
  const isText = given.includes('-----BEGIN');
  try {
    const pem = isText ? given : readFile(path.resolve(folder, given));
    new X509Certificate(pem);
    return pem;
  } catch (error) {
    return void refuse(error instanceof FileProblem ? `the file ${given} ${error.message}` : 'holds no PEM certificate');
  }
}
