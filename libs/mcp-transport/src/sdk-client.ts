import { Client, type ClientOptions, ProtocolError, SdkErrorCode } from '@modelcontextprotocol/client';
import { isJsonObject, type JsonObject } from '@app/mcp-openapi';
import { z } from 'zod';
import type { ClientInfo, ConnectionSettings } from './server-settings.js';
import type { ConnectionEvents, NegotiatedServer } from './upstream-connection.js';

/** Longest wait for one answer of the handshake or of a list. */
export const HANDSHAKE_TIMEOUT_MS = 10_000;
/** Bounds against a server whose pages never end. */
const MAX_PAGES = 1_000;
const MAX_TOOLS = 20_000;

/** An SDK client that negotiates the era and reports changed tools; what is to happen when it closes is set once it is connected. */
export function createClient(
  settings: Pick<ConnectionSettings, 'protocol'>,
  events: ConnectionEvents,
  clientInfo: ClientInfo,
  probeTimeoutMs = HANDSHAKE_TIMEOUT_MS,
): Client {
  return new Client(
    { ...clientInfo },
    {
      capabilities: {},
      versionNegotiation: { mode: negotiationMode(settings.protocol), probe: { timeoutMs: probeTimeoutMs } },
      listChanged: { tools: { autoRefresh: false, debounceMs: 50, onChanged: () => events.onToolsChanged() } },
    },
  );
}

/**
 * Reports the end of a connection that was made, with the reason where the transport knows one; a client that fails to connect closes
 * too, which is no loss.
 */
export function reportLoss(client: Client, events: ConnectionEvents, reason: () => string | undefined = () => undefined): void {
  client.onclose = () => events.onLost(reason() ?? 'The connection was closed.');
  void subscriptionLost(client).then(() => events.onLost('The subscription to changes ended.'));
}

/** Resolves when the subscription that a modern server keeps for changes has ended; never for the others. */
async function subscriptionLost(client: Client): Promise<void> {
  const end = await client.autoOpenedSubscription?.closed;
  if (end === undefined || end === 'local') await new Promise(() => undefined);
}

/** What the server said of itself. */
export function negotiatedServer(client: Client): NegotiatedServer {
  return {
    era: client.getProtocolEra() === 'modern' ? 'modern' : 'legacy',
    protocolVersion: client.getNegotiatedProtocolVersion() ?? 'unknown',
    serverInfo: client.getServerVersion(),
    instructions: client.getInstructions(),
  };
}

/**
 * All pages of `tools/list`, unread: the SDK's own verb strips what it does not know and fails on one odd tool.
 * Throws when the cursor runs in a circle or the list outgrows its bounds. A server that declares no tools is asked all the same, as other
 * clients do; one that refuses then has none. `hint`: what came in place of an answer.
 */
export async function listAllTools(client: Client, hint = (): string => ''): Promise<unknown[]> {
  try {
    return await listPages(client);
  } catch (error) {
    if (isTimeout(error)) throw new Error(`The MCP server did not answer "tools/list" within ${HANDSHAKE_TIMEOUT_MS / 1000} s${hint()}.`);
    if (client.getServerCapabilities()?.tools || !(error instanceof ProtocolError)) throw error;
    return [];
  }
}

/** Whether an error is the SDK's, of a request that was not answered in time. */
export function isTimeout(error: unknown): boolean {
  return (error as { code?: unknown } | null)?.code === SdkErrorCode.RequestTimeout;
}

async function listPages(client: Client): Promise<unknown[]> {
  const tools: unknown[] = [];
  const seen = new Set<string>();
  for (let cursor: string | undefined; ;) {
    const page = await client.request({ method: 'tools/list', params: cursor === undefined ? {} : { cursor } }, AS_IT_CAME, {
      timeout: HANDSHAKE_TIMEOUT_MS,
    });
    if (!Array.isArray(page.tools)) throw new Error('tools/list was answered without a list');
    for (const tool of page.tools as unknown[]) tools.push(tool);
    if (typeof page.nextCursor !== 'string' || page.nextCursor === '') return tools;
    cursor = page.nextCursor;
    if (seen.has(cursor) || seen.size >= MAX_PAGES || tools.length > MAX_TOOLS)
      throw new Error(`tools/list does not end: ${seen.size + 1} pages, ${tools.length} tools`);
    seen.add(cursor);
  }
}

function negotiationMode(protocol: ConnectionSettings['protocol']): NonNullable<ClientOptions['versionNegotiation']>['mode'] {
  return protocol === 'modern' ? { pin: '2026-07-28' } : protocol;
}

/** Takes every object and changes nothing. */
const AS_IT_CAME = z.custom<JsonObject>(isJsonObject);
