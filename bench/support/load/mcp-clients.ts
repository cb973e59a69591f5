import { ECHO_ARGUMENTS, ECHO_TOOL } from '../echo-tool.ts';
import type { LoadRequest } from './load.ts';

/** Generations of MCP clients: with sessions, and since 2026-07-28 without. */
export type Era = 'legacy' | 'modern';

const CLIENT = { name: 'bench', version: '1' };
const MODERN_META = {
  'io.modelcontextprotocol/protocolVersion': '2026-07-28',
  'io.modelcontextprotocol/clientInfo': CLIENT,
  'io.modelcontextprotocol/clientCapabilities': {},
};
const MODERN_HEADERS = { 'MCP-Protocol-Version': '2026-07-28', 'Mcp-Method': 'tools/call', 'Mcp-Name': ECHO_TOOL.name };
const ACCEPT = 'application/json, text/event-stream';
const VERSION = '2025-11-25';

/** A call of the echo tool as a client of that generation makes it at `url`, in a session that is opened for it where there are any. */
export async function callOf(era: Era, url: string, authorization?: string): Promise<LoadRequest> {
  const meta = era === 'modern' ? `,"_meta":${JSON.stringify(MODERN_META)}` : '';
  const params = `{"name":"${ECHO_TOOL.name}","arguments":${ECHO_ARGUMENTS}${meta}}`;
  const body = `{"jsonrpc":"2.0","id":"@id@","method":"tools/call","params":${params}}`;
  const headers =
    era === 'modern' ? MODERN_HEADERS : { 'MCP-Protocol-Version': VERSION, 'Mcp-Session-Id': await openSession(url, authorization) };
  return { url, body, accept: ACCEPT, authorization, headers };
}

/** `initialize` as clients before 2026-07-28 send it; gives the id of the session. */
async function openSession(url: string, authorization?: string): Promise<string> {
  const params = { protocolVersion: VERSION, capabilities: {}, clientInfo: CLIENT };
  const headers = { 'Content-Type': 'application/json', Accept: ACCEPT, ...(authorization !== undefined && { authorization }) };
  const body = JSON.stringify({ jsonrpc: '2.0', id: 0, method: 'initialize', params });
  const response = await fetch(url, { method: 'POST', headers, body });
  const text = await response.text();
  const id = response.headers.get('mcp-session-id');
  if (id === null) throw new Error(`${url} opens no session: ${text}`);
  return id;
}
