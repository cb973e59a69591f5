import { type Client, ProtocolError } from '@modelcontextprotocol/client';
import { isJsonObject, type JsonObject } from '@app/mcp-openapi';
import { z } from 'zod';
import { HANDSHAKE_TIMEOUT_MS, isTimeout } from './sdk-client.js';

/** Bounds against a server whose pages never end. */
const MAX_PAGES = 1_000;
const MAX_TOOLS = 20_000;
const MAX_LIST_MS = 120_000;

/** A server's tools, and the way on which they are told. */
interface ListedOn {
  readonly client: Client;
  /** Bytes that the server has told the client until now. */
  readonly receivedBytes: () => number;
  /** Of all pages together. */
  readonly maxListBytes: number;
  /** What came in place of an answer. */
  readonly hint?: () => string;
}

/** A list beyond its bounds: it will be so again. */
export class ListTooLarge extends Error {}

/**
 * All pages of `tools/list`, unread: the SDK's own verb strips what it does not know and fails on one odd tool.
 * Throws {@link ListTooLarge} when the list outgrows its bounds or its cursor runs in a circle. A server that declares no tools is
 * asked all the same, as other clients do; one that refuses then has none.
 */
export async function listAllTools(on: ListedOn): Promise<unknown[]> {
  try {
    return await listPages(on);
  } catch (error) {
    if (isTimeout(error))
      throw new Error(`The MCP server did not answer "tools/list" within ${HANDSHAKE_TIMEOUT_MS / 1000} s${on.hint?.() ?? ''}.`);
    if (on.client.getServerCapabilities()?.tools || !(error instanceof ProtocolError)) throw error;
    return [];
  }
}

async function listPages({ client, receivedBytes, maxListBytes }: ListedOn): Promise<unknown[]> {
  const tools: unknown[] = [];
  const seen = new Set<string>();
  const [maxReceived, end] = [receivedBytes() + maxListBytes, performance.now() + MAX_LIST_MS];
  for (let cursor: string | undefined; ;) {
    const page = await client.request({ method: 'tools/list', params: cursor === undefined ? {} : { cursor } }, AS_IT_CAME, {
      timeout: HANDSHAKE_TIMEOUT_MS,
    });
    if (!Array.isArray(page.tools)) throw new Error('tools/list was answered without a list');
    if (receivedBytes() > maxReceived) throw new ListTooLarge(`The list of tools is larger than ${maxListBytes} bytes (MAX_LIST_BYTES).`);
    for (const tool of page.tools as unknown[]) tools.push(tool);
    if (tools.length > MAX_TOOLS) throw new ListTooLarge(`The list of tools has more than ${MAX_TOOLS} tools.`);
    if (typeof page.nextCursor !== 'string' || page.nextCursor === '') return tools;
    cursor = page.nextCursor;
    if (seen.has(cursor) || seen.size >= MAX_PAGES)
      throw new ListTooLarge(`tools/list does not end: ${seen.size + 1} pages, ${tools.length} tools`);
    if (performance.now() > end) throw new ListTooLarge(`The list of tools takes longer than ${MAX_LIST_MS / 1000} s.`);
    seen.add(cursor);
  }
}

/** Takes every object and changes nothing. */
const AS_IT_CAME = z.custom<JsonObject>(isJsonObject);
