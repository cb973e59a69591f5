import type { CommandLine } from '../config/command-line.js';
import { SettingsError } from '../config/settings-error.js';
import { VERSION } from '../config/version.js';
import { type Flag, FLAGS } from './flags.js';
import { help } from './help.js';
import { type ScannedArguments, scanArguments } from './scan-arguments.js';

/** What a command line asks for: a text to print, to serve, to check the servers and end, or to have a person authorize one. */
type Command =
  | { readonly kind: 'print'; readonly text: string }
  | { readonly kind: 'authorize'; readonly server: string; readonly commandLine: CommandLine; readonly dotenvFile: string | undefined }
  | { readonly kind: 'serve' | 'stdio' | 'check'; readonly commandLine: CommandLine; readonly dotenvFile: string | undefined };

/** Reads the command line. Throws {@link SettingsError} for all that it does not know. */
export function parseCommandLine(args: readonly string[]): Command {
  const scanned = scanArguments(args);
  if (scanned.values.has('help')) return { kind: 'print', text: help() };
  if (scanned.problems.length > 0) throw new SettingsError(scanned.problems);
  if (scanned.values.get('version')?.[0] === '') return { kind: 'print', text: `${VERSION}\n` };
  const given = { commandLine: toCommandLine(scanned), dotenvFile: scanned.values.get('env-path')?.[0] };
  if (scanned.authorizes !== undefined) return { kind: 'authorize', server: scanned.authorizes, ...given };
  if (scanned.isCheck) return { kind: 'check', ...given };
  return { kind: scanned.values.has('stdio') ? 'stdio' : 'serve', ...given };
}

function toCommandLine({ values, rest }: ScannedArguments): CommandLine {
  return {
    environment: variablesOf(values),
    server: rest,
    type: values.get('type')?.[0],
    headers: values.get('header') ?? [],
    childVariables: values.get('env') ?? [],
    apiKey: values.get('api-key')?.[0],
    strictAuth: values.has('strict-auth'),
    hotReload: values.has('hot-reload'),
    name: values.get('name')?.[0],
    description: values.get('description')?.[0],
    documentVersion: values.get('version')?.[0],
    certFile: values.get('ssl-certfile')?.[0],
    keyFile: values.get('ssl-keyfile')?.[0],
    rootPath: values.get('root-path')?.[0],
    pathPrefix: values.get('path-prefix')?.[0],
  };
}

function variablesOf(values: ScannedArguments['values']): Record<string, string> {
  const variables: Record<string, string> = {};
  for (const { name, variable } of FLAGS as readonly (Flag & { readonly name: (typeof FLAGS)[number]['name'] })[]) {
    const given = values.get(name);
    if (variable !== undefined && given !== undefined) variables[variable] = given.join(',');
  }
  return variables;
}
