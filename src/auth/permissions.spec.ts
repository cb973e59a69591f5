import { plainKey } from '../config/callers/api-key.js';
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

  describe('of groups', () => {
    const LISTED = {
      staff: { servers: { allow: ['planner'] } },
      writers: { tools: { allow: ['vault_write', 'planner_*'] } },
      interns: { tools: { deny: ['planner_drop', 'write'] } },
      locked: { servers: { deny: ['vault'] } },
      '*': { tools: { allow: [] } },
    };
    const permissions = (groups: Readonly<Record<string, Said>>, roles: Readonly<Record<string, Said>> = {}) => {
      const rightsOf = (said: Readonly<Record<string, Said>>) => new Map(Object.entries(said).map(([name, each]) => [name, rights(each)]));
      return new Permissions({ ...readSettings({}), roles: rightsOf(roles), groups: rightsOf(groups) });
    };
    const tools = [tool('planner', 'drop'), tool('planner', 'write'), tool('vault', 'read'), tool('vault', 'write')];
    const used = (all: Permissions, groups: readonly string[]) => {
      const own = all.of({ ...ANONYMOUS, groups });
      return tools.filter((each) => own?.permitsTool(each) ?? true).map(({ publishedName }) => publishedName);
    };

    it.each<[string[], string[]]>([
      [['staff'], ['planner_drop', 'planner_write']],
      [['writers'], ['planner_drop', 'planner_write', 'vault_write']],
      [
        ['staff', 'writers'],
        ['planner_drop', 'planner_write', 'vault_write'],
      ],
      [['interns'], ['vault_read']],
      [['interns', 'staff'], ['vault_read']],
      [['staff', 'interns', 'writers', 'locked'], []],
      [['locked'], ['planner_drop', 'planner_write']],
      [
        ['locked', 'writers', 'unheard of'],
        ['planner_drop', 'planner_write'],
      ],
      [[], []],
      [['unheard of', 'constructor'], []],
      [['*'], []],
      [
        ['*', 'staff'],
        ['planner_drop', 'planner_write'],
      ],
    ])('[S1][AC8] members of %j may use what one of them allows and none denies', (groups, expected) => {
      expect(used(permissions(LISTED), groups)).toEqual(expected);
    });

    it('[S1] hold beside those of the role, and leave those alone who are in none, unless * says something', () => {
      const listed = Object.fromEntries(Object.entries(LISTED).filter(([name]) => name !== '*'));
      const all = permissions(listed, { anonymous: { tools: { deny: ['*_write'] } } });
      expect(used(all, ['staff'])).toEqual(['planner_drop']);
      expect(used(all, [])).toEqual(['planner_drop', 'vault_read']);
      expect(permissions(listed).of(ANONYMOUS)).toBeUndefined();
    });

    it('are the same for the same listed groups, however they are told', () => {
      const all = permissions(LISTED);
      const of = (...groups: string[]) => all.of({ ...ANONYMOUS, groups });
      expect(of('staff', 'writers', 'x')).toBe(of('writers', 'y', 'staff', 'staff'));
      expect(of('staff')).not.toBe(of('writers'));
      expect(of()).toBe(of('*'));
    });
  });
});
