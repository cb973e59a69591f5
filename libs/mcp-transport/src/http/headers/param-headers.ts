import { isJsonObject, type JsonObject } from '@app/mcp-openapi';
import { encodeHeaderValue } from './request-headers.js';

/** Deeper declarations than this are not looked for. */
const MAX_DEPTH = 16;

/**
 * The `Mcp-Param-*` headers that a tool's inputSchema asks for with `x-mcp-header` (MCP 2026-07-28
 * basic/transports "Custom Headers from Tool Parameters"): strings, booleans and numbers among the arguments, but no integer that
 * a double cannot hold.
 */
export function paramHeaders(inputSchema: JsonObject, args: unknown): Record<string, string> {
  const headers: Record<string, string> = {};
  collect(inputSchema, args, headers, 0);
  return headers;
}

/** Whether it asks for any, whatever the arguments are. */
export function asksForParamHeaders(schema: unknown, depth = 0): boolean {
  if (!isJsonObject(schema) || !isJsonObject(schema.properties) || depth === MAX_DEPTH) return false;
  return Object.values(schema.properties).some(
    (property) => isJsonObject(property) && (typeof property['x-mcp-header'] === 'string' || asksForParamHeaders(property, depth + 1)),
  );
}

function collect(schema: unknown, value: unknown, headers: Record<string, string>, depth: number): void {
  if (!isJsonObject(schema) || !isJsonObject(value) || !isJsonObject(schema.properties) || depth === MAX_DEPTH) return;
  for (const [name, property] of Object.entries(schema.properties)) {
    if (!isJsonObject(property) || !Object.hasOwn(value, name)) continue;
    const header = property['x-mcp-header'];
    const text = headerText(value[name]);
    if (typeof header === 'string' && LEGAL_HEADER.test(header) && text !== undefined)
      headers[`mcp-param-${header}`] = encodeHeaderValue(text);
    collect(property, value[name], headers, depth + 1);
  }
}

function headerText(value: unknown): string | undefined {
  if (typeof value === 'string') return value;
  return typeof value === 'boolean' || isExact(value) ? String(value) : undefined;
}

function isExact(value: unknown): boolean {
  return Number.isInteger(value) ? Number.isSafeInteger(value) : Number.isFinite(value);
}

/** RFC 9110 5.1. */
export const LEGAL_HEADER = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;
