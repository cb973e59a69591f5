import { matchesAny } from '../config/name-patterns.js';
import type { ToolSettings } from '../config/upstream-settings.js';

/** Whether a server's settings let its tool of this name be served. */
export function isServed(name: string, { allowedTools, deniedTools }: Pick<ToolSettings, 'allowedTools' | 'deniedTools'>): boolean {
  return (!allowedTools || matchesAny(name, allowedTools)) && !matchesAny(name, deniedTools);
}
