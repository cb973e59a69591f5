import { parse } from 'dotenv';
import { readChatStatuses } from './chat-statuses.js';
import { readChat } from './chat-settings.js';
import { type CommandLine, NO_COMMAND_LINE } from './command-line.js';
import { readCredentials } from './callers/credentials.js';
import { ENVIRONMENT, type Environment } from './environment.js';
import { expandReferences } from './expand-references.js';
import { ownHosts } from './network/own-hosts.js';
import { proxiesOf, withProxyNames } from './network/proxies.js';
import { readServerTls } from './network/server-tls.js';
import { readTracing } from './tracing-settings.js';
import { chooseServers } from './servers/choose-servers.js';
import { hasCredentials, type Settings } from './settings.js';
import { SettingsError } from './settings-error.js';

export { SettingsError } from './settings-error.js';

/**
 * The settings from the environment, the text of a `.env` file and the command line, in rising order but that the environment wins over
 * the file. Reads the files that they name. Throws {@link SettingsError} with everything that is wrong.
 */
export function readSettings(
  environment: Readonly<Record<string, string | undefined>>,
  dotenvText = '',
  commandLine: CommandLine = NO_COMMAND_LINE,
): Settings {
  const ofProcess = { ...withoutEmpty(environment), ...commandLine.environment };
  const given = withoutEmpty({ ...expandReferences(parse(dotenvText), ofProcess), ...ofProcess });
  const parsed = ENVIRONMENT.safeParse(withProxyNames(given));
  const problems = parsed.success ? [] : parsed.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`);
  // Where the environment is wrong its defaults do: what else is wrong is told with it.
  const settings = toSettings(parsed.data ?? withoutBad(given, problems), given, commandLine, problems);
  if (problems.length > 0) throw new SettingsError(problems);
  return settings;
}

function withoutEmpty(values: Readonly<Record<string, string | undefined>>): Record<string, string> {
  return Object.fromEntries(Object.entries(values).filter((entry): entry is [string, string] => !!entry[1]?.trim()));
}

function withoutBad(given: Readonly<Record<string, string>>, problems: readonly string[]): Environment {
  const isGood = ([name]: [string, string]) => !problems.some((problem) => problem.startsWith(`${name}: `));
  return ENVIRONMENT.parse(Object.fromEntries(Object.entries(withProxyNames(given)).filter(isGood)));
}

function toSettings(env: Environment, given: Readonly<Record<string, string>>, commandLine: CommandLine, problems: string[]): Settings {
  const servers = chooseServers(env, given, commandLine, problems);
  const credentials = readCredentials(env, commandLine, problems, proxiesOf(env, given));
  const { chatStatuses, warnings } = readChatStatuses(env, hasCredentials(credentials), proxiesOf(env, given));
  const { chat, warnings: ofChat } = readChat(env, problems, proxiesOf(env, given));
  return {
    host: env.HOST,
    port: env.PORT,
    logLevel: env.LOG_LEVEL,
    logPayloads: env.LOG_PAYLOADS,
    corsOrigins: env.CORS_ORIGINS,
    allowedHosts: 'ALLOWED_HOSTS' in given ? env.ALLOWED_HOSTS : ownHosts(env.HOST),
    maxBodyBytes: env.MAX_BODY_BYTES,
    maxUnreadBytes: env.MAX_UNREAD_BYTES,
    writeTimeoutMs: env.WRITE_TIMEOUT * 1000,
    redisUrl: env.REDIS_URL?.href,
    sharesLists: true,
    redisPrefix: env.REDIS_PREFIX,
    stateEncryptionKey: env.STATE_ENCRYPTION_KEY,
    signIn: signInOf(env, problems),
    allowGrantByLink: env.ALLOW_GRANT_BY_LINK,
    stateDirectory: env.XDG_STATE_HOME,
    replicas: env.REPLICAS,
    readyPolicy: readyPolicyOf(env, servers, problems),
    openWebUi: env.OPENWEBUI_URL === undefined ? undefined : { url: env.OPENWEBUI_URL, proxies: proxiesOf(env, given) },
    metricsAuth: metricsAuthOf(env, credentials, problems),
    alertWebhook: env.ALERT_WEBHOOK_URL === undefined ? undefined : { url: env.ALERT_WEBHOOK_URL, proxies: proxiesOf(env, given) },
    chat,
    tracing: readTracing(env, proxiesOf(env, given)),
    maxConnections: env.MAX_CONNECTIONS,
    maxSockets: env.MAX_SOCKETS,
    reservedConnections: env.RESERVED_CONNECTIONS ?? Math.max(1, Math.floor(env.MAX_CONNECTIONS / 5)),
    cacheTtlMs: env.CACHE_TTL * 1000,
    requestTimeoutMs: env.REQUEST_TIMEOUT * 1000,
    maxCallDurationMs: env.MAX_CALL_DURATION * 1000,
    elicitationTimeoutMs: env.ELICITATION_TIMEOUT * 1000,
    drainTimeoutMs: env.DRAIN_TIMEOUT === undefined ? longestWorkMs(env, servers, chat) : env.DRAIN_TIMEOUT * 1000,
    memoryLimitBytes: env.MEMORY_LIMIT,
    rateLimits: { client: env.RATE_LIMIT_CLIENT, roles: env.RATE_LIMIT_ROLES, system: env.RATE_LIMIT_SYSTEM },
    trustProxy: env.TRUST_PROXY,
    ...servers,
    ...credentials,
    chatStatuses,
    pathPrefix: pathOf('--path-prefix', commandLine.pathPrefix, problems),
    rootPath: pathOf('--root-path', commandLine.rootPath, problems),
    publicUrl: env.PUBLIC_URL,
    documentTitle: commandLine.name,
    documentDescription: commandLine.description,
    documentVersion: commandLine.documentVersion,
    tls: readServerTls(commandLine, problems),
    warnings: [...servers.warnings, ...credentials.warnings, ...ofChat, ...stateWarnings(env, servers), ...warnings],
  };
}

/** Users sign in where tokens come from. */
function signInOf(
  { OIDC_CLIENT_ID: clientId, OIDC_CLIENT_SECRET: clientSecret, OIDC_ISSUER }: Environment,
  problems: string[],
): Settings['signIn'] {
  if (clientId !== undefined && !OIDC_ISSUER) problems.push('OIDC_CLIENT_ID: needs OIDC_ISSUER');
  if (clientSecret !== undefined && clientId === undefined) problems.push('OIDC_CLIENT_SECRET: needs OIDC_CLIENT_ID');
  return clientId === undefined ? undefined : { clientId, clientSecret };
}

/** Nobody could read them. */
function metricsAuthOf({ METRICS_AUTH }: Environment, credentials: Pick<Settings, 'apiKeys' | 'tokens'>, problems: string[]): boolean {
  if (METRICS_AUTH && !hasCredentials(credentials))
    problems.push('METRICS_AUTH: needs something by which callers are known, like API_KEYS');
  return METRICS_AUTH;
}

/** Some servers may have more time than all others; a completion of a model, more than a call. */
function longestWorkMs(env: Environment, { upstreams }: Pick<Settings, 'upstreams'>, { providers, timeoutMs }: Settings['chat']): number {
  const calls = upstreams.map(({ maxCallDurationMs }) => maxCallDurationMs);
  return Math.max(env.MAX_CALL_DURATION * 1000, ...calls, ...(providers.length > 0 ? [timeoutMs] : []));
}

/** A name that is misspelt would keep the gateway from ever being ready. */
function readyPolicyOf(
  env: Environment,
  servers: Pick<Settings, 'upstreams' | 'inactiveServers'>,
  problems: string[],
): Settings['readyPolicy'] {
  const policy = env.READY_POLICY;
  if (typeof policy === 'string' || problems.length > 0) return policy;
  const known = [...servers.upstreams, ...servers.inactiveServers].map(({ name }) => name);
  if (!policy.every((name) => known.includes(name)))
    problems.push(`READY_POLICY: names a server that is not there; there are ${known.join(', ') || 'none'}`);
  return policy;
}

function stateWarnings(
  { REDIS_URL, STATE_ENCRYPTION_KEY, REDIS_PREFIX }: Environment,
  { upstreams }: Pick<Settings, 'upstreams'>,
): string[] {
  const isGranted = upstreams.some((upstream) => upstream.kind === 'http' && upstream.oauth?.kind === 'person');
  if (isGranted && !STATE_ENCRYPTION_KEY) return [...withRedis(REDIS_URL), NOT_KEPT];
  const idle = (name: string) => `${name}: has no effect without REDIS_URL`;
  if (!REDIS_URL)
    return [...(STATE_ENCRYPTION_KEY && !isGranted ? [idle('STATE_ENCRYPTION_KEY')] : []), ...(REDIS_PREFIX ? [idle('REDIS_PREFIX')] : [])];
  return STATE_ENCRYPTION_KEY ? [] : [NOT_SHARED];
}

function withRedis(url: URL | undefined): string[] {
  return url ? [NOT_SHARED] : [];
}

const NOT_KEPT =
  'STATE_ENCRYPTION_KEY: not set, so what people grant at authorization servers stays in memory: after a restart they are asked again';

const NOT_SHARED =
  'STATE_ENCRYPTION_KEY: not set, so results of tools, outcomes of calls with an Idempotency-Key and sessions of WebSockets stay in the memory of this replica; lists of tools and limits are shared by REDIS_URL';

/** A path with a slash in front and none at its end; `/` and nothing are the same. */
function pathOf(flag: string, given: string | undefined, problems: string[]): string {
  const path = (given ?? '')
    .trim()
    .replace(/^(?=[^/])/, '/')
    .replace(/\/+$/, '');
  if (path !== '' && !/^(?:\/(?!\.{1,2}(?:\/|$))[\w.~-]+)+$/.test(path))
    problems.push(`${flag}: must be a path like /tools, of letters, digits and . _ ~ -`);
  return path;
}
