import { plainKey } from '../config/api-key.js';
import type { NamePatterns } from '../config/name-patterns.js';
import { readSettings } from '../config/read-settings.js';
import type { KeyRights, ToolRights } from '../config/settings.js';
import { ANONYMOUS, type Principal } from '../correlation/principal.js';
import { Permissions } from './permissions.js';

type Patterns = Partial<NamePatterns>;
interface Said {
  readonly servers?: Patterns;
  readonly tools?: Patterns;
}

const rights = ({ servers, tools }: Said): ToolRights => ({
  servers: { allow: undefined, deny: [], ...servers },
  tools: { allow: undefined, deny: [], ...tools },
});

/** Permissions, and a caller with such a key and such a role. */
function caller(ofKey: Said | undefined, ofRole: Said | undefined): { permissions: Permissions; principal: Principal } {
  const key = ofKey && { ...plainKey('a', 'key-of-a'), ...rights(ofKey) };
  const roles = new Map(ofRole ? [['reader', rights(ofRole)]] : []);
  const permissions = new Permissions({ ...readSettings({}), apiKeys: key ? [key] : [], roles });
  return { permissions, principal: { ...ANONYMOUS, role: 'reader', key: key as KeyRights | undefined } };
}

const tool = (server: string, name: string, publishedName = `${server}_${name}`) => ({ server, publishedName, tool: { name } });

function mayUse(ofKey: Said | undefined, ofRole: Said | undefined, used = tool('planner', 'list_plans')): boolean {
  const { permissions, principal } = caller(ofKey, ofRole);
  return permissions.of(principal)?.permitsTool(used) ?? true;
}

describe('Permissions', () => {
  it.each<[Said | undefined, Said | undefined, boolean]>([
    [undefined, undefined, true],
    [{}, {}, true],
    [{ tools: { allow: ['planner_list_*'] } }, undefined, true],
    [{ tools: { allow: ['planner_get_*'] } }, undefined, false],
    [{ tools: { allow: [] } }, undefined, false],
    [{ tools: { deny: ['*_plans'] } }, undefined, false],
    [{ tools: { allow: ['*'], deny: ['planner_list_plans'] } }, undefined, false],
    [{ servers: { allow: ['plan*'] } }, undefined, true],
    [{ servers: { allow: ['other'] } }, undefined, false],
    [{ servers: { deny: ['planner'] } }, undefined, false],
    [undefined, { tools: { allow: ['planner_list_*'] } }, true],
    [undefined, { tools: { deny: ['planner_list_*'] } }, false],
    [undefined, { servers: { deny: ['planner'] } }, false],
    [{ tools: { allow: ['planner_*'] } }, { tools: { allow: ['*_plans'] } }, true],
    [{ tools: { allow: ['planner_*'] } }, { tools: { allow: ['*_tasks'] } }, false],
    [{ tools: { allow: ['other_*'] } }, { tools: { allow: ['*_plans'] } }, false],
  ])('[S1] key %j, role %j: planner_list_plans may be used: %s', (ofKey, ofRole, expected) => {
    expect(mayUse(ofKey, ofRole)).toBe(expected);
  });

  it('[S1] denies a tool by each of its names, and allows it by the published one alone', () => {
    const hashed = tool('a', 'b_c', 'a_b_c_0a1b2c3d');
    for (const name of ['a_b_c_0a1b2c3d', 'a_b_c', 'b_c'])
      expect([name, mayUse({ tools: { deny: [name] } }, {}, hashed)]).toEqual([name, false]);
    expect(mayUse({ tools: { allow: ['a_b_c_*'] } }, {}, hashed)).toBe(true);
    for (const name of ['a_b_c', 'b_c']) expect(mayUse({ tools: { allow: [name] } }, {}, hashed)).toBe(false);
  });

  it('knows servers by what both say of them', () => {
    const { permissions, principal } = caller({ servers: { allow: ['a', 'b'] } }, { servers: { deny: ['b'] } });
    const seen = ['a', 'b', 'c'].filter((name) => permissions.of(principal)?.permitsServer(name));
    expect(seen).toEqual(['a']);
  });

  it('gives the same permissions for the same key and role, none for who may use everything', () => {
    const { permissions, principal } = caller({ tools: { deny: ['x'] } }, {});
    expect(permissions.of(principal)).toBe(permissions.of({ ...principal, id: 'another user' }));
    expect(permissions.of(principal)).toBeDefined();
    expect(permissions.of(ANONYMOUS)).toBeUndefined();
  });
});
