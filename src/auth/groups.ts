import { LRUCache } from 'lru-cache';
import { perTool } from '@app/mcp-openapi';
import { allows, denies } from '../config/name-patterns.js';
import type { ToolRights } from '../config/settings.js';

/** As a name of a group: whoever is in none of those that are listed. */
const NOBODYS = '*';
/** Combinations of groups that are kept; beyond so many the one that was used longest ago is made again when somebody is in it. */
const MAX_COMBINATIONS = 1_000;

/** What the groups that a caller is in allow together: what one of them allows and none denies; everything where none is listed. */
export class GroupRights {
  constructor(private readonly groups: readonly ToolRights[]) {}

  permitsServer(name: string): boolean {
    if (this.groups.some(({ servers }) => denies(servers, [name]))) return false;
    return this.groups.length === 0 || this.groups.some(({ servers }) => allows(servers, name));
  }

  /** `names`: all that the tool has; it is allowed by the published one. */
  permitsTool(server: string, publishedName: string, names: readonly string[]): boolean {
    if (this.groups.some(({ servers, tools }) => denies(servers, [server]) || denies(tools, names))) return false;
    return this.groups.length === 0 || this.groups.some(({ servers, tools }) => allows(servers, server) && allows(tools, publishedName));
  }
}

/** The groups that are listed. */
export class Groups {
  private readonly combinations = new LRUCache<string, GroupRights>({ max: MAX_COMBINATIONS });
  /** A token's principal is the same object for many calls. */
  private readonly known = perTool((names: readonly string[]) => this.together(names));

  constructor(private readonly listed: ReadonlyMap<string, ToolRights>) {}

  /** Of somebody in these groups; the same object for the same listed ones. */
  of(names: readonly string[]): GroupRights {
    return this.listed.size === 0 ? UNLISTED : this.known(names);
  }

  private together(names: readonly string[]): GroupRights {
    const own = [...new Set(names)].filter((name) => name !== NOBODYS && this.listed.has(name)).sort();
    const said = own.length === 0 && this.listed.has(NOBODYS) ? [NOBODYS] : own;
    if (said.length === 0) return UNLISTED;
    const key = JSON.stringify(said);
    const rights = this.combinations.get(key) ?? new GroupRights(said.flatMap((name) => this.listed.get(name) ?? []));
    this.combinations.set(key, rights);
    return rights;
  }
}

/** Of whoever is in no group that says anything. */
export const UNLISTED = new GroupRights([]);
