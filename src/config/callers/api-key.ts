import { hash } from 'node:crypto';
import { EVERY_NAME } from '../name-patterns.js';
import type { ApiKey } from '../settings.js';

/** A shorter key could be guessed. */
export const MIN_KEY_LENGTH = 8;

/** Role of callers for whom none is named. */
export const DEFAULT_ROLE = 'user';

/** A key that may do everything. */
export function plainKey(name: string, key: string): ApiKey {
  return {
    name,
    sha256: hash('sha256', key),
    role: DEFAULT_ROLE,
    groups: [],
    servers: EVERY_NAME,
    tools: EVERY_NAME,
    rateLimit: undefined,
    trustUserHeaders: false,
  };
}
