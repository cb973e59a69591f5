import { childEnvironment } from '../child-environment.js';
import type { CommandLine } from '../command-line.js';
import { DEFAULT_TLS, type UpstreamSettings } from '../upstream-settings.js';
import { parseHeaders } from './parse-headers.js';
import type { SourceDefaults } from './server-defaults.js';
import { startTimeouts } from './start-timeouts.js';
import { transportOf, TYPES } from './transport-type.js';
import { toHttpUrl, withoutUserinfo } from './upstream-url.js';

/** The server that a command line names after `--`: a command, or a URL. What is wrong goes to `problems`, without values. */
export function commandServer(
  name: string,
  commandLine: CommandLine,
  defaults: SourceDefaults,
  problems: string[],
): UpstreamSettings | undefined {
  const { server, type } = commandLine;
  const [first = '', ...args] = server;
  const isUrl = /^https?:\/\//i.test(first);
  const transport = type === undefined ? undefined : transportOf(type);
  if (type !== undefined && transport === undefined) problems.push(`--type: must be one of ${TYPES.join(', ')}`);
  else if (type !== undefined && transport !== 'stdio' && !isUrl)
    problems.push(`--type: ${type} needs an http:// or https:// URL after --`);
  else if (transport === 'stdio' && isUrl) problems.push('--type: stdio needs a command after --, not a URL');
  else if (first.trim() === '') problems.push('--: an empty command');
  else if (isUrl && args.length > 0) problems.push('--: a URL takes no arguments; options of the gateway come before --');
  else return isUrl ? toHttp(name, first, commandLine, defaults, problems) : toStdio(name, first, args, commandLine, defaults);
  return undefined;
}

function toStdio(name: string, command: string, args: readonly string[], _: CommandLine, defaults: SourceDefaults): UpstreamSettings {
  const env = childEnvironment(defaults.childVariables, defaults.variables);
  return {
    kind: 'stdio',
    name,
    command,
    args,
    env,
    cwd: undefined,
    ...startTimeouts(command, defaults.startTimeoutMs),
    ...defaults.policy,
  };
}

function toHttp(name: string, given: string, { type, headers }: CommandLine, { policy, proxies }: SourceDefaults, problems: string[]) {
  const url = toHttpUrl(given);
  const own = headers.map((text) => parseHeaders(text));
  problems.push(...own.flatMap((each) => each.problems.map((problem) => `--header: ${problem}`)));
  if (typeof url === 'string') return void problems.push(`--: the URL ${url}`);
  const shown = withoutUserinfo(url);
  const transport = type === undefined ? 'auto' : transportOf(type) === 'sse' ? 'sse' : 'streamable-http';
  const all = Object.assign({}, shown.headers, ...own.map((each) => each.headers)) as Record<string, string>;
  return {
    kind: 'http' as const,
    name,
    transport,
    url: shown.url,
    headers: all,
    tls: DEFAULT_TLS,
    ...(proxies && { proxies }),
    ...policy,
  } as const;
}
