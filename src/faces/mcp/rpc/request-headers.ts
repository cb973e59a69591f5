import type { IncomingHttpHeaders } from 'node:http';
import { isJsonObject, type JsonObject, type RpcError } from '@app/mcp-openapi';
import { paramHeaders } from '@app/mcp-transport';
import { CODE } from './rpc.js';

/** Which member of `params` the header `Mcp-Name` repeats. */
const NAMED: Readonly<Record<string, string>> = { 'tools/call': 'name', 'prompts/get': 'name', 'resources/read': 'uri' };
const SENTINEL = /^=\?base64\?(.*)\?=$/i;
const BASE64 = /^(?:[A-Za-z\d+/]{4})*(?:[A-Za-z\d+/]{2}==|[A-Za-z\d+/]{3}=)?$/;
const DECIMAL = /^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?$/;

/** What is wrong with the headers of a request of 2026-07-28 that repeat its body; undefined if nothing is. */
export function headerProblem(method: string, params: JsonObject, headers: IncomingHttpHeaders): RpcError | undefined {
  if (headers['mcp-protocol-version'] === undefined) return mismatch('MCP-Protocol-Version', 'it is missing');
  const told = headers['mcp-method'];
  if (typeof told !== 'string') return mismatch('Mcp-Method', `it is missing, and the body names ${method}`);
  if (told.trim() !== method) return mismatch('Mcp-Method', `it says ${told.slice(0, 100)}, and the body ${method}`);
  const member = Object.hasOwn(NAMED, method) ? NAMED[method] : undefined;
  const name = member === undefined ? undefined : params[member];
  return typeof name === 'string' ? nameProblem(name, headers['mcp-name']) : undefined;
}

function nameProblem(name: string, told: string | string[] | undefined): RpcError | undefined {
  if (typeof told !== 'string') return mismatch('Mcp-Name', 'it is missing');
  const decoded = decodedHeader(told.trim());
  if (decoded === undefined) return mismatch('Mcp-Name', 'its base64 is none');
  return decoded === name ? undefined : mismatch('Mcp-Name', 'it names another than the body');
}

/** The same of the headers that a tool's own schema asks for (`x-mcp-header`). */
export function paramHeaderProblem(inputSchema: JsonObject, args: unknown, headers: IncomingHttpHeaders): RpcError | undefined {
  if (!isJsonObject(inputSchema['properties'])) return undefined;
  for (const [name, value] of Object.entries(paramHeaders(inputSchema, args))) {
    const told = headers[name.toLowerCase()];
    if (typeof told !== 'string') return mismatch(name, 'it is missing, and the body has the argument');
    const decoded = decodedHeader(told.trim());
    if (decoded === undefined) return mismatch(name, 'its base64 is none');
    if (!saysTheSame(decoded, decodedHeader(value) as string)) return mismatch(name, 'it says something else than the argument');
  }
  return undefined;
}

function saysTheSame(told: string, due: string): boolean {
  return told === due || (DECIMAL.test(told) && DECIMAL.test(due) && Number(told) === Number(due));
}

function decodedHeader(value: string): string | undefined {
  const [, base64] = SENTINEL.exec(value) ?? [];
  if (base64 === undefined) return value;
  return BASE64.test(base64) ? Buffer.from(base64, 'base64').toString() : undefined;
}

function mismatch(header: string, what: string): RpcError {
  return {
    code: CODE.headerMismatch,
    message: `Bad Request: the request headers and body disagree: ${header}: ${what}.`,
    data: { mismatch: { header, body: what } },
  };
}
