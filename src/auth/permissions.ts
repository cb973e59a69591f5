import { Inject, Injectable } from '@nestjs/common';
import { perTool } from '@app/mcp-openapi';
import { matchesAny, type NamePatterns } from '../config/name-patterns.js';
import { SETTINGS, type Settings, type ToolRights } from '../config/settings.js';
import { dependsOnCaller, EVERYTHING, isRestricted } from '../config/tool-rights.js';
import type { Principal } from '../correlation/principal.js';

/** A tool as permissions know it. */
interface ToolOfServer {
  /** Its name where all servers are merged. */
  readonly publishedName: string;
  readonly server: string;
  /** As its server lists it. */
  readonly tool: { readonly name: string };
}

/** What a caller who may not use everything may use. The same object for the same role and key. */
export class ToolPermissions {
  constructor(private readonly rights: readonly ToolRights[]) {}

  permitsServer(name: string): boolean {
    return this.rights.every(({ servers }) => permits(servers, name));
  }

  /** A tool is denied by each name that it has, lest a pattern that was written for another one lets it through; it is allowed by one. */
  permitsTool({ publishedName, server, tool: { name } }: ToolOfServer): boolean {
    const names = [publishedName, name, `${server}_${name}`];
    return this.permitsServer(server) && this.rights.every(({ tools }) => permits(tools, publishedName, names));
  }
}

/** What callers may use, by their keys and their roles: what both allow. */
@Injectable()
export class Permissions {
  private readonly isOpen: boolean;
  private readonly roles: ReadonlyMap<string, ToolRights>;
  private readonly permissionsOf = perTool((ofKey: ToolRights) => perTool((ofRole: ToolRights) => new ToolPermissions([ofKey, ofRole])));

  constructor(@Inject(SETTINGS) settings: Settings) {
    this.roles = settings.roles;
    this.isOpen = !dependsOnCaller(settings);
  }

  /** Undefined for a caller who may use everything. */
  of({ role, key }: Principal): ToolPermissions | undefined {
    if (this.isOpen) return undefined;
    const ofRole = this.roles.get(role) ?? EVERYTHING;
    const ofKey = key ?? EVERYTHING;
    return isRestricted(ofRole) || isRestricted(ofKey) ? this.permissionsOf(ofKey)(ofRole) : undefined;
  }
}

function permits({ allow, deny }: NamePatterns, name: string, names: readonly string[] = [name]): boolean {
  return (!allow || matchesAny(name, allow)) && !names.some((each) => matchesAny(each, deny));
}
