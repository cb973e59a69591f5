import { hash } from 'node:crypto';
import { NO_COMMAND_LINE } from './command-line.js';
import { readSettings, SettingsError } from './read-settings.js';
import type { HttpUpstreamSettings } from './upstream-settings.js';

const CANARY = 'CANARY-91bd';

function problemsOf(environment: Record<string, string>): readonly string[] {
  try {
    readSettings(environment);
  } catch (error) {
    if (error instanceof SettingsError) return error.problems;
    throw error;
  }
  return [];
}

function httpUpstreamOf(MCP_SERVER_URL: string): HttpUpstreamSettings {
  return readSettings({ MCP_SERVER_URL }).upstreams[0] as HttpUpstreamSettings;
}

describe('readSettings', () => {
  it('[ENV] has a default for everything', () => {
    const { upstreams, ...settings } = readSettings({});
    expect(settings).toEqual({
      host: '127.0.0.1',
      port: 8001,
      logLevel: 'info',
      logPayloads: 'off',
      corsOrigins: ['http://localhost:3000', 'http://openwebui:8080'],
      allowedHosts: ['localhost', '127.0.0.1', '[::1]', 'host.docker.internal'],
      maxBodyBytes: 1024 * 1024,
      redisUrl: undefined,
      maxConnections: 100,
      reservedConnections: 20,
      maxSockets: 1000,
      maxUnreadBytes: 134_217_728,
      writeTimeoutMs: 30_000,
      cacheTtlMs: 300_000,
      requestTimeoutMs: 30_000,
      maxCallDurationMs: 300_000,
      elicitationTimeoutMs: 120_000,
      drainTimeoutMs: 300_000,
      memoryLimitBytes: undefined,
      rateLimits: { client: 100, roles: new Map(), system: 1000 },
      trustProxy: 0,
      apiKeys: [],
      tokens: { issuer: undefined, sessionSecret: undefined, userSecret: undefined },
      tracing: undefined,
      chatStatuses: undefined,
      userHeaders: {
        signed: 'x-openwebui-user-jwt',
        id: 'x-openwebui-user-id',
        name: 'x-openwebui-user-name',
        email: 'x-openwebui-user-email',
        role: 'x-openwebui-user-role',
        groups: 'x-openwebui-user-groups',
      },
      roles: new Map(),
      groups: new Map(),
      inactiveServers: [],
      naming: 'bare',
      serverSource: 'embedded planner',
      ignoredSources: [],
      configPath: undefined,
      hotReload: false,
      reloadServers: undefined,
      pathPrefix: '',
      rootPath: '',
      documentTitle: undefined,
      documentDescription: undefined,
      documentVersion: undefined,
      tls: undefined,
      strictAuth: false,
      warnings: [],
      sharesLists: true,
      redisPrefix: '',
      stateEncryptionKey: undefined,
      stateDirectory: undefined,
      signIn: undefined,
      allowGrantByLink: false,
      replicas: 1,
      readyPolicy: 'any',
      openWebUi: undefined,
      alertWebhook: undefined,
      metricsAuth: false,
      chat: {
        providers: [],
        maxChats: 100,
        maxBodyBytes: 20 * 1024 * 1024,
        timeoutMs: 600_000,
        maxRounds: 10,
        maxCalls: 50,
        maxTools: 128,
        maxResultCharacters: 50_000,
      },
    });
    expect(upstreams).toEqual([
      expect.objectContaining({
        kind: 'stdio',
        name: 'planner',
        command: process.execPath,
        requestTimeoutMs: 30_000,
        maxCallDurationMs: 300_000,
      }),
    ]);
  });

  it('[ENV] takes the providers of models with their keys, in order, and the bounds of a completion', () => {
    const one = readSettings({ OPENAI_API_BASE_URL: 'http://ollama:11434/v1/', OPENAI_API_KEY: ' key-of-one ' }).chat;
    expect(one.providers).toEqual([{ url: 'http://ollama:11434/v1', key: 'key-of-one', proxies: undefined }]);
    const several = readSettings({
      OPENAI_API_BASE_URLS: 'http://ollama:11434/v1; https://models.example',
      OPENAI_API_KEYS: ';key-of-two',
      MAX_CHATS: '7',
      MAX_CHAT_BODY_BYTES: '2048',
      CHAT_TIMEOUT: '60',
      CHAT_MAX_ROUNDS: '3',
      CHAT_MAX_CALLS: '4',
      CHAT_MAX_TOOLS: '5',
      CHAT_MAX_RESULT_CHARACTERS: '600',
    }).chat;
    expect(several).toEqual({
      providers: [
        { url: 'http://ollama:11434/v1', key: undefined, proxies: undefined },
        { url: 'https://models.example', key: 'key-of-two', proxies: undefined },
      ],
      maxChats: 7,
      maxBodyBytes: 2048,
      timeoutMs: 60_000,
      maxRounds: 3,
      maxCalls: 4,
      maxTools: 5,
      maxResultCharacters: 600,
    });
    const drains = [
      {},
      { OPENAI_API_BASE_URL: 'http://ollama:11434/v1' },
      { OPENAI_API_BASE_URL: 'http://ollama:11434/v1', CHAT_TIMEOUT: '60' },
      { OPENAI_API_BASE_URL: 'http://ollama:11434/v1', DRAIN_TIMEOUT: '40' },
    ].map((environment) => readSettings(environment).drainTimeoutMs);
    expect(drains).toEqual([300_000, 600_000, 300_000, 40_000]);
    expect(readSettings({ OPENAI_API_KEY: 'key-of-nobody' }).warnings).toEqual([
      'OPENAI_API_KEY: has no effect without OPENAI_API_BASE_URL',
    ]);
  });

  it('[ENV][S6] tells what is wrong with them without a key', () => {
    const wrong: Record<string, string>[] = [
      { OPENAI_API_BASE_URL: 'ollama' },
      { OPENAI_API_BASE_URL: `http://u:${CANARY}@ollama` },
      { OPENAI_API_BASE_URL: 'http://ollama', OPENAI_API_KEYS: `a;${CANARY}` },
      { OPENAI_API_BASE_URL: 'http://ollama', OPENAI_API_KEY: `${CANARY} b` },
    ];
    const url = 'must be http:// or https:// URLs without user, password, query and fragment, separated by semicolons';
    expect(wrong.map(problemsOf)).toEqual([
      [`OPENAI_API_BASE_URL: ${url}`],
      [`OPENAI_API_BASE_URL: ${url}`],
      ['OPENAI_API_KEYS: has more keys than OPENAI_API_BASE_URLS has URLs; there is one for each, in order, which may be empty'],
      ['OPENAI_API_KEY: must be of visible ASCII characters'],
    ]);
  });

  it('[ENV] takes every setting by its name', () => {
    const { upstreams, ...settings } = readSettings({
      HOST: '0.0.0.0',
      PORT: '0',
      LOG_LEVEL: 'DEBUG',
      LOG_PAYLOADS: 'Shape',
      MCP_SERVER_URL: 'http://planner-mcp-server:8000',
      REDIS_URL: 'redis://:secret@redis:6379',
      CORS_ORIGINS: 'https://a.example, https://b.example:8443',
      MAX_CONNECTIONS: '7',
      CACHE_TTL: '60',
      REQUEST_TIMEOUT: '5',
      MAX_CALL_DURATION: '50',
      DRAIN_TIMEOUT: '40',
      MEMORY_LIMIT: '512Mi',
      RATE_LIMIT_CLIENT: '10',
      RATE_LIMIT_ROLES: 'admin:500, a:b : 7',
      RATE_LIMIT_SYSTEM: '20',
      TRUST_PROXY: 'loopback, 10.0.0.0/8',
      API_KEYS: 'open-webui:key-of-open-webui,another-key',
    });
    expect(settings).toMatchObject({
      host: '0.0.0.0',
      port: 0,
      logLevel: 'debug',
      logPayloads: 'shape',
      corsOrigins: ['https://a.example', 'https://b.example:8443'],
      redisUrl: 'redis://:secret@redis:6379',
      maxConnections: 7,
      cacheTtlMs: 60_000,
      requestTimeoutMs: 5_000,
      maxCallDurationMs: 50_000,
      drainTimeoutMs: 40_000,
      memoryLimitBytes: 536_870_912,
      rateLimits: {
        client: 10,
        roles: new Map([
          ['admin', 500],
          ['a:b', 7],
        ]),
        system: 20,
      },
      trustProxy: ['loopback', '10.0.0.0/8'],
      apiKeys: [
        { name: 'open-webui', sha256: hash('sha256', 'key-of-open-webui') },
        { name: 'key-2', sha256: hash('sha256', 'another-key') },
      ],
    });
    const url = new URL('http://planner-mcp-server:8000');
    const limits = { requestTimeoutMs: 5_000, maxCallDurationMs: 50_000, maxResponseBytes: 10 * 1024 * 1024 };
    expect(upstreams).toEqual([expect.objectContaining({ kind: 'http', name: 'default', protocol: 'auto', url, headers: {}, ...limits })]);
  });

  it.each([
    ['InFo', 'info'],
    ['WARNING', 'warn'],
    ['Critical', 'fatal'],
    [' error ', 'error'],
    ['silent', 'silent'],
  ])('[ENV] reads LOG_LEVEL=%s as %s', (LOG_LEVEL, logLevel) => {
    expect(readSettings({ LOG_LEVEL }).logLevel).toBe(logLevel);
  });

  describe('with a .env file', () => {
    it('[ENV] reads it, and lets the real environment win', () => {
      expect(readSettings({ PORT: '1234' }, 'PORT=4321\nHOST=127.0.0.2\n')).toMatchObject({ port: 1234, host: '127.0.0.2' });
    });

    it.each(['', '   '])('[ENV] takes %j in the real environment as not given', (PORT) => {
      expect(readSettings({ PORT }, 'PORT=4321').port).toBe(4321);
      expect(readSettings({ PORT }, '').port).toBe(8001);
    });

    it('[ENV] takes an empty value in it as not given', () => {
      expect(readSettings({}, 'PORT=\nMCP_SERVER_URL=""\n')).toMatchObject({ port: 8001, upstreams: [{ kind: 'stdio' }] });
    });

    it('[ENV] expands ${NAME} of the file and of the real environment, which wins', () => {
      const file = 'REDIS_PASSWORD=from-file\nREDIS_URL=redis://:${REDIS_PASSWORD}@redis:6379\n';
      expect(readSettings({}, file).redisUrl).toBe('redis://:from-file@redis:6379');
      expect(readSettings({ REDIS_PASSWORD: 'real' }, file).redisUrl).toBe('redis://:real@redis:6379');
      expect(readSettings({ REDIS_PASSWORD: 'real' }, 'REDIS_URL=redis://:${REDIS_PASSWORD}@redis:6379').redisUrl).toBe(
        'redis://:real@redis:6379',
      );
    });

    it('[ENV] has no password for Redis where REDIS_PASSWORD is empty', () => {
      const { redisUrl } = readSettings({}, 'REDIS_PASSWORD=\nREDIS_URL=redis://:${REDIS_PASSWORD}@redis:6379\n');
      expect(new URL(redisUrl as string)).toMatchObject({ username: '', password: '', host: 'redis:6379' });
    });

    it('[ENV] leaves the environment of the process alone', () => {
      readSettings(process.env, 'MCPO_TEST_ONLY_HERE=1');
      expect(process.env).not.toHaveProperty('MCPO_TEST_ONLY_HERE');
    });
  });

  describe('what is wrong', () => {
    const port = 'must be a whole number from 0 to 65535';
    const roles = 'must be roles with calls a minute from 1 to 1000000000, like admin:500,user:100';
    const proxies = 'must be false, the number of proxies in front, or their addresses like 10.0.0.0/8, separated by commas';
    const seconds = 'must be a whole number from 1 to 86400';
    const memory = 'must be bytes like 512Mi (Ki, Mi, Gi, k, M, G), 64Mi or more';
    it.each([
      ['PORT', 'x', port],
      ['PORT', '65536', port],
      ['PORT', '-1', port],
      ['PORT', '80.5', port],
      ['PORT', '1e3', port],
      ['LOG_LEVEL', 'loud', 'must be one of trace, debug, info, warn, warning, error, fatal, critical, silent'],
      ['LOG_LEVEL', 'constructor', 'must be one of trace, debug, info, warn, warning, error, fatal, critical, silent'],
      ['LOG_PAYLOADS', 'all', 'must be one of off, shape, redacted'],
      ['MCP_SERVER_URL', 'planner:8000', 'must be an http:// or https:// URL'],
      ['MCP_SERVER_URL', 'ftp://planner', 'must be an http:// or https:// URL'],
      ['MCP_SERVER_URL', 'http://', 'must be an http:// or https:// URL'],
      ['MCP_SERVER_URL', 'http://user%zz:secret@planner', 'must have its user and password percent-encoded'],
      ['REDIS_URL', 'http://redis', 'must be a redis:// or rediss:// URL'],
      ['READY_POLICY', ',', 'must be any, all, or names of servers, separated by commas'],
      ['READY_POLICY', 'planner,gone', 'names a server that is not there; there are planner'],
      ['OPENWEBUI_URL', 'http://user:secret@open-webui', 'must be an http:// or https:// URL without user, password, query and fragment'],
      ['METRICS_AUTH', 'yes', 'must be one of true, false'],
      ['METRICS_AUTH', 'true', 'needs something by which callers are known, like API_KEYS'],
      ['ALERT_WEBHOOK_URL', 'http://user:secret@hooks', 'must be an http:// or https:// URL without user, password and fragment'],
      ['ALERT_WEBHOOK_URL', 'hooks/secret', 'must be an http:// or https:// URL without user, password and fragment'],
      ['OPENWEBUI_URL', 'open-webui:8080', 'must be an http:// or https:// URL without user, password, query and fragment'],
      ['CORS_ORIGINS', 'localhost:3000', 'must be origins like http://localhost:3000, separated by commas, or *'],
      ['CORS_ORIGINS', 'http://localhost:3000/', 'must be origins like http://localhost:3000, separated by commas, or *'],
      [
        'ALLOWED_HOSTS',
        'http://gateway.example',
        'must be host names without scheme and port, like gateway.example, separated by commas, or *',
      ],
      [
        'ALLOWED_HOSTS',
        'gateway.example:8001',
        'must be host names without scheme and port, like gateway.example, separated by commas, or *',
      ],
      ['MAX_BODY_BYTES', '1MB', 'must be a whole number from 1024 to 67108864'],
      ['MAX_CONNECTIONS', '0', 'must be a whole number from 1 to 1000000'],
      ['CACHE_TTL', '0', seconds],
      ['REQUEST_TIMEOUT', '30s', seconds],
      ['MAX_CALL_DURATION', '86401', seconds],
      ['DRAIN_TIMEOUT', '0', seconds],
      ['MEMORY_LIMIT', '512m', memory],
      ['MEMORY_LIMIT', '63Mi', memory],
      ['MEMORY_LIMIT', '999999999999999Gi', memory],
      ['RATE_LIMIT_CLIENT', 'none', 'must be a whole number from 1 to 1000000000'],
      ['RATE_LIMIT_SYSTEM', '0', 'must be a whole number from 1 to 1000000000'],
      ['RATE_LIMIT_ROLES', 'admin', roles],
      ['RATE_LIMIT_ROLES', 'admin:0', roles],
      ['RATE_LIMIT_ROLES', 'admin:5,admin:6', roles],
      ['RATE_LIMIT_ROLES', 'admin:1000000001', roles],
      ['TRUST_PROXY', 'true', proxies],
      ['TRUST_PROXY', '33', proxies],
      ['TRUST_PROXY', 'proxy.example', proxies],
      ['TRUST_PROXY', '10.0.0.0/33', proxies],
      ['ALLOW_ANONYMOUS', 'yes', 'must be one of true, false'],
      ['FORWARD_USER_INFO_HEADER_USER_ID', 'User: Id', 'must be the name of a header'],
      ['API_KEYS', 'good-enough,short', 'every key must have 8 or more characters and no spaces'],
      ['API_KEYS', 'name:no bearer token', 'every key must have 8 or more characters and no spaces'],
    ])('[ENV] %s=%s is told', (name, value, problem) => {
      expect(problemsOf({ [name]: value })).toEqual([`${name}: ${problem}`]);
    });

    it('[ENV][S6] is told all at once, and never with the value', () => {
      const names = [
        'PORT',
        'LOG_LEVEL',
        'LOG_PAYLOADS',
        'MCP_SERVER_URL',
        'REDIS_URL',
        'CORS_ORIGINS',
        'CACHE_TTL',
        'REQUEST_TIMEOUT',
        'MAX_CONNECTIONS',
      ];
      const problems = problemsOf({ ...Object.fromEntries(names.map((name) => [name, `x://u:${CANARY}@h`])), API_KEYS: 'admin:c4n4ry' });
      expect(problems.map((problem) => problem.split(':')[0]).sort()).toEqual([...names, 'API_KEYS'].sort());
      expect(problems.join('\n')).not.toMatch(/CANARY|c4n4ry/);
    });
  });

  describe('credentials in MCP_SERVER_URL', () => {
    it.each([
      ['http://user:pass@planner:8000/mcp', 'user:pass'],
      ['http://us%40er:p%3Ass@planner:8000/mcp', 'us@er:p:ss'],
      ['http://token@planner:8000/mcp', 'token:'],
    ])('[ENV][S6] %s becomes a header, and a URL that can be shown', (url, userinfo) => {
      const upstream = httpUpstreamOf(url);
      expect(upstream.headers).toEqual({ authorization: `Basic ${Buffer.from(userinfo).toString('base64')}` });
      expect(upstream.url.href).toBe('http://planner:8000/mcp');
    });
  });

  describe('an address beyond this machine', () => {
    const refusal =
      'HOST: without API_KEYS everybody who reaches this address could call every tool; set API_KEYS or API_KEYS_FILE, or HOST=127.0.0.1, or, if that is meant, ALLOW_ANONYMOUS=true';

    it.each(['0.0.0.0', '::', '192.168.1.2', 'gateway.example', '128.0.0.1'])('[S1] %s is refused without a key', (HOST) => {
      expect(problemsOf({ HOST })).toEqual([refusal]);
      expect(problemsOf({ HOST, API_KEYS: ', ,' })).toEqual([refusal]);
      expect(problemsOf({ HOST, ALLOW_ANONYMOUS: 'false' })).toEqual([refusal]);
    });

    it('[S1] is taken with a key, or where everybody is meant', () => {
      expect(problemsOf({ HOST: '0.0.0.0', API_KEYS: 'long-enough' })).toEqual([]);
      expect(problemsOf({ HOST: '0.0.0.0', ALLOW_ANONYMOUS: 'true' })).toEqual([]);
    });

    it('[S1] is not spoken of beside keys that are wrong', () => {
      expect(problemsOf({ HOST: '0.0.0.0', API_KEYS: 'short' })).toEqual([
        'API_KEYS: every key must have 8 or more characters and no spaces',
      ]);
    });

    it.each(['127.0.0.1', '127.1.2.3', '::1', 'localhost', 'LOCALHOST'])('%s is this machine', (HOST) => {
      expect(problemsOf({ HOST })).toEqual([]);
    });
  });

  describe('tokens', () => {
    const issuer = { OIDC_ISSUER: 'https://login.example/realms/main', JWT_AUDIENCE: 'mcpo, other' };
    const keys = { JWKS_URL: 'https://login.example/keys', JWT_ISSUER: 'main', JWT_AUDIENCE: 'mcpo' };
    const secret = 'a-secret-of-open';
    const audience = 'JWT_AUDIENCE: is missing; without it tokens that were issued for other services would be taken';
    const keysUrl = 'must be an http:// or https:// URL without user, password and fragment';

    it('[S1] of an issuer are taken with its keys, its name and an audience', () => {
      expect(readSettings({ ...issuer, JWT_ROLE_CLAIM: 'group', GROUPS_CLAIM: 'teams' }).tokens.issuer).toEqual({
        name: 'https://login.example/realms/main',
        jwksUrl: undefined,
        audiences: ['mcpo', 'other'],
        roleClaim: 'group',
        groupsClaim: 'teams',
      });
      const jwksUrl = new URL('https://login.example/keys');
      expect(readSettings(keys).tokens.issuer).toEqual({
        name: 'main',
        jwksUrl,
        audiences: ['mcpo'],
        roleClaim: 'role',
        groupsClaim: 'groups',
      });
    });

    it.each<[object, ...string[]]>([
      [{ ...issuer, JWT_AUDIENCE: '' }, audience],
      [{ ...issuer, JWT_AUDIENCE: ' , ' }, audience],
      [
        { JWKS_URL: keys.JWKS_URL },
        'JWT_ISSUER: is missing; without it tokens of whoever else shares the keys of JWKS_URL would be taken',
        audience,
      ],
      [{ JWT_ISSUER: 'main' }, 'JWKS_URL: is missing, or OIDC_ISSUER in its place; without keys no token can be verified'],
      [{ JWT_AUDIENCE: 'mcpo' }, 'JWKS_URL: is missing, or OIDC_ISSUER in its place; without keys no token can be verified'],
      [{ ...issuer, ...keys }, 'OIDC_ISSUER: names the issuer and finds its keys; give it alone, or JWKS_URL and JWT_ISSUER in its place'],
      [{ ...issuer, OIDC_ISSUER: 'login.example' }, `OIDC_ISSUER: ${keysUrl}`],
      [{ ...issuer, OIDC_ISSUER: 'https://a:b@login.example' }, `OIDC_ISSUER: ${keysUrl}`],
      [{ ...issuer, OIDC_ISSUER: 'https://login.example?a' }, 'OIDC_ISSUER: must have no query'],
      [{ ...keys, JWKS_URL: 'file:///etc/passwd' }, `JWKS_URL: ${keysUrl}`],
      [
        { OPENWEBUI_SECRET_KEY: `${CANARY}123`, FORWARD_USER_INFO_HEADER_JWT_SECRET: ` ${secret.slice(1)} ` },
        'OPENWEBUI_SECRET_KEY: must have 16 or more characters; give Open WebUI a longer one, too',
        'FORWARD_USER_INFO_HEADER_JWT_SECRET: must have 16 or more characters; give Open WebUI a longer one, too',
      ],
    ])('[ENV][S1] %j is refused', (environment, ...problems) => {
      expect(problemsOf({ HOST: '0.0.0.0', API_KEYS: 'long-enough', ...environment })).toEqual(problems);
      expect(problemsOf({ ...environment })).toEqual(problems);
    });

    it.each([issuer, keys, { OPENWEBUI_SECRET_KEY: secret }])('[S1] %j are credentials: strangers may reach the gateway', (environment) => {
      expect(problemsOf({ HOST: '0.0.0.0', ...environment })).toEqual([]);
      expect(readSettings({ ...environment }, '', { ...NO_COMMAND_LINE, strictAuth: true }).warnings).toEqual([]);
    });

    it('[S1] the secret of a user header is none', () => {
      const environment = { FORWARD_USER_INFO_HEADER_JWT_SECRET: secret };
      expect(problemsOf({ HOST: '0.0.0.0', ...environment })).toEqual([expect.stringMatching(/^HOST: without API_KEYS/)]);
      const idle = 'FORWARD_USER_INFO_HEADER_JWT_SECRET: has no effect without API_KEYS, API_KEYS_FILE or OPENWEBUI_SECRET_KEY';
      expect(readSettings(environment).warnings).toEqual([idle]);
      expect(readSettings({ ...environment, API_KEYS: 'long-enough' }).warnings).toEqual([]);
    });

    it.each([
      ['http://keycloak:8080/realms/main', 1],
      ['http://127.0.0.1:8080', 0],
      ['http://[::1]:8080', 0],
      ['http://localhost', 0],
    ])('[S1] keys that anybody on the way can change are warned of: %s', (OIDC_ISSUER, warnings) => {
      const warning = 'OIDC_ISSUER: is read over http://; whoever can change that traffic can issue tokens';
      expect(readSettings({ ...issuer, OIDC_ISSUER }).warnings).toEqual(Array.from({ length: warnings }, () => warning));
    });
  });

  describe('state that replicas share', () => {
    const key = 'k'.repeat(32);

    it.each([
      ['Any', 'any'],
      [' ALL ', 'all'],
      ['planner', ['planner']],
    ])('[ENV][EP5] reads when it is ready: %s', (READY_POLICY, readyPolicy) => {
      expect(readSettings({ READY_POLICY }).readyPolicy).toEqual(readyPolicy);
    });

    it('[ENV][AC10] reads where Open WebUI is, and the proxies on the way', () => {
      const { openWebUi } = readSettings({ OPENWEBUI_URL: 'http://open-webui:8080/', HTTP_PROXY: 'http://proxy:3128' });
      const proxies = { http: { url: 'http://proxy:3128/', setting: 'HTTP_PROXY' }, https: undefined, none: '' };
      expect(openWebUi).toEqual({ url: 'http://open-webui:8080', proxies });
    });

    it('[ENV][REDIS] reads the prefix, the secret and the number of replicas', () => {
      const settings = readSettings({ REDIS_URL: 'redis://r', REDIS_PREFIX: 'team-a:', STATE_ENCRYPTION_KEY: key, REPLICAS: '3' });
      expect([settings.redisPrefix, settings.stateEncryptionKey, settings.replicas]).toEqual(['team-a:', key, 3]);
      expect(settings.warnings).toEqual([]);
    });

    it('[S6][ENV] refuses a short secret and an odd prefix, and repeats neither', () => {
      const read = () => readSettings({ STATE_ENCRYPTION_KEY: 'k'.repeat(31), REDIS_PREFIX: 'a b', REPLICAS: '0' });
      expect(read).toThrow(
        expect.objectContaining({
          problems: [
            'REDIS_PREFIX: must be up to 100 letters, digits and . _ : - { }',
            'STATE_ENCRYPTION_KEY: must have 32 or more characters, as `openssl rand -base64 32` prints them',
            'REPLICAS: must be a whole number from 1 to 10000',
          ],
        }) as Error,
      );
    });

    it.each([
      [{ REDIS_URL: 'redis://r' }, ['STATE_ENCRYPTION_KEY: not set, so results']],
      [{ STATE_ENCRYPTION_KEY: key }, ['STATE_ENCRYPTION_KEY: has no effect without REDIS_URL']],
      [{ REDIS_PREFIX: 'a' }, ['REDIS_PREFIX: has no effect without REDIS_URL']],
    ])('[ENV][REDIS] says what is not shared: %j', (given, warnings) => {
      expect(readSettings(given).warnings).toEqual(warnings.map((warning) => expect.stringContaining(warning) as string));
    });
  });

  describe("progress in Open WebUI's chats", () => {
    const headers = { chatId: 'x-openwebui-chat-id', messageId: 'x-openwebui-message-id' };
    const both = { OPENWEBUI_URL: 'http://open-webui:8080', OPENWEBUI_API_KEY: ' sk-0123456789 ' };

    it('[ENV] is told by a URL and a key, through the proxies of the environment', () => {
      const settings = readSettings({ ...both, HTTP_PROXY: 'http://proxy:3128', NO_PROXY: 'a.example' });
      expect(settings.chatStatuses).toEqual({
        url: 'http://open-webui:8080',
        apiKey: 'sk-0123456789',
        headers,
        proxies: { http: { url: 'http://proxy:3128/', setting: 'HTTP_PROXY' }, https: undefined, none: 'a.example' },
      });
      expect(settings.warnings).toEqual([]);
      const named = readSettings({
        ...both,
        FORWARD_SESSION_INFO_HEADER_CHAT_ID: 'X-Chat',
        FORWARD_SESSION_INFO_HEADER_MESSAGE_ID: ' X-A ',
      });
      expect(named.chatStatuses).toEqual({
        url: both.OPENWEBUI_URL,
        apiKey: 'sk-0123456789',
        headers: { chatId: 'x-chat', messageId: 'x-a' },
      });
    });

    it.each([
      ['https://chat.example/', 'https://chat.example'],
      [' http://a.example:8080/webui/ ', 'http://a.example:8080/webui'],
    ])('[ENV] finds it at %j', (OPENWEBUI_URL, url) => {
      expect(readSettings({ ...both, OPENWEBUI_URL }).chatStatuses?.url).toBe(url);
    });

    it.each([
      [{ OPENWEBUI_URL: both.OPENWEBUI_URL }, []],
      [{ OPENWEBUI_API_KEY: both.OPENWEBUI_API_KEY }, ['OPENWEBUI_API_KEY: has no effect without OPENWEBUI_URL']],
    ])('[ENV] is told by neither alone: %j', (given, warnings) => {
      const settings = readSettings(given);
      expect(settings.chatStatuses).toBeUndefined();
      expect(settings.warnings).toEqual(warnings);
    });

    it('[ENV][S1] is warned of where strangers may call', () => {
      const open = { ...both, HOST: '0.0.0.0' };
      expect(readSettings({ ...open, API_KEYS: 'long-enough' }).warnings).toEqual([]);
      expect(readSettings({ ...open, ALLOW_ANONYMOUS: 'true' }).warnings).toEqual([
        expect.stringMatching(/^OPENWEBUI_API_KEY: since callers need no key, .*set API_KEYS$/),
      ]);
    });

    it.each([
      ['OPENWEBUI_URL', 'open-webui:8080', 'must be an http:// or https:// URL without user, password, query and fragment'],
      ['OPENWEBUI_URL', 'http://a:CANARY@open-webui', 'must be an http:// or https:// URL without user, password, query and fragment'],
      ['OPENWEBUI_API_KEY', 'CANARY', 'must have 8 or more visible ASCII characters without spaces'],
      ['OPENWEBUI_API_KEY', 'sk-CANARY with space', 'must have 8 or more visible ASCII characters without spaces'],
      ['OPENWEBUI_API_KEY', 'sk-CANARY\r\nx: y', 'must have 8 or more visible ASCII characters without spaces'],
      ['FORWARD_SESSION_INFO_HEADER_CHAT_ID', 'a b', 'must be the name of a header'],
    ])('[ENV][S6] refuses %s=%j, and does not repeat it', (name, value, problem) => {
      expect(() => readSettings({ ...both, [name]: value })).toThrow(
        expect.objectContaining({ problems: [`${name}: ${problem}`] }) as Error,
      );
    });
  });

  describe('tracing', () => {
    const at = { OTEL_EXPORTER_OTLP_ENDPOINT: 'https://collector:4318/base/' };

    it('[ENV][MON] is had by an endpoint, to which the path of traces is added', () => {
      expect(readSettings(at).tracing).toEqual({
        url: 'https://collector:4318/base/v1/traces',
        headers: {},
        attributes: { 'service.name': 'mcpo-proxy' },
        sampler: { isParentBased: true, root: 'always_on' },
        share: 1,
      });
      const own = { ...at, OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: 'http://other/x', OTEL_TRACES_SAMPLER: 'traceidratio' };
      expect(readSettings({ ...own, OTEL_TRACES_SAMPLER_ARG: '.25', OTEL_RESOURCE_ATTRIBUTES: 'a=b%20c, d=' }).tracing).toMatchObject({
        url: 'http://other/x',
        attributes: { a: 'b c', d: '', 'service.name': 'mcpo-proxy' },
        sampler: { isParentBased: false, root: 'traceidratio' },
        share: 0.25,
      });
    });

    it.each<readonly [string, string, string]>([
      ['OTEL_EXPORTER_OTLP_ENDPOINT', 'collector:4318', 'must be an http:// or https:// URL without user, password and fragment'],
      ['OTEL_EXPORTER_OTLP_ENDPOINT', 'http://a:CANARY@b', 'must be an http:// or https:// URL without user, password and fragment'],
      ...['CANARY', '=CANARY', 'a b=CANARY', 'a=CANARY%', 'a=CANARY%0d%0ax', 'a=CANARY%C3%A4'].map(
        (value) =>
          [
            'OTEL_EXPORTER_OTLP_HEADERS',
            value,
            'must be name=value, separated by commas, values percent-encoded, 100 at the most',
          ] as const,
      ),
      ['OTEL_TRACES_SAMPLER_ARG', '1.5', 'must be a number from 0 to 1, like 0.1'],
      ['OTEL_TRACES_SAMPLER_ARG', 'CANARY', 'must be a number from 0 to 1, like 0.1'],
    ])('[ENV][S6] refuses %s=%j, and does not repeat it', (name, value, problem) => {
      expect(() => readSettings({ ...at, [name]: value })).toThrow(expect.objectContaining({ problems: [`${name}: ${problem}`] }) as Error);
    });
  });
});
