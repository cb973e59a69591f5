import { hash } from 'node:crypto';
import type { ApiKey } from './settings.js';

/** A shorter key could be guessed. */
export const MIN_KEY_LENGTH = 8;

/** Role of callers for whom none is named. */
export const DEFAULT_ROLE = 'user';

/** A key that may do everything. */
export function plainKey(name: string, key: string): ApiKey {
  const everything = { allow: undefined, deny: [] };
  return {
    name,
    sha256: hash('sha256', key),
    role: DEFAULT_ROLE,
    servers: everything,
    tools: everything,
    rateLimit: undefined,
    trustUserHeaders: false,
  };
}
