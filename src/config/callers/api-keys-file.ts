import { z } from 'zod';
import { DEFAULT_ROLE, MIN_KEY_LENGTH, plainKey } from './api-key.js';
import { fileText } from '../files/file-text.js';
import { LocatedJson } from '../servers/located-json.js';
import { EVERY_NAME } from '../name-patterns.js';
import type { ApiKey, ToolRights } from '../settings.js';
import { SettingsError } from '../settings-error.js';

/** Keys, and what roles and groups may use. */
export interface ReadKeys {
  readonly apiKeys: readonly ApiKey[];
  readonly roles: ReadonlyMap<string, ToolRights>;
  readonly groups: ReadonlyMap<string, ToolRights>;
}

/** More keys would make each call slow: it is compared with all of them. */
const MAX_KEYS = 1_000;
/** More are no roles but people. */
const MAX_ROLES = 100;
const MAX_GROUPS = 1_000;

/** Where there is no file. */
export const NOTHING_READ: ReadKeys = { apiKeys: [], roles: new Map(), groups: new Map() };

const KEY_TEXT = z.string().regex(new RegExp(`^\\S{${MIN_KEY_LENGTH},}$`), `must have ${MIN_KEY_LENGTH} or more characters and no spaces`);
const DIGEST = z.string().regex(/^[\da-f]{64}$/i, 'must be 64 hexadecimal digits');
/** As long as a name of a group may be. */
const GROUP_NAME = z.string().min(1).max(256);
const PATTERNS = z.strictObject({ allow: z.array(z.string()).optional(), deny: z.array(z.string()).default([]) });

/** An entry of the file. One that is misspelt is refused: what it was meant to forbid would be allowed. */
const ENTRY = z
  .strictObject({
    name: z.string().regex(/^[\w.@ -]{1,64}$/, 'must be 1 to 64 letters, digits and . _ @ -'),
    key: KEY_TEXT.optional(),
    sha256: DIGEST.optional(),
    role: z.string().min(1).max(64).default(DEFAULT_ROLE),
    groups: z.array(GROUP_NAME).max(MAX_GROUPS).default([]),
    servers: PATTERNS.optional(),
    tools: PATTERNS.optional(),
    rateLimit: z.int().min(1).max(1_000_000_000).optional(),
    trustUserHeaders: z.boolean().default(false),
  })
  .refine(({ key, sha256 }) => (key === undefined) !== (sha256 === undefined), 'must have either key or sha256');

const KEYS = z.array(ENTRY, 'must be a list').max(MAX_KEYS, `must have ${MAX_KEYS} entries at the most`);

const ROLE = z.strictObject({ servers: PATTERNS.optional(), tools: PATTERNS.optional() });
const ROLES = z
  .record(z.string().min(1).max(64), ROLE)
  .refine((roles) => Object.keys(roles).length <= MAX_ROLES, `must have ${MAX_ROLES} roles at the most`);

const GROUPS = z
  .record(GROUP_NAME, ROLE)
  .refine((groups) => Object.keys(groups).length <= MAX_GROUPS, `must have ${MAX_GROUPS} groups at the most`);

/** Keys, roles and groups; a list holds keys alone. */
const FILE = z.preprocess(
  (value) => (Array.isArray(value) ? { keys: value as unknown[] } : value),
  z
    .strictObject(
      { keys: KEYS.default([]), roles: ROLES.default({}), groups: GROUPS.default({}) },
      'must be a list of keys, or an object with keys, roles and groups',
    )
    .refine(({ keys, ...rights }) => keys.length + Object.values(rights).flatMap(Object.keys).length > 0, 'holds no key'),
);

/** The keys, roles and groups of a JSON file; comments are allowed. What is wrong goes to `problems` with line and column, never with a value. */
export function readKeysFile(file: string, problems: string[]): ReadKeys {
  try {
    const json = new LocatedJson(fileText(file), file);
    const parsed = FILE.safeParse(json.value);
    const ofJson = json.problems();
    if (parsed.success && ofJson.length === 0) return toKeys(parsed.data);
    const lines = ofJson.length > 0 ? ofJson : (parsed.error?.issues ?? []).map((issue) => lineOf(issue, json));
    problems.push(...lines.map((line) => `API_KEYS_FILE: ${line}`));
  } catch (error) {
    if (!(error instanceof SettingsError)) throw error;
    problems.push(...error.problems.map((problem) => `API_KEYS_FILE: ${problem}`));
  }
  return NOTHING_READ;
}

function toKeys({ keys, roles, groups }: z.output<typeof FILE>): ReadKeys {
  return { apiKeys: keys.map(toApiKey), roles: rightsByName(roles), groups: rightsByName(groups) };
}

function rightsByName(said: z.output<typeof ROLES>): ReadonlyMap<string, ToolRights> {
  return new Map(Object.entries(said).map(([name, rights]) => [name, toRights(rights)] as const));
}

function toApiKey({ name, key, sha256 = '', role, groups, servers, tools, rateLimit, trustUserHeaders }: z.output<typeof ENTRY>): ApiKey {
  const plain = plainKey(name, key ?? '');
  return {
    name,
    sha256: key === undefined ? sha256.toLowerCase() : plain.sha256,
    role,
    groups,
    ...toRights({ servers, tools }),
    rateLimit,
    trustUserHeaders,
  };
}

function toRights({ servers, tools }: z.output<typeof ROLE>): ToolRights {
  return { servers: { ...EVERY_NAME, ...servers }, tools: { ...EVERY_NAME, ...tools } };
}

function lineOf({ code, path, message }: z.core.$ZodIssue, json: LocatedJson): string {
  const shown = path as (string | number)[];
  const at = Array.isArray(json.value) ? shown.slice(1) : shown;
  const what = code === 'unrecognized_keys' ? `has a key that is none of ${knownKeys(shown)}` : message;
  return `${json.place(at)}: ${at.length > 0 ? `${at.join('.')}: ` : ''}${what}`;
}

function knownKeys([place, ...inside]: readonly (string | number)[]): string {
  if (place === undefined) return 'keys, roles, groups';
  const known = inside.length > 1 ? PATTERNS : place === 'roles' || place === 'groups' ? ROLE : ENTRY;
  return Object.keys(known.shape).join(', ');
}
