/** What a command line says, still as texts. Flags that a variable exists for are in `environment`, by the variable's name. */
export interface CommandLine {
  readonly environment: Readonly<Record<string, string>>;
  /** What follows `--`: a command and its arguments, or a URL. */
  readonly server: readonly string[];
  readonly type: string | undefined;
  readonly headers: readonly string[];
  /** `NAME=VALUE` each. */
  readonly childVariables: readonly string[];
  readonly apiKey: string | undefined;
  readonly strictAuth: boolean;
  readonly hotReload: boolean;
  readonly name: string | undefined;
  readonly description: string | undefined;
  readonly documentVersion: string | undefined;
  readonly certFile: string | undefined;
  readonly keyFile: string | undefined;
  readonly rootPath: string | undefined;
  readonly pathPrefix: string | undefined;
}

/** A command line that says nothing. */
export const NO_COMMAND_LINE: CommandLine = {
  environment: {},
  server: [],
  type: undefined,
  headers: [],
  childVariables: [],
  apiKey: undefined,
  strictAuth: false,
  hotReload: false,
  name: undefined,
  description: undefined,
  documentVersion: undefined,
  certFile: undefined,
  keyFile: undefined,
  rootPath: undefined,
  pathPrefix: undefined,
};
