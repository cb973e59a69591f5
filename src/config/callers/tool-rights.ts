import { allowsEveryName, EVERY_NAME } from '../name-patterns.js';
import type { Settings, ToolRights } from '../settings.js';

/** Those of somebody for whom nothing else is said. */
export const EVERYTHING: ToolRights = { servers: EVERY_NAME, tools: EVERY_NAME };

/** Whether they keep their holder from anything. */
export function isRestricted({ servers, tools }: ToolRights): boolean {
  return !allowsEveryName(servers) || !allowsEveryName(tools);
}

/** Whether not all callers may use the same tools. */
export function dependsOnCaller({ roles, groups, apiKeys }: Pick<Settings, 'roles' | 'groups' | 'apiKeys'>): boolean {
  return apiKeys.some(isRestricted) || [...roles.values(), ...groups.values()].some(isRestricted);
}
