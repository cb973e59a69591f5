import type { ProxySettings } from '@app/mcp-transport';
import { readApiKeys } from './api-keys.js';
import type { CommandLine } from '../command-line.js';
import type { Environment } from '../environment.js';
import { refuseOpenDoor } from './open-door.js';
import { hasCredentials, type Settings, type UserHeaderNames } from '../settings.js';
import { readTokens } from './tokens.js';

type Credentials = Pick<Settings, 'apiKeys' | 'roles' | 'groups' | 'tokens' | 'userHeaders' | 'strictAuth' | 'warnings'>;

/** By what callers are known. What is wrong goes to `problems`, also that they are known by nothing where strangers reach the gateway. */
export function readCredentials(
  env: Environment,
  commandLine: CommandLine,
  problems: string[],
  proxies: ProxySettings | undefined,
): Credentials {
  const { strictAuth } = commandLine;
  const { apiKeys, roles, groups } = readApiKeys(env, commandLine, problems);
  const { tokens, warnings } = readTokens(env, problems, proxies);
  const known = hasCredentials({ apiKeys, tokens });
  refuseOpenDoor(env, known, problems);
  const idle: string[] = [];
  if (strictAuth && !known) idle.push('--strict-auth: has no effect without a key, --api-key or API_KEYS');
  if (tokens.userSecret !== undefined && apiKeys.length === 0 && tokens.sessionSecret === undefined)
    idle.push('FORWARD_USER_INFO_HEADER_JWT_SECRET: has no effect without API_KEYS, API_KEYS_FILE or OPENWEBUI_SECRET_KEY');
  return { apiKeys, roles, groups, tokens, userHeaders: userHeaderNames(env), strictAuth, warnings: [...warnings, ...idle] };
}

/** As Open WebUI is told them. */
function userHeaderNames(env: Environment): UserHeaderNames {
  return {
    signed: env.FORWARD_USER_INFO_HEADER_JWT,
    id: env.FORWARD_USER_INFO_HEADER_USER_ID,
    name: env.FORWARD_USER_INFO_HEADER_USER_NAME,
    email: env.FORWARD_USER_INFO_HEADER_USER_EMAIL,
    role: env.FORWARD_USER_INFO_HEADER_USER_ROLE,
    groups: env.FORWARD_USER_INFO_HEADER_USER_GROUPS,
  };
}
