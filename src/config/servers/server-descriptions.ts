import type { z } from 'zod';
import type { SERVER_ENTRY } from './server-entry.js';

/** `tls.ca` for a key inside a key. */
type KeyOf<Shape> = {
  [Key in keyof Shape & string]: Shape[Key] extends z.ZodOptional<z.ZodObject<infer Inner, z.core.$loose>>
    ? `${Key}.${keyof Inner & string}`
    : Key;
}[keyof Shape & string];

/** Of one key of a server in docs/configuration.md. */
interface KeyDescription {
  /** Where it is not for all. */
  readonly of?: 'stdio' | 'HTTP';
  /** As Markdown; where it has one. */
  readonly fallback?: string;
  readonly meaning: string;
}

/** What docs/configuration.md says of each key of a server, in its order. Nothing that runs imports this. */
export const SERVER_DESCRIPTIONS: Readonly<Record<KeyOf<typeof SERVER_ENTRY.shape>, KeyDescription>> = {
  command: { of: 'stdio', meaning: 'program that the gateway runs, without a shell' },
  args: { of: 'stdio', fallback: '`[]`', meaning: 'its arguments, each passed as it is' },
  env: {
    of: 'stdio',
    fallback: '`{}`',
    meaning:
      "its environment, on top of `PATH`, `HOME`, `LANG`, proxies, `npm_config_*` and `UV_*` without tokens and passwords, and the like. Nothing else of the gateway's environment reaches it: a server that needs the token of a registry gets it here",
  },
  cwd: { of: 'stdio', fallback: "the gateway's", meaning: 'its working directory' },
  url: { of: 'HTTP', meaning: 'address of the server; one without a path is tried as it is, then with `/mcp`, then `/sse`' },
  type: {
    fallback: 'found out',
    meaning: '`stdio`, `sse`, `streamable-http` (also `streamable_http`, `streamablehttp`, `http`), in any case',
  },
  headers: {
    of: 'HTTP',
    fallback: '`{}`',
    meaning:
      'sent with every request. `Host` and headers of the connection are refused; those that the gateway sets itself are left out, with a warning',
  },
  proxy: {
    of: 'HTTP',
    fallback: '`HTTP_PROXY`, `HTTPS_PROXY`',
    meaning: 'forward proxy on the way to the server and to its authorization server, whatever `NO_PROXY` says; `false` for none',
  },
  'tls.ca': {
    of: 'HTTP',
    fallback: "the system's",
    meaning: "PEM file, or PEM text, of the certificates that are trusted in place of the system's",
  },
  'tls.insecure': { of: 'HTTP', fallback: '`false`', meaning: 'takes any certificate' },
  disabled: { fallback: '`false`', meaning: 'keeps the server from being started' },
  enabled: { fallback: '`true`', meaning: 'the same the other way round, as other programs write it' },
  disabledTools: { fallback: '`[]`', meaning: 'tools that are not served: names, or patterns with `*`' },
  'tools.allow': { fallback: 'all', meaning: 'tools that are served' },
  'tools.deny': { fallback: '`[]`', meaning: 'as `disabledTools`; both win over `tools.allow`' },
  idempotentTools: { fallback: '`[]`', meaning: 'tools that may be called again when nobody knows whether they ran' },
  trustAnnotations: { fallback: '`false`', meaning: 'believes `readOnlyHint` and `idempotentHint` of the server for that' },
  toolLimits: {
    fallback: '`{}`',
    meaning:
      'calls a minute of one client to each tool whose name, or pattern with `*`, is named: `{"export_*": 5}`; of several the least holds ([limits](limits.md))',
  },
  cache: {
    fallback: '`{}`',
    meaning:
      'seconds for which a result of each tool whose name, or pattern with `*`, is named stands for another call with the same arguments and credentials: `{"list_*": 30}`; of several the least holds. Only for tools that change nothing ([caching](caching.md))',
  },
  startTimeoutMs: {
    of: 'stdio',
    fallback: '`START_TIMEOUT`',
    meaning: 'milliseconds its process may take until it has answered its first messages',
  },
  timeoutMs: { fallback: '`REQUEST_TIMEOUT`', meaning: 'milliseconds the server may be silent during a call' },
  maxDurationMs: { fallback: '`MAX_CALL_DURATION`', meaning: 'milliseconds a call may take in all' },
  maxResponseBytes: { fallback: '`10485760`', meaning: 'largest answer to a call' },
  protocol: {
    fallback: '`auto`',
    meaning: 'generation of MCP: `auto` asks the server, `legacy` (up to 2025-11-25), `modern` (from 2026-07-28)',
  },
  validation: { fallback: '`full`', meaning: 'how strictly arguments are judged before they are sent: `full`, `types`, `off`' },
  formats: {
    fallback: '`off`',
    meaning:
      '`off` takes `format` for an annotation, as JSON Schema 2020-12 does: nothing is refused for it; `on` refuses what is surely not of its format',
  },
  nulls: { fallback: '`keep`', meaning: '`drop-optional` leaves out null where an optional value has no null in its schema' },
  inlineHtml: { fallback: '`false`', meaning: 'answers an embedded HTML resource as a page, which Open WebUI shows in the chat' },
  binary: {
    fallback: '`describe`',
    meaning:
      'what becomes of audio and other binary data in results, which models would read as text: `describe` says type and size in its place ([how](translation.md#what-comes-back)), `keep` passes the item on as the server wrote it',
  },
  operationIds: { fallback: '`OPERATION_IDS`', meaning: '`tool` or `mcpo`' },
  forwardHeaders: {
    of: 'HTTP',
    fallback: '`[]`',
    meaning: "callers' headers that are passed on: names, or patterns with `*` ([below](#callers-credentials))",
  },
  'client_header_forwarding.enabled': { of: 'HTTP', fallback: '`false`', meaning: "mcpo's spelling of it" },
  'client_header_forwarding.whitelist': { of: 'HTTP', fallback: '`["*"]`', meaning: 'names, or patterns with `*`' },
  'client_header_forwarding.blacklist': { of: 'HTTP', fallback: '`[]`', meaning: 'wins' },
  shareCatalog: {
    of: 'HTTP',
    fallback: '`false`',
    meaning:
      "shows a list that was learnt with one caller's credentials to every caller, where the server [lists nothing without](#callers-credentials); without it each caller sees what its own credentials show",
  },
  'oauth.grant': {
    of: 'HTTP',
    fallback: 'a person grants',
    meaning:
      "`client_credentials`: [access tokens](#access-tokens-for-servers) by a client's own credentials; without it [a person grants them](authentication.md#servers-that-act-for-a-person) in a browser",
  },
  'oauth.per': {
    of: 'HTTP',
    fallback: '`operator`',
    meaning: '`operator`: whoever runs the gateway grants, for all callers; `user`: each user for themselves',
  },
  'oauth.clientId': {
    of: 'HTTP',
    meaning: 'name of the client; needed with `client_credentials`, else one that was registered beforehand',
  },
  'oauth.clientSecret': { of: 'HTTP', meaning: 'its secret; needed with `client_credentials`, unless there is `privateKey`' },
  'oauth.privateKey': {
    of: 'HTTP',
    meaning:
      'private key of the client in PEM, in place of its secret: what it signs proves who it is (RFC 7523). RSA of 2048 bits or more, P-256, P-384 or P-521; `${file:PATH}` reads it from a file',
  },
  'oauth.tokenUrl': { of: 'HTTP', fallback: 'the server is asked', meaning: 'where tokens are had' },
  'oauth.issuer': {
    of: 'HTTP',
    fallback: 'the one that the server names',
    meaning:
      'without `tokenUrl`: the only authorization server that gets the secret. Without either the server decides who gets it, and the log warns',
  },
  'oauth.scope': { of: 'HTTP', fallback: 'those that the server names', meaning: 'with spaces between' },
  'oauth.resource': {
    of: 'HTTP',
    fallback: 'the URL of the server, or as its metadata names itself',
    meaning: 'for what tokens are (RFC 8707); `false` leaves it out, for authorization servers that refuse it',
  },
  'oauth.authentication': {
    of: 'HTTP',
    fallback: '`basic` with `tokenUrl`, else what the authorization server offers',
    meaning:
      '`basic` or `post`: the secret in the header or in the body. A secret with characters beyond letters, digits and `-._~` is safest as `post`',
  },
  'oauth.allowPrivateAddresses': {
    of: 'HTTP',
    fallback: '`false`',
    meaning:
      'takes URLs at private addresses, also of this machine, that the server or its authorization server names. Those in the settings are taken as they are',
  },
  'oauth.clientMetadataUrl': {
    of: 'HTTP',
    fallback: '`{PUBLIC_URL}/oauth/client.json`, over https',
    meaning: 'metadata document of the client, where the authorization server takes such',
  },
  'oauth.server_url': {
    of: 'HTTP',
    meaning: "mcpo's: `url` holds, and an authorization server at this origin may be at a private address",
  },
  'oauth.storage_type': {
    of: 'HTTP',
    fallback: '`file`',
    meaning: "mcpo's: `memory` keeps what is granted for as long as the process lives",
  },
  'oauth.callback_port': {
    of: 'HTTP',
    meaning:
      "mcpo's: the operator's browser comes back to `http://localhost:{port}/callback` on this machine, in place of `{PUBLIC_URL}/oauth/callback`",
  },
  'oauth.use_loopback': { of: 'HTTP', meaning: "mcpo's: `true` without `callback_port` is port 3030, `false` is none" },
  'oauth.client_metadata': {
    of: 'HTTP',
    meaning:
      "mcpo's: said of the gateway where it registers itself, like `client_name`. The first of `redirect_uris` is where the operator's browser comes back to, before `callback_port`",
  },
};
