/** A tool server as an admin connects it: its base URL, and the id that chats select it by. */
export interface ToolServer {
  readonly id: string;
  readonly name: string;
  readonly url: string;
  /** `openapi` unless told. */
  readonly type?: 'openapi' | 'mcp';
  /** A key, or the session of the person who chats; nothing is sent without it. */
  readonly auth?: { readonly key: string } | 'session';
  /** Header templates. */
  readonly headers?: Readonly<Record<string, string>>;
}

/** Somebody who can sign in. */
export interface Person {
  readonly name: string;
  readonly email: string;
  readonly password: string;
}

/** What Open WebUI signs with: the sessions of its users, and the header that names them. */
export const SECRETS = { session: 'a-secret-for-tests-a-secret-for-tests', userHeader: 'another-secret-for-tests-another-secret' } as const;
export const ADMIN: Person = { name: 'Admin', email: 'admin@example.test', password: 'a-password-for-tests' };

export interface EnvironmentOptions {
  readonly folder: string;
  readonly dataFolder: string;
  /** Of its providers of models, by `;`. */
  readonly modelUrl: string;
  readonly toolServers: readonly ToolServer[];
  /** Whether users are told in a signed header, in place of plain ones; true unless told. */
  readonly signsUsers?: boolean;
  /** In place of what stands here. */
  readonly more?: Readonly<Record<string, string>>;
}

/** The whole environment of Open WebUI: one admin, one model provider, the tool servers, and nothing that calls out. */
export function openWebUiEnvironment({
  folder,
  dataFolder,
  modelUrl,
  toolServers,
  signsUsers = true,
  more = {},
}: EnvironmentOptions): Record<string, string> {
  return {
    PATH: process.env.PATH ?? '',
    HOME: folder,
    DATA_DIR: dataFolder,
    ENABLE_PERSISTENT_CONFIG: 'False', // else the database wins over what stands here
    WEBUI_SECRET_KEY: SECRETS.session,
    WEBUI_ADMIN_EMAIL: ADMIN.email,
    WEBUI_ADMIN_PASSWORD: ADMIN.password,
    BYPASS_MODEL_ACCESS_CONTROL: 'True',
    OPENAI_API_BASE_URLS: modelUrl,
    OPENAI_API_KEYS: modelUrl
      .split(';')
      .map(() => 'model-key')
      .join(';'),
    ENABLE_OLLAMA_API: 'False',
    TOOL_SERVER_CONNECTIONS: JSON.stringify(toolServers.map((server) => connectionOf(server))),
    ENABLE_FORWARD_USER_INFO_HEADERS: 'True',
    ENABLE_API_KEYS: 'True',
    ENABLE_API_KEYS_ENDPOINT_RESTRICTIONS: 'True',
    API_KEYS_ALLOWED_ENDPOINTS: '/api/v1/chats',
    ...(signsUsers && { FORWARD_USER_INFO_HEADER_JWT_SECRET: SECRETS.userHeader }),
    ENABLE_TITLE_GENERATION: 'False',
    ENABLE_TAGS_GENERATION: 'False',
    ENABLE_FOLLOW_UP_GENERATION: 'False',
    RAG_EMBEDDING_ENGINE: 'openai',
    BYPASS_EMBEDDING_AND_RETRIEVAL: 'True',
    OFFLINE_MODE: 'True',
    ENABLE_VERSION_UPDATE_CHECK: 'False',
    ANONYMIZED_TELEMETRY: 'False',
    DO_NOT_TRACK: 'True',
    NO_PROXY: '127.0.0.1',
    no_proxy: '127.0.0.1',
    ...more,
  };
}

/** Whom a connection is for. */
interface Grant {
  readonly principal_type: 'user' | 'group';
  readonly principal_id: string;
}

/** A connection as the admin's page sends it; for everybody unless told. */
export function connectionOf(
  { id, name, url, type = 'openapi', auth = { key: '' }, headers }: ToolServer,
  grant: Grant = { principal_type: 'user', principal_id: '*' },
): object {
  return {
    type,
    url,
    path: type === 'openapi' ? 'openapi.json' : '',
    auth_type: auth === 'session' ? 'session' : 'bearer',
    key: auth === 'session' ? '' : auth.key,
    ...(headers && { headers }),
    config: { enable: true, access_grants: [{ ...grant, permission: 'read' }] },
    info: { id, name, description: '' },
  };
}
