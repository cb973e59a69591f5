import { MIN_KEY_LENGTH, plainKey } from './api-key.js';
import { NOTHING_READ, type ReadKeys, readKeysFile } from './api-keys-file.js';
import type { CommandLine } from '../command-line.js';
import type { Environment } from '../environment.js';
import type { ApiKey } from '../settings.js';

/** The keys of API_KEYS, or the one of `--api-key` in their place, and the keys and roles of API_KEYS_FILE. What is wrong goes to `problems`. */
export function readApiKeys(env: Environment, { apiKey }: CommandLine, problems: string[]): ReadKeys {
  const said = apiKey === undefined ? env.API_KEYS : [keyOfFlag(apiKey, problems)];
  const inFile = env.API_KEYS_FILE === undefined ? NOTHING_READ : readKeysFile(env.API_KEYS_FILE, problems);
  const apiKeys = [...said, ...inFile.apiKeys];
  if (new Set(apiKeys.map(({ sha256 }) => sha256)).size < apiKeys.length)
    problems.push('API_KEYS, API_KEYS_FILE: two callers have the same key');
  return { ...inFile, apiKeys };
}

function keyOfFlag(key: string, problems: string[]): ApiKey {
  if (key.length < MIN_KEY_LENGTH || /\s/.test(key))
    problems.push(`--api-key: must have ${MIN_KEY_LENGTH} or more characters and no spaces`);
  return plainKey('key-1', key);
}
