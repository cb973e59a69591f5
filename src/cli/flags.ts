/** A flag of the command line. */
export interface Flag {
  readonly name: string;
  /** Other spellings, with their dashes. */
  readonly also: readonly string[];
  /** What its value is called; undefined for one without a value. */
  readonly value: string | undefined;
  readonly isRepeatable?: true;
  /** Variable that it stands for, on top of the environment; texts of a repeatable one are joined by commas. */
  readonly variable?: string;
  readonly group: 'Servers' | 'Listening' | 'Callers' | 'Documents' | 'Program';
  readonly help: string;
}

/** Every flag, in the order of the help: those of mcpo, by mcpo's names. */
export const FLAGS = [
  {
    name: 'config',
    also: ['-c'],
    value: 'FILE',
    variable: 'MCP_CONFIG',
    group: 'Servers',
    help: 'file with {"mcpServers": {...}}, as mcpo and Claude Desktop have it',
  },
  { name: 'hot-reload', also: [], value: undefined, group: 'Servers', help: 'take over changes of that file while running' },
  {
    name: 'type',
    also: ['--server-type'],
    value: 'TYPE',
    group: 'Servers',
    help: 'of the server after --: stdio, sse or streamable-http; found out by itself',
  },
  {
    name: 'header',
    also: ['-H'],
    value: 'JSON',
    isRepeatable: true,
    group: 'Servers',
    help: 'headers for the URL after --, like {"Authorization": "Bearer TOKEN"}',
  },
  {
    name: 'env',
    also: ['-e'],
    value: 'NAME=VALUE',
    isRepeatable: true,
    group: 'Servers',
    help: 'variable for the servers that are started',
  },
  { name: 'env-path', also: [], value: 'FILE', group: 'Servers', help: 'settings file in place of ./.env' },
  { name: 'host', also: ['-h'], value: 'HOST', variable: 'HOST', group: 'Listening', help: 'address to listen on (127.0.0.1)' },
  { name: 'port', also: ['-p'], value: 'PORT', variable: 'PORT', group: 'Listening', help: 'port to listen on (8001); 0 takes a free one' },
  {
    name: 'stdio',
    also: [],
    value: undefined,
    group: 'Listening',
    help: 'serve MCP on stdin and stdout, for the client that starts it; listens on no port',
  },
  { name: 'ssl-certfile', also: ['-t'], value: 'FILE', group: 'Listening', help: 'PEM certificate: serves HTTPS' },
  { name: 'ssl-keyfile', also: ['-K'], value: 'FILE', group: 'Listening', help: 'PEM key of it' },
  { name: 'path-prefix', also: [], value: 'PATH', group: 'Listening', help: 'in front of every route' },
  { name: 'root-path', also: [], value: 'PATH', group: 'Listening', help: 'path that a proxy in front takes away' },
  {
    name: 'api-key',
    also: ['-k'],
    value: 'KEY',
    group: 'Callers',
    help: 'key that callers need, in place of API_KEYS; others can see it in the list of processes',
  },
  { name: 'strict-auth', also: [], value: undefined, group: 'Callers', help: 'documents and Swagger UI need the key, too' },
  {
    name: 'cors-allow-origins',
    also: [],
    value: 'ORIGIN',
    isRepeatable: true,
    variable: 'CORS_ORIGINS',
    group: 'Callers',
    help: 'browser origin that may call',
  },
  { name: 'name', also: ['-n'], value: 'NAME', group: 'Documents', help: 'title of the document; names a single server, too' },
  { name: 'description', also: ['-d'], value: 'TEXT', group: 'Documents', help: 'description of the document' },
  {
    name: 'version',
    also: ['-v'],
    value: 'VERSION',
    group: 'Documents',
    help: 'version of the document; alone, prints the version of mcpo-proxy',
  },
  {
    name: 'log-level',
    also: [],
    value: 'LEVEL',
    variable: 'LOG_LEVEL',
    group: 'Program',
    help: 'trace, debug, info, warn, error, fatal or silent (info)',
  },
  { name: 'help', also: [], value: undefined, group: 'Program', help: 'prints this' },
] as const satisfies readonly Flag[];

export type FlagName = (typeof FLAGS)[number]['name'];
