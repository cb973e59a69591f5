import { z } from 'zod';
import { TYPE_PATTERNS, TYPES } from './transport-type.js';

const DAY_MS = 86_400_000;
const DAY_S = 86_400;
const GIB = 1024 ** 3;
/** Calls a minute. */
const MAX_RATE_LIMIT = 1_000_000_000;
/** More would never be seen by a model. */
const MAX_LIST = 10_000;

const text = (meta?: string) => described(z.string({ error: 'must be a string' }).min(1, { error: 'must not be empty' }), meta);
const flag = (meta: string) => described(z.boolean({ error: 'must be true or false' }), meta);
const texts = (meta: string) => described(z.array(text(), { error: 'must be a list of strings' }).max(MAX_LIST), meta);
const whole = (max: number, meta?: string) => {
  const error = `must be a whole number from 1 to ${max}`;
  return described(z.number({ error }).int({ error }).min(1, { error }).max(max, { error }), meta);
};
const oneOf = <const T extends readonly [string, ...string[]]>(values: T, meta: string) =>
  described(z.enum(values, { error: `must be one of ${values.join(', ')}` }), meta);
const map = (meta: string) =>
  described(z.record(z.string(), z.string({ error: 'must be a string' }), { error: 'must be an object of strings' }), meta);
const object = <T extends z.ZodRawShape>(shape: T, meta: string) => described(z.looseObject(shape, { error: 'must be an object' }), meta);

function described<T extends z.ZodType>(schema: T, description: string | undefined): T {
  return description === undefined ? schema : (schema.describe(description) as T);
}

const OF_TYPES = { error: `must be one of ${TYPES.join(', ')}` };

/** Keys of a server, as the file spells them. What cannot be said key by key is judged by `entryToUpstream`. */
export const SERVER_ENTRY = object(
  {
    command: text('Program of a server that the gateway runs over stdio; started without a shell.').optional(),
    args: described(
      z.array(z.string({ error: 'must be a string' }), { error: 'must be a list of strings' }).max(MAX_LIST),
      'Arguments of `command`, each passed as it is. ${NAME}, ${NAME:-default} and ${file:PATH} are expanded.',
    ).optional(),
    env: map(
      'Environment of `command`, on top of PATH, HOME and the like. ${NAME}, ${NAME:-default} and ${file:PATH} are expanded.',
    ).optional(),
    cwd: text('Working directory of `command`. ${NAME}, ${NAME:-default} and ${file:PATH} are expanded.').optional(),
    type: described(
      z.union([z.enum(TYPES, OF_TYPES), z.string(OF_TYPES).regex(new RegExp(TYPE_PATTERNS.all), OF_TYPES)], OF_TYPES),
      'Transport, in any case; a `url` without it is tried as streamable HTTP, then as SSE.',
    ).optional(),
    url: text('Address of a server over HTTP. ${NAME}, ${NAME:-default} and ${file:PATH} are expanded.').optional(),
    headers: map('Sent with every request to `url`. ${NAME}, ${NAME:-default} and ${file:PATH} are expanded.').optional(),
    tls: object(
      {
        ca: text("PEM text or PEM file of the certificates that are trusted in place of the system's.").optional(),
        insecure: flag('Takes any certificate.').optional(),
      },
      'How the certificate of `url` is judged.',
    ).optional(),
    proxy: described(
      z.union([z.string().min(1), z.literal(false)], { error: 'must be a string, or false' }),
      'Forward proxy on the way to `url`, in place of HTTP_PROXY and HTTPS_PROXY; false for none. ${NAME}, ${NAME:-default} and ${file:PATH} are expanded.',
    ).optional(),
    disabled: flag('Keeps the server from being started.').optional(),
    enabled: flag('The same the other way round: false keeps the server from being started.').optional(),
    disabledTools: texts('Tools that are not served: names, or patterns with *.').optional(),
    tools: object(
      {
        allow: texts('Tools that are served: names, or patterns with *.').optional(),
        deny: texts('Tools that are not served; wins over `allow`.').optional(),
      },
      'Which tools are served.',
    ).optional(),
    idempotentTools: texts('Tools that may be called again when nobody knows whether they ran: names, or patterns with *.').optional(),
    trustAnnotations: flag('Believes readOnlyHint and idempotentHint of the server for that.').optional(),
    toolLimits: described(
      z
        .record(z.string(), whole(MAX_RATE_LIMIT), { error: 'must be an object of numbers' })
        .refine((limits) => Object.keys(limits).length <= MAX_LIST, { error: `must have ${MAX_LIST} entries at the most` }),
      'Calls a minute of one client to each tool whose name, or pattern with *, this is; the least holds.',
    ).optional(),
    cache: described(
      z
        .record(z.string(), whole(DAY_S), { error: 'must be an object of numbers' })
        .refine((cached) => Object.keys(cached).length <= MAX_LIST, { error: `must have ${MAX_LIST} entries at the most` }),
      'Seconds for which a result of each tool whose name, or pattern with *, this is stands for another of the same arguments; the least holds. Only for tools that change nothing.',
    ).optional(),
    startTimeoutMs: whole(DAY_MS, 'Longest start of `command`, in milliseconds (START_TIMEOUT).').optional(),
    timeoutMs: whole(DAY_MS, 'Longest silence during a call, in milliseconds (REQUEST_TIMEOUT).').optional(),
    maxDurationMs: whole(DAY_MS, 'Longest call in all, in milliseconds (MAX_CALL_DURATION).').optional(),
    maxResponseBytes: whole(GIB, 'Largest answer to a call, in bytes.').optional(),
    protocol: oneOf(['auto', 'legacy', 'modern'], 'Generation of MCP; auto asks the server.').optional(),
    validation: oneOf(['full', 'types', 'off'], 'How strictly arguments are judged before they are sent.').optional(),
    formats: oneOf(['off', 'on'], 'Whether values must fit the format that a schema names, or may be anything.').optional(),
    nulls: oneOf(['keep', 'drop-optional'], 'Whether null in place of an optional value is sent or dropped.').optional(),
    inlineHtml: flag('Answers an embedded HTML resource as a page, which Open WebUI shows in the chat.').optional(),
    binary: oneOf(
      ['describe', 'keep'],
      'What becomes of audio and other binary data in results: a description of it, or the item as the server wrote it.',
    ).optional(),
    operationIds: oneOf(['tool', 'mcpo'], 'How operations are called in documents: as their tools, or as mcpo calls them.').optional(),
    forwardHeaders: texts('Headers of the caller that are passed on: names, or patterns with *.').optional(),
    client_header_forwarding: object(
      {
        enabled: flag('Whether headers of the caller are passed on.').optional(),
        whitelist: texts('Those that are: names, or patterns with *.').optional(),
        blacklist: texts('Those that are not; wins.').optional(),
      },
      "mcpo's spelling of `forwardHeaders`.",
    ).optional(),
    shareCatalog: flag("Shows a list of tools that was learnt with one caller's credentials to every caller.").optional(),
    oauth: object(
      {
        grant: oneOf(
          ['client_credentials'],
          'How access tokens are had: by credentials of a client, without a person; without it by a person, in a browser.',
        ).optional(),
        per: oneOf(['operator', 'user'], 'Who grants: whoever runs the gateway, for all callers, or each user for themselves.').optional(),
        tokenUrl: text('Where tokens are had; without it the server is asked.').optional(),
        issuer: text('The only authorization server that gets the secret, where the server is asked.').optional(),
        clientId: text('Name of the client at the authorization server.').optional(),
        clientSecret: text('Its secret. ${NAME}, ${NAME:-default} and ${file:PATH} are expanded, here and in the other texts.').optional(),
        privateKey: text(
          'A private key of the client in PEM, in place of its secret: what it signs proves who it is (RFC 7523).',
        ).optional(),
        scope: text('Scopes, with spaces between; without it those that the server names.').optional(),
        resource: described(
          z.union([z.string().min(1), z.literal(false)], { error: 'must be a string, or false' }),
          'For what tokens are: the URL of the server unless said otherwise; false leaves it out.',
        ).optional(),
        authentication: oneOf(['basic', 'post'], 'Where the secret stands: in the header, or in the body.').optional(),
        allowPrivateAddresses: flag('Takes URLs at private addresses that the server or its authorization server names.').optional(),
        clientMetadataUrl: text("An https:// URL of a client's metadata document, in place of the gateway's own.").optional(),
        server_url: described(
          z.unknown(),
          "mcpo's: an authorization server at this origin may be at a private address; `url` holds.",
        ).optional(),
        storage_type: oneOf(['file', 'memory'], 'Where what a person grants is kept; mcpo calls it so.').optional(),
        callback_port: whole(
          65_535,
          "Port of this machine that the browser of whoever runs the gateway is sent back to, in place of the gateway's own URL.",
        ).optional(),
        use_loopback: flag('Whether there is such a port (3030 unless `callback_port` says otherwise).').optional(),
        client_metadata: described(
          z.record(z.string(), z.unknown(), { error: 'must be an object' }),
          'Said of the gateway where it registers itself: `client_name` and the like (RFC 7591).',
        ).optional(),
      },
      'Gets access tokens for the server: by a client, or by a person who grants them in a browser.',
    ).optional(),
  },
  'An MCP server.',
);

/** A server as the file describes it. */
export type ServerEntry = z.output<typeof SERVER_ENTRY>;

/** The file around the servers. Their entries are judged one by one. */
export const SERVERS_FILE = object(
  {
    $schema: z.string({ error: 'must be a string' }).optional(),
    mcpServers: described(
      z.record(z.string(), SERVER_ENTRY, {
        error: ({ input }) =>
          input === undefined ? 'missing; the file must hold {"mcpServers": {"NAME": {...}}}' : 'must be an object of servers',
      }),
      'The servers by name.',
    ),
  },
  'MCP servers, as mcpo and Claude Desktop list them.',
);
