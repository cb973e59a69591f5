import { hash } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { temporaryFolder } from './support/recorded.js';
import { readSettings, SettingsError } from '../src/config/read-settings.js';

const folder = temporaryFolder();
const CANARY = 'CANARY-7e01-key';

function fileOf(content: unknown): string {
  const file = path.join(folder(), 'keys.json');
  writeFileSync(file, typeof content === 'string' ? content : JSON.stringify(content));
  return file;
}

/** The problems that a file with this content has, without its name. */
function problemsOf(content: unknown, environment: Readonly<Record<string, string>> = {}): readonly string[] {
  const file = fileOf(content);
  try {
    readSettings({ ...environment, API_KEYS_FILE: file });
  } catch (error) {
    if (error instanceof SettingsError) return error.problems.map((problem) => problem.replaceAll(file, 'FILE'));
    throw error;
  }
  return [];
}

describe('API_KEYS_FILE', () => {
  it('[S1][ENV] holds callers by key or by its SHA-256, with what they may do; keys themselves are not kept', () => {
    const digest = hash('sha256', 'key-of-reports');
    const { apiKeys } = readSettings({
      API_KEYS: 'bare-key-1',
      API_KEYS_FILE: fileOf(`[
        // of Open WebUI
        { "name": "open-webui", "key": "key-of-open-webui", "trustUserHeaders": true },
        { "name": "reports", "sha256": "${digest.toUpperCase()}", "role": "reader", "groups": ["staff"], "rateLimit": 10,
          "servers": { "allow": ["planner"] }, "tools": { "allow": ["list_*"], "deny": ["list_users"] } },
      ]`),
    });
    const everything = { allow: undefined, deny: [] };
    const plain = { role: 'user', groups: [], servers: everything, tools: everything, rateLimit: undefined, trustUserHeaders: false };
    expect(apiKeys).toEqual([
      { name: 'key-1', sha256: hash('sha256', 'bare-key-1'), ...plain },
      { name: 'open-webui', sha256: hash('sha256', 'key-of-open-webui'), ...plain, trustUserHeaders: true },
      {
        name: 'reports',
        sha256: digest,
        role: 'reader',
        groups: ['staff'],
        servers: { allow: ['planner'], deny: [] },
        tools: { allow: ['list_*'], deny: ['list_users'] },
        rateLimit: 10,
        trustUserHeaders: false,
      },
    ]);
  });

  it('[S1][ENV] holds keys and roles as an object; roles alone, too', () => {
    const keys = [{ name: 'reports', key: 'key-of-reports' }];
    const roles = { anonymous: { tools: { deny: ['*'] } }, reader: { servers: { allow: ['planner'] } }, admin: {} };
    const both = readSettings({ API_KEYS_FILE: fileOf({ keys, roles }) });
    expect(both.apiKeys.map(({ name }) => name)).toEqual(['reports']);
    const everything = { allow: undefined, deny: [] };
    expect([...both.roles]).toEqual([
      ['anonymous', { servers: everything, tools: { allow: undefined, deny: ['*'] } }],
      ['reader', { servers: { allow: ['planner'], deny: [] }, tools: everything }],
      ['admin', { servers: everything, tools: everything }],
    ]);
    const alone = readSettings({ API_KEYS_FILE: fileOf({ roles }) });
    const groups = readSettings({ API_KEYS_FILE: fileOf({ groups: roles }) });
    expect([groups.apiKeys, groups.roles, groups.groups]).toEqual([[], new Map(), both.roles]);
    expect([alone.apiKeys, alone.roles]).toEqual([[], both.roles]);
    expect(readSettings({ API_KEYS_FILE: fileOf(keys) })).toMatchObject({ apiKeys: both.apiKeys, roles: new Map() });
  });

  it.each([
    ['an empty list', [], ['API_KEYS_FILE: FILE:1:1: holds no key']],
    ['an empty object', {}, ['API_KEYS_FILE: FILE:1:1: holds no key']],
    ['neither list nor object', '"x"', ['API_KEYS_FILE: FILE:1:1: must be a list of keys, or an object with keys, roles and groups']],
    [
      'a member of no meaning',
      { key: [], keys: [{ name: 'a', key: CANARY }] },
      ['API_KEYS_FILE: FILE:1:1: has a key that is none of keys, roles, groups'],
    ],
    ['keys that are no list', { keys: CANARY }, ['API_KEYS_FILE: FILE:1:9: keys: must be a list']],
    ['a short key in an object', { keys: [{ name: 'a', key: 'C4N4RY' }] }, [expect.stringContaining('FILE:1:28: keys.0.key: must have 8')]],
    [
      'a misspelt role',
      { roles: { tools: { tool: {} }, servers: { tools: { denied: [] } } } },
      [
        'API_KEYS_FILE: FILE:1:19: roles.tools: has a key that is none of servers, tools',
        'API_KEYS_FILE: FILE:1:50: roles.servers.tools: has a key that is none of allow, deny',
      ],
    ],
    [
      'too many roles',
      { roles: Object.fromEntries(Array.from({ length: 101 }, (_, n) => [`r${n}`, {}])) },
      ['API_KEYS_FILE: FILE:1:10: roles: must have 100 roles at the most'],
    ],
    [
      'a misspelt group',
      { groups: { staff: { tool: {} } } },
      ['API_KEYS_FILE: FILE:1:20: groups.staff: has a key that is none of servers, tools'],
    ],
    ['no JSON', `[{"name": "a", "key": ${CANARY}`, [expect.stringMatching(/^API_KEYS_FILE: FILE:1:\d+: not JSON \([a-z ]+\)$/)]],
    ['a key given twice', '[{"name": "a", "key": "long-enough", "key": "longer-still"}]', ['API_KEYS_FILE: FILE:1:38: 0.key: given twice']],
    ['a short key', [{ name: 'a', key: 'C4N4RY' }], ['API_KEYS_FILE: FILE:1:20: 0.key: must have 8 or more characters and no spaces']],
    ['a wrong digest', [{ name: 'a', sha256: CANARY }], ['API_KEYS_FILE: FILE:1:23: 0.sha256: must be 64 hexadecimal digits']],
    [
      'key and digest',
      [{ name: 'a', key: CANARY, sha256: 'a'.repeat(64) }],
      ['API_KEYS_FILE: FILE:1:2: 0: must have either key or sha256'],
    ],
    ['neither', [{ name: 'a' }], ['API_KEYS_FILE: FILE:1:2: 0: must have either key or sha256']],
    [
      'a name of other characters',
      [{ name: `${CANARY}:`, key: CANARY }],
      ['API_KEYS_FILE: FILE:1:10: 0.name: must be 1 to 64 letters, digits and . _ @ -'],
    ],
    [
      'what nothing reads',
      [{ name: 'a', key: CANARY, [CANARY]: 1 }],
      [
        'API_KEYS_FILE: FILE:1:2: 0: has a key that is none of name, key, sha256, role, groups, servers, tools, rateLimit, trustUserHeaders',
      ],
    ],
    [
      'a misspelt pattern list',
      [{ name: 'a', key: CANARY, tools: { allowed: ['x'] } }],
      ['API_KEYS_FILE: FILE:1:46: 0.tools: has a key that is none of allow, deny'],
    ],
    [
      'the same key twice',
      [
        { name: 'a', key: CANARY },
        { name: 'b', key: CANARY },
      ],
      ['API_KEYS, API_KEYS_FILE: two callers have the same key'],
    ],
  ])('[ENV][S6] %s is told without a value', (_, content, problems) => {
    const told = problemsOf(content);
    expect(told).toEqual(problems);
    expect(told.join('\n')).not.toMatch(/CANARY|C4N4RY/);
  });

  it('[ENV] is told when it cannot be read', () => {
    expect(() => readSettings({ API_KEYS_FILE: '/no/such/file' })).toThrow('API_KEYS_FILE: /no/such/file: cannot be read (ENOENT)');
  });
});
