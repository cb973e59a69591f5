import { isJsonObject, type JsonObject } from '@app/mcp-openapi';
import { LEGAL_HEADER } from './param-headers.js';

const DECLARED = 'x-mcp-header';
const TYPES = new Set<unknown>(['string', 'integer', 'boolean']);
/** Keywords whose values are data, not schemas. */
const DATA = new Set(['default', 'examples', 'enum', 'const']);

/**
 * What is wrong with the headers that a tool's inputSchema asks for; undefined if nothing is. Clients over streamable HTTP must not call a tool that asks for
 * them wrongly (MCP 2026-07-28 server/tools "x-mcp-header").
 */
export function paramHeaderFault(inputSchema: JsonObject): string | undefined {
  return faultIn(inputSchema, false, true, new Set());
}

/** `seen`: the headers that were declared before this schema, in lower case. */
function faultIn(schema: JsonObject, isProperty: boolean, isReachable: boolean, seen: Set<string>): string | undefined {
  const own = DECLARED in schema ? ownFault(schema, isProperty && isReachable, seen) : undefined;
  if (own !== undefined) return own;
  for (const [keyword, value] of Object.entries(schema)) {
    if (DATA.has(keyword)) continue;
    const fault = faultBelow(value, keyword === 'properties', isReachable, seen);
    if (fault !== undefined) return fault;
  }
  return undefined;
}

function ownFault(schema: JsonObject, isReachable: boolean, seen: Set<string>): string | undefined {
  const header = schema[DECLARED];
  if (!isReachable) return 'one is declared elsewhere than at a property';
  if (typeof header !== 'string' || !LEGAL_HEADER.test(header)) return 'the name of one is not that of a header';
  if (!TYPES.has(schema['type'])) return `"${header}" is to repeat what is no string, integer or boolean`;
  const name = header.toLowerCase();
  if (seen.has(name)) return `"${header}" is declared twice`;
  seen.add(name);
  return undefined;
}

/** Below a keyword: a schema, a list of schemas, or schemas by name. */
function faultBelow(value: unknown, areProperties: boolean, isReachable: boolean, seen: Set<string>): string | undefined {
  if (Array.isArray(value)) return firstFault(value, (each) => faultBelow(each, false, false, seen));
  if (!isJsonObject(value)) return undefined;
  if (!areProperties) return faultIn(value, false, false, seen);
  return firstFault(Object.values(value), (each) => (isJsonObject(each) ? faultIn(each, true, isReachable, seen) : undefined));
}

function firstFault<T>(all: readonly T[], faultOf: (each: T) => string | undefined): string | undefined {
  for (const each of all) {
    const fault = faultOf(each);
    if (fault !== undefined) return fault;
  }
  return undefined;
}
