import type { JsonObject } from '@app/mcp-openapi';

/** An object without some of its members. */
export function without(value: JsonObject, ...names: readonly string[]): Record<string, unknown> {
  return Object.fromEntries(Object.entries(value).filter(([name]) => !names.includes(name)));
}
