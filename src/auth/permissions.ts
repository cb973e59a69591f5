import { Inject, Injectable } from '@nestjs/common';
import { perTool } from '@app/mcp-openapi';
import { allows, denies, type NamePatterns } from '../config/name-patterns.js';
import { SETTINGS, type Settings, type ToolRights } from '../config/settings.js';
import { dependsOnCaller, EVERYTHING, isRestricted } from '../config/callers/tool-rights.js';
import type { Principal } from '../correlation/principal.js';
import { type GroupRights, Groups, UNLISTED } from './groups.js';

/** A tool as permissions know it. */
interface ToolOfServer {
  /** Its name where all servers are merged. */
  readonly publishedName: string;
  readonly server: string;
  /** As its server lists it. */
  readonly tool: { readonly name: string };
}

/** What a caller who may not use everything may use. The same object for the same role, key and groups. */
export class ToolPermissions {
  constructor(
    private readonly rights: readonly ToolRights[],
    private readonly groups: GroupRights,
  ) {}

  permitsServer(name: string): boolean {
    return this.rights.every(({ servers }) => permits(servers, name)) && this.groups.permitsServer(name);
  }

  /** A tool is denied by each name that it has, lest a pattern that was written for another one lets it through; it is allowed by one. */
  permitsTool({ publishedName, server, tool: { name } }: ToolOfServer): boolean {
    const names = [publishedName, name, `${server}_${name}`];
    const isPermitted = this.permitsServer(server) && this.rights.every(({ tools }) => permits(tools, publishedName, names));
    return isPermitted && this.groups.permitsTool(server, publishedName, names);
  }
}

/** What callers may use, by their keys, their roles and their groups: what all of them allow. */
@Injectable()
export class Permissions {
  private readonly isOpen: boolean;
  private readonly roles: ReadonlyMap<string, ToolRights>;
  private readonly groups: Groups;
  private readonly permissionsOf = perTool((ofKey: ToolRights) =>
    perTool((ofRole: ToolRights) => perTool((ofGroups: GroupRights) => new ToolPermissions([ofKey, ofRole], ofGroups))),
  );

  constructor(@Inject(SETTINGS) settings: Settings) {
    this.roles = settings.roles;
    this.groups = new Groups(settings.groups);
    this.isOpen = !dependsOnCaller(settings);
  }

  /** Undefined for a caller who may use everything. */
  of({ role, key, groups }: Principal): ToolPermissions | undefined {
    if (this.isOpen) return undefined;
    const ofRole = this.roles.get(role) ?? EVERYTHING;
    const ofKey = key ?? EVERYTHING;
    const ofGroups = this.groups.of(groups);
    const isFree = !isRestricted(ofRole) && !isRestricted(ofKey) && ofGroups === UNLISTED;
    return isFree ? undefined : this.permissionsOf(ofKey)(ofRole)(ofGroups);
  }
}

function permits(patterns: NamePatterns, name: string, names: readonly string[] = [name]): boolean {
  return allows(patterns, name) && !denies(patterns, names);
}
