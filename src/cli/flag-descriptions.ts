import type { FlagName } from './flags.js';

/** What docs/configuration.md says of each flag; spellings come from the flags. Nothing that runs imports this. */
export const FLAG_DESCRIPTIONS: Readonly<Record<FlagName, string>> = {
  config: '`MCP_CONFIG`',
  'hot-reload': 'takes changes of the file over while running; a broken file changes nothing',
  type: 'of the server after `--`: `stdio`, `sse`, `streamable-http` (also `streamable_http`, `streamablehttp`, `http`). Not needed: a URL is tried as streamable HTTP, then as SSE',
  header: 'headers for the URL after `--`, a JSON object of strings; repeatable',
  env: '`NAME=VALUE` for the servers that are started, and for `${NAME}` in the file; repeatable',
  'env-path': 'settings file in place of `.env`',
  host: '`HOST` (`-h` is not the help)',
  port: '`PORT`',
  stdio: 'serves [MCP on stdin and stdout](mcp.md#over-stdio) to the one client that starts it, and listens on no port',
  'ssl-certfile': 'PEM certificate: HTTPS is served in place of HTTP',
  'ssl-keyfile': 'its PEM key, without a passphrase; whether a client comes through a handshake with both is tried before the port opens',
  'path-prefix': 'path in front of every route, like `/tools`',
  'root-path': 'path that a proxy in front takes away, for URLs in documents',
  'api-key': 'one key, in place of `API_KEYS`. Other users of the machine can see it in the list of processes: prefer `API_KEYS`',
  'strict-auth': 'everything but health, readiness, metrics and the steps of an authorization (`/oauth/`, `/.well-known/`) needs a key',
  'cors-allow-origins': '`CORS_ORIGINS`; repeatable',
  name: 'title of the document; the name of a single server, too, where it can be one',
  description: 'description of the document',
  version: 'version of the document; without a value prints the version of mcpo-proxy',
  'log-level': '`LOG_LEVEL`',
  help: 'prints all this in short',
};
