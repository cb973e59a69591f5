import { z } from 'zod';
import { DEFAULT_ROLE, MIN_KEY_LENGTH, plainKey } from './api-key.js';
import { fileText } from './file-text.js';
import { LocatedJson } from './servers/located-json.js';
import type { ApiKey } from './settings.js';
import { SettingsError } from './settings-error.js';

/** Keys, and the settings of theirs that nothing heeds yet. */
export interface ReadKeys {
  readonly apiKeys: readonly ApiKey[];
  readonly withoutEffect: readonly string[];
}

/** More keys would make each call slow: it is compared with all of them. */
const MAX_KEYS = 1_000;

const KEY_TEXT = z.string().regex(new RegExp(`^\\S{${MIN_KEY_LENGTH},}$`), `must have ${MIN_KEY_LENGTH} or more characters and no spaces`);
const DIGEST = z.string().regex(/^[\da-f]{64}$/i, 'must be 64 hexadecimal digits');
const PATTERNS = z.strictObject({ allow: z.array(z.string()).optional(), deny: z.array(z.string()).default([]) });

/** An entry of the file. One that is misspelt is refused: what it was meant to forbid would be allowed. */
const ENTRY = z
  .strictObject({
    name: z.string().regex(/^[\w.@ -]{1,64}$/, 'must be 1 to 64 letters, digits and . _ @ -'),
    key: KEY_TEXT.optional(),
    sha256: DIGEST.optional(),
    role: z.string().min(1).max(64).default(DEFAULT_ROLE),
    servers: PATTERNS.optional(),
    tools: PATTERNS.optional(),
    rateLimit: z.int().min(1).max(1_000_000_000).optional(),
    trustUserHeaders: z.boolean().default(false),
  })
  .refine(({ key, sha256 }) => (key === undefined) !== (sha256 === undefined), 'must have either key or sha256');

const FILE = z.array(ENTRY, 'must be a list').min(1, 'holds no key').max(MAX_KEYS, `must have ${MAX_KEYS} entries at the most`);

/** The keys of a JSON file; comments are allowed. What is wrong goes to `problems` with line and column, never with a value. */
export function readKeysFile(file: string, problems: string[]): ReadKeys {
  try {
    const json = new LocatedJson(fileText(file), file);
    const parsed = FILE.safeParse(json.value);
    const ofJson = json.problems();
    if (parsed.success && ofJson.length === 0) return { apiKeys: parsed.data.map(toApiKey), withoutEffect: withoutEffect(parsed.data) };
    const lines = ofJson.length > 0 ? ofJson : (parsed.error?.issues ?? []).map((issue) => lineOf(issue, json));
    problems.push(...lines.map((line) => `API_KEYS_FILE: ${line}`));
  } catch (error) {
    if (!(error instanceof SettingsError)) throw error;
    problems.push(...error.problems.map((problem) => `API_KEYS_FILE: ${problem}`));
  }
  return { apiKeys: [], withoutEffect: [] };
}

function toApiKey({ name, key, sha256 = '', role, servers, tools, rateLimit, trustUserHeaders }: z.output<typeof ENTRY>): ApiKey {
  const plain = plainKey(name, key ?? '');
  return {
    name,
    sha256: key === undefined ? sha256.toLowerCase() : plain.sha256,
    role,
    servers: { ...plain.servers, ...servers },
    tools: { ...plain.tools, ...tools },
    rateLimit,
    trustUserHeaders,
  };
}

/** Read and kept; nothing heeds them yet. */
const WITHOUT_EFFECT = ['servers', 'tools', 'rateLimit'] as const;

function withoutEffect(entries: readonly z.output<typeof ENTRY>[]): string[] {
  const used = WITHOUT_EFFECT.filter((name) => entries.some((entry) => entry[name] !== undefined));
  return used.map((name) => `API_KEYS_FILE: ${name}`);
}

function lineOf({ code, path, message }: z.core.$ZodIssue, json: LocatedJson): string {
  const at = path as (string | number)[];
  const what = code === 'unrecognized_keys' ? `has a key that is none of ${KNOWN_KEYS[at.length === 1 ? 'entry' : 'patterns']}` : message;
  return `${json.place(at)}: ${at.length > 0 ? `${at.join('.')}: ` : ''}${what}`;
}

const KNOWN_KEYS = {
  entry: Object.keys(ENTRY.shape).join(', '),
  patterns: Object.keys(PATTERNS.shape).join(', '),
};
