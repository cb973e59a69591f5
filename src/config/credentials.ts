import { readApiKeys } from './api-keys.js';
import type { CommandLine } from './command-line.js';
import type { Environment } from './environment.js';
import { refuseOpenDoor } from './open-door.js';
import type { Settings } from './settings.js';
import { hasCredentials } from './settings.js';
import { readTokens } from './tokens.js';

type Credentials = Pick<Settings, 'apiKeys' | 'roles' | 'tokens' | 'strictAuth' | 'warnings'>;

/** By what callers are known. What is wrong goes to `problems`, also that they are known by nothing where strangers reach the gateway. */
export function readCredentials(env: Environment, commandLine: CommandLine, problems: string[]): Credentials {
  const { strictAuth } = commandLine;
  const { apiKeys, roles } = readApiKeys(env, commandLine, problems);
  const { tokens, warnings } = readTokens(env, problems);
  const known = hasCredentials({ apiKeys, tokens });
  refuseOpenDoor(env, known, problems);
  const idle: string[] = [];
  if (strictAuth && !known) idle.push('--strict-auth: has no effect without a key, --api-key or API_KEYS');
  if (tokens.userSecret !== undefined && apiKeys.length === 0 && tokens.sessionSecret === undefined)
    idle.push('FORWARD_USER_INFO_HEADER_JWT_SECRET: has no effect without API_KEYS, API_KEYS_FILE or OPENWEBUI_SECRET_KEY');
  return { apiKeys, roles, tokens, strictAuth, warnings: [...warnings, ...idle] };
}
