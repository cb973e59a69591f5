import type { Environment } from './environment.js';

/** What docs/configuration.md says of each variable, in its order; default and range come from the schema. Nothing that runs imports this. */
export const ENVIRONMENT_DESCRIPTIONS: Readonly<Record<keyof Environment, string>> = {
  HOST: 'address to listen on; in a container `0.0.0.0`. One that other machines reach needs `API_KEYS`, or tokens',
  PORT: 'port to listen on; 0 takes a free one',
  LOG_LEVEL: 'what is logged: this level and those above it; `warning` is `warn`, `critical` is `fatal`',
  LOG_PAYLOADS:
    'what the log shows of arguments and results: nothing, their keys and types (`shape`), or values with secrets blotted out (`redacted`)',
  MCP_CONFIG: 'file of servers',
  MCP_SERVER_URL: 'a single server; userinfo in it becomes a Basic `Authorization` header',
  MCP_HEADERS: 'headers for it, as a JSON object of strings',
  MCP_FORWARD_HEADERS:
    "callers' headers that are passed on to it ([below](#callers-credentials)): names, or patterns with `*`, separated by commas; `,` for none",
  MCP_FORWARD_AUTHORIZATION:
    "`true` passes the callers' `Authorization` on to it, too, against the MCP specification's advice; what authenticated a caller to the gateway is never passed on",
  API_KEYS:
    'who may call: `name:key` or bare keys of 8 or more characters without spaces, separated by commas. Documents, metrics and the status of [health](health.md) stay public (`--strict-auth`)',
  API_KEYS_FILE: '[file of keys](#the-file-of-keys), beside `API_KEYS`',
  OIDC_ISSUER:
    'takes tokens (JWT) of this OpenID Connect issuer; written as the issuer writes itself. With `JWT_AUDIENCE` ([all ways to authenticate](authentication.md))',
  JWKS_URL: 'where the keys of an issuer without discovery are, in place of `OIDC_ISSUER`. With `JWT_ISSUER` and `JWT_AUDIENCE`',
  OIDC_CLIENT_ID:
    "the gateway's client at `OIDC_ISSUER`, with `{PUBLIC_URL}/oauth/signed-in` as its redirect URI: users who [authorize servers](authentication.md#servers-that-act-for-a-person) sign in there first",
  OIDC_CLIENT_SECRET: 'its secret',
  ALLOW_GRANT_BY_LINK: '`true` lets users authorize servers by the link alone, without signing in: see [security](security.md) before',
  JWT_ISSUER: 'what its tokens say as `iss`',
  JWT_AUDIENCE: 'audiences, separated by commas, of which a token must name one',
  JWT_ROLE_CLAIM: "claim of a token that holds the caller's role, a text",
  GROUPS_CLAIM: 'claim of a token that holds the [groups](#what-callers-may-use) of the caller, a text or a list of them',
  OPENWEBUI_SECRET_KEY: "Open WebUI's `WEBUI_SECRET_KEY` (16 or more characters): takes the sessions of its users",
  FORWARD_USER_INFO_HEADER_JWT_SECRET: "Open WebUI's secret of that name (16 or more characters): takes the user header that it signs",
  FORWARD_USER_INFO_HEADER_JWT: 'name of that header, where Open WebUI was told another one by this variable',
  FORWARD_USER_INFO_HEADER_USER_ID: 'the same for the plain user headers',
  FORWARD_USER_INFO_HEADER_USER_NAME: '',
  FORWARD_USER_INFO_HEADER_USER_EMAIL: '',
  FORWARD_USER_INFO_HEADER_USER_ROLE: '',
  FORWARD_USER_INFO_HEADER_USER_GROUPS:
    'name of the header with the groups of the user, which connections of Open WebUI send [where they are told to](authentication.md#tools-for-a-group)',
  FORWARD_SESSION_INFO_HEADER_CHAT_ID: 'the same for the header with the id of the chat',
  FORWARD_SESSION_INFO_HEADER_MESSAGE_ID: 'and for that of the answer',
  OPENWEBUI_URL:
    'where the gateway reaches Open WebUI, without user, password, query and fragment: `http://open-webui:8080`; for [`/health/openwebui`](health.md), and with the key below for its chats',
  OPENWEBUI_API_KEY:
    'key (`sk-...`) of an admin there: the progress of calls is [shown in its chats](streaming.md#in-open-webuis-chat). With `OPENWEBUI_URL`',
  ALLOW_ANONYMOUS:
    '`true` lets everybody call where no keys are set and `HOST` is an address that other machines reach; without it the gateway does not start there',
  CORS_ORIGINS: 'origins of pages that may call; `*` for all. Calls of other pages answer 403; programs send no origin and pass',
  ALLOWED_HOSTS:
    'host names, without port, under which the gateway answers, `*` for every one; others answer 403, but for health and metrics. Unless given: the names of this machine where `HOST` is a loopback address, else every one',
  PUBLIC_URL:
    'URL under which clients find the gateway, for the `servers` of its documents: `https://tools.example`, with or without the paths of `--root-path` and `--path-prefix`. Unless given: the host that they asked',
  MAX_BODY_BYTES: 'largest request body; a larger one answers 413',
  MAX_LIST_BYTES: 'largest list of tools of one server, all its pages together; beyond it the list before it stays',
  MAX_UNREAD_BYTES:
    'bytes of answers that wait to be read, over all connections; beyond them the reader that has stalled longest is cut ([limits](limits.md))',
  WRITE_TIMEOUT: 'seconds a reader may take nothing of its answer; then it is cut',
  START_TIMEOUT:
    'seconds a server over stdio may take until it has answered its first messages; unless set, 300 until one that `npx`, `uvx`, `bunx`, `pnpx` or `pipx` runs has served first, since it may have to be downloaded',
  REQUEST_TIMEOUT:
    'seconds a server may be silent during a call; a progress notification is a sign of life, comments that keep a stream open are none',
  MAX_CALL_DURATION: 'seconds a call may take in all',
  ELICITATION_TIMEOUT:
    'seconds that whoever made a call has to answer a question of its server; they count as no silence of it, but within `MAX_CALL_DURATION`',
  DRAIN_TIMEOUT:
    'seconds that the gateway waits for calls in flight when it is to [end](operations.md#the-end). Unless given: `MAX_CALL_DURATION`, or the longest that a server may take, or, with models of a provider, `CHAT_TIMEOUT`, whichever is longest',
  MEMORY_LIMIT:
    'memory that the gateway may have, like `512Mi`; beside a limit of its cgroup the lesser counts. While 85 % of it are used [new calls answer 503](operations.md#memory)',
  OPERATION_IDS:
    'how operations are called in documents: `tool`, by the names of their tools, or `mcpo`, as mcpo calls them (`tool_NAME_post`; [who needs it](switching-from-mcpo.md#names-of-functions))',
  CACHE_TTL:
    'seconds after which a tool list is asked for anew; by one replica for all where there is a Redis ([lists of tools](redis.md#lists-of-tools))',
  MAX_CONNECTIONS: 'calls in flight at once; beyond them 503 ([limits](limits.md))',
  RESERVED_CONNECTIONS:
    'calls in flight beside those, open only to clients who hold fewer than a tenth of `MAX_CONNECTIONS`. Unless given: a fifth of it, at least 1',
  MAX_SOCKETS: '[WebSockets](websocket.md) open at once; beyond them 503',
  RATE_LIMIT_CLIENT: 'calls a minute of one client: the user where known, else the key, else the address',
  RATE_LIMIT_ROLES: 'in its place for clients of a role: `admin:500,user:100`',
  RATE_LIMIT_SYSTEM: 'calls a minute of all clients together',
  TRUST_PROXY:
    'proxies in front whose `X-Forwarded-For` is believed: how many there are, or their addresses (`10.0.0.0/8`, `loopback`), separated by commas',
  HTTP_PROXY:
    'forward proxy, `http://user:password@host:port` or `host:port`, for all that the gateway fetches over `http://`: servers, access tokens, keys of issuers; never for this machine; these three in lower case, too ([more](#forward-proxies))',
  HTTPS_PROXY: 'the same over `https://`, in a tunnel',
  NO_PROXY:
    'hosts that are reached without: names with all below them, addresses, networks like `10.0.0.0/8`, each with a port or not, separated by commas; `*` for all',
  REDIS_URL:
    'a Redis that replicas share ([Redis](redis.md)): `redis://user:password@host:port/0`, or `rediss://` for TLS. Without it, and while it is away, each replica works from its own memory',
  REDIS_PREFIX: 'stands in front of every key there; keys begin with `mcpo:` after it',
  STATE_ENCRYPTION_KEY:
    'a secret of 32 characters or more, as `openssl rand -base64 32` prints it, the same on all replicas. With it results of tools, outcomes of calls with an `Idempotency-Key` and sessions of WebSockets are kept in Redis, encrypted; without it each replica keeps them in memory',
  XDG_STATE_HOME:
    '`mcpo-proxy/grants.json` in this folder keeps what people granted, encrypted, where there is `STATE_ENCRYPTION_KEY` and no `REDIS_URL`. Unless given: `~/.local/state`',
  READY_POLICY:
    'what must be there for [`/ready`](health.md#readiness): `any` catalogue, the tools of `all` servers, or that the servers of these names are up, separated by commas',
  METRICS_AUTH: '`true` has [`/metrics`](metrics.md) need a key like a call',
  ALERT_WEBHOOK_URL:
    'URL to which [alerts](operations.md#alerts-without-prometheus) are posted as JSON; it may hold a secret, and is never shown',
  OTEL_EXPORTER_OTLP_ENDPOINT:
    'where [spans of calls](tracing.md) are sent to, by OTLP over HTTP with protobuf: `http://collector:4318`, to which `/v1/traces` is added. Without it and the next one nothing is traced',
  OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: 'the whole URL in its place',
  OTEL_EXPORTER_OTLP_HEADERS:
    'headers for it, which may hold a secret and are never shown: `name=value`, separated by commas, values percent-encoded',
  OTEL_SERVICE_NAME: 'what the gateway is called in spans',
  OTEL_RESOURCE_ATTRIBUTES: 'what else spans say of it: `deployment.environment.name=staging`, written as the headers are',
  OTEL_TRACES_SAMPLER:
    'which calls are traced: all, none, or a share; with `parentbased_` those of callers who say in `traceparent` whether they trace are traced as these say',
  OTEL_TRACES_SAMPLER_ARG: 'that share, from 0 to 1',
  OPENAI_API_BASE_URL:
    'an OpenAI-compatible server (Ollama, vLLM, OpenAI) whose models [chat](chat.md) with the tools, `http://ollama:11434/v1`',
  OPENAI_API_BASE_URLS: 'several of them in its place, separated by semicolons',
  OPENAI_API_KEY: 'the key for it',
  OPENAI_API_KEYS: 'the keys for several, in their order, separated by semicolons; one may be empty',
  MAX_CHATS: 'completions in flight at once; beyond them 503. Their calls of tools take places of `MAX_CONNECTIONS`',
  MAX_CHAT_BODY_BYTES: 'largest body of a completion: conversations hold images',
  CHAT_TIMEOUT: 'seconds a completion may take in all',
  CHAT_MAX_ROUNDS: 'how often a model is asked for one completion',
  CHAT_MAX_CALLS: 'calls of tools for one completion; the model is told that others did not run',
  CHAT_MAX_TOOLS: "tools that a model is offered, its caller's own beside them; more than 128 in all are too many for some",
  CHAT_MAX_RESULT_CHARACTERS: 'characters of one result that the model gets',
  REPLICAS: 'how many gateways share the limits: while there is no Redis, each admits its share of them',
};
