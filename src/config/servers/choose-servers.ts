import type { CommandLine } from '../command-line.js';
import { embeddedPlanner } from '../embedded-planner.js';
import type { Environment } from '../environment.js';
import { proxiesOf } from '../network/proxies.js';
import { readAhead } from '../files/read-ahead.js';
import type { ServerList, ServerSource, Settings } from '../settings.js';
import { SettingsError } from '../settings-error.js';
import {
  DEFAULT_CALLERS,
  DEFAULT_MAX_RESPONSE_BYTES,
  DEFAULT_TLS,
  DEFAULT_TOOLS,
  DEFAULT_TRANSLATION,
  type UpstreamPolicy,
  type UpstreamSettings,
} from '../upstream-settings.js';
import { commandServer } from './command-server.js';
import { AUTHORIZATION_WARNING, isNeverForwarded } from './forwardable.js';
import { type ReadServers, readServers } from './read-servers.js';
import type { SourceDefaults } from './server-defaults.js';
import { nameProblem, routeProblem } from './server-names.js';
import { withoutUserinfo } from './upstream-url.js';

type Chosen = Pick<
  Settings,
  'upstreams' | 'inactiveServers' | 'naming' | 'serverSource' | 'ignoredSources' | 'configPath' | 'hotReload' | 'reloadServers' | 'warnings'
>;

/** The servers of the first source that is given, never of two: the command line, a config file, MCP_SERVER_URL, else the embedded planner. */
export function chooseServers(
  env: Environment,
  given: Readonly<Record<string, string>>,
  commandLine: CommandLine,
  problems: string[],
): Chosen {
  const [serverSource, ...ignoredSources] = sourcesOf(given, commandLine);
  const defaults = {
    policy: policyOf(env),
    variables: given,
    childVariables: toVariables(commandLine.childVariables, problems),
    proxies: proxiesOf(env, given),
    startTimeoutMs: 'START_TIMEOUT' in given ? env.START_TIMEOUT * 1000 : undefined,
  };
  const warnings = idleFlags(commandLine, serverSource);
  const common = { serverSource, ignoredSources };
  if (serverSource === 'config file') {
    const file = fromFile(
      env.MCP_CONFIG as string,
      { ...defaults, variables: { ...given, ...defaults.childVariables } },
      commandLine,
      problems,
    );
    return { ...file, ...common, warnings: [...warnings, ...file.warnings] };
  }
  const { upstream, warnings: more } = single(serverSource, env, commandLine, defaults, problems);
  return { ...ALONE, ...common, upstreams: upstream ? [upstream] : [], warnings: [...warnings, ...more] };
}

const ALONE = { inactiveServers: [], naming: 'bare', configPath: undefined, hotReload: false, reloadServers: undefined } as const;

function sourcesOf(given: Readonly<Record<string, string>>, { server }: CommandLine): [ServerSource, ...ServerSource[]] {
  const sources: ServerSource[] = [];
  if (server.length > 0) sources.push('command line');
  if ('MCP_CONFIG' in given) sources.push('config file');
  if ('MCP_SERVER_URL' in given) sources.push('MCP_SERVER_URL');
  return [sources[0] ?? 'embedded planner', ...sources.slice(1)];
}

function policyOf(env: Environment): UpstreamPolicy {
  return {
    protocol: 'auto',
    ...DEFAULT_TRANSLATION,
    operationIds: env.OPERATION_IDS,
    ...DEFAULT_TOOLS,
    ...DEFAULT_CALLERS,
    requestTimeoutMs: env.REQUEST_TIMEOUT * 1000,
    maxCallDurationMs: env.MAX_CALL_DURATION * 1000,
    maxResponseBytes: DEFAULT_MAX_RESPONSE_BYTES,
    maxListBytes: env.MAX_LIST_BYTES,
  };
}

/** `NAME=VALUE` each. */
function toVariables(given: readonly string[], problems: string[]): Record<string, string> {
  const variables: Record<string, string> = {};
  for (const text of given) {
    const equals = text.indexOf('=');
    if (equals <= 0 || text.includes('\0')) problems.push('--env: must be NAME=VALUE');
    else variables[text.slice(0, equals)] = text.slice(equals + 1);
  }
  return variables;
}

function idleFlags(commandLine: CommandLine, source: ServerSource): string[] {
  const idle: string[] = [];
  if (commandLine.type !== undefined && source !== 'command line') idle.push('--type: has no effect without a server after --');
  if (commandLine.headers.length > 0 && !/^https?:/i.test(commandLine.server[0] ?? ''))
    idle.push('--header: has no effect without a URL after --');
  if (commandLine.hotReload && source !== 'config file') idle.push('--hot-reload: has no effect without --config');
  return idle;
}

function fromFile(
  given: string,
  defaults: SourceDefaults,
  { hotReload }: CommandLine,
  problems: string[],
): Omit<Chosen, 'serverSource' | 'ignoredSources'> {
  const file = given.trim();
  const reloadServers = async (): Promise<ServerList> => {
    const { upstreams, inactiveServers } = await readAhead((readFile) => readServers(file, defaults, readFile));
    return { upstreams, inactiveServers };
  };
  const common = { naming: 'prefixed', configPath: file, hotReload, reloadServers } as const;
  try {
    return { ...readServers(file, defaults), ...common };
  } catch (error) {
    if (!(error instanceof SettingsError)) throw error;
    problems.push(...error.problems);
    return { ...NOTHING, ...common };
  }
}

const NOTHING: ReadServers = { upstreams: [], inactiveServers: [], warnings: [] };

function single(
  source: Exclude<ServerSource, 'config file'>,
  env: Environment,
  commandLine: CommandLine,
  defaults: SourceDefaults,
  problems: string[],
): { readonly upstream: UpstreamSettings | undefined; readonly warnings: readonly string[] } {
  if (source === 'embedded planner') {
    const planner = embeddedPlanner(defaults.variables, defaults.policy);
    return { upstream: { ...planner, env: { ...planner.env, ...defaults.childVariables } }, warnings: [] };
  }
  const { name, warnings } = nameOf(commandLine.name);
  if (source === 'command line') return { upstream: commandServer(name, commandLine, defaults, problems), warnings };
  if (!env.MCP_SERVER_URL) return { upstream: undefined, warnings };
  const shown = withoutUserinfo(env.MCP_SERVER_URL);
  const headers = { ...shown.headers, ...env.MCP_HEADERS };
  const forwarding = forwardingOf(env);
  const policy = { ...defaults.policy, forwardHeaders: forwarding.headers };
  const way = { tls: DEFAULT_TLS, ...(defaults.proxies && { proxies: defaults.proxies }) };
  const upstream = { kind: 'http', name, transport: 'auto', url: shown.url, headers, ...way, ...policy } as const;
  return { upstream, warnings: [...warnings, ...forwarding.warnings] };
}

/** The callers' Authorization is passed on only to who asks for it twice. */
function forwardingOf({ MCP_FORWARD_HEADERS, MCP_FORWARD_AUTHORIZATION }: Environment) {
  const named = MCP_FORWARD_HEADERS.map((header) => header.toLowerCase());
  const others = named.filter((name) => name !== 'authorization');
  const warnings = others.filter(isNeverForwarded).map((name) => `MCP_FORWARD_HEADERS: ${name} is never passed on`);
  if (MCP_FORWARD_AUTHORIZATION) warnings.push(`MCP_FORWARD_AUTHORIZATION: ${AUTHORIZATION_WARNING}`);
  else if (others.length < named.length)
    warnings.push('MCP_FORWARD_HEADERS: authorization is not passed on without MCP_FORWARD_AUTHORIZATION=true');
  return { headers: MCP_FORWARD_AUTHORIZATION ? [...others, 'authorization'] : others, warnings };
}

/** `--name` is a title first; it names the server, too, where it can. */
function nameOf(given: string | undefined): { readonly name: string; readonly warnings: readonly string[] } {
  if (given === undefined) return { name: 'default', warnings: [] };
  const problem = nameProblem(given) ?? routeProblem([given]);
  return problem
    ? { name: 'default', warnings: [`--name: a title only, the server is called default: ${problem}`] }
    : { name: given, warnings: [] };
}
