import { Client, type ClientOptions, SdkErrorCode } from '@modelcontextprotocol/client';
import { SESSION_CAPABILITIES } from './questions/client-capabilities.js';
import type { ClientInfo, ConnectionSettings } from './server-settings.js';
import type { ConnectionEvents, NegotiatedServer } from './upstream-connection.js';

/** Longest wait for one answer of the handshake or of a list. */
export const HANDSHAKE_TIMEOUT_MS = 10_000;

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
      capabilities: SESSION_CAPABILITIES,
      versionNegotiation: { mode: negotiationMode(settings.protocol), probe: { timeoutMs: probeTimeoutMs } },
      listChanged: {
        tools: { autoRefresh: false, debounceMs: 0, onChanged: () => events.onToolsChanged() },
        // Of these the SDK is to ask modern servers to tell; what they tell is read before it comes to the SDK.
        prompts: { autoRefresh: false, debounceMs: 0, onChanged: () => undefined },
        resources: { autoRefresh: false, debounceMs: 0, onChanged: () => undefined },
      },
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
    capabilities: (client.getServerCapabilities() ?? {}) as Readonly<Record<string, unknown>>,
  };
}

/** Whether an error is the SDK's, of a request that was not answered in time. */
export function isTimeout(error: unknown): boolean {
  return (error as { code?: unknown } | null)?.code === SdkErrorCode.RequestTimeout;
}

function negotiationMode(protocol: ConnectionSettings['protocol']): NonNullable<ClientOptions['versionNegotiation']>['mode'] {
  return protocol === 'modern' ? { pin: '2026-07-28' } : protocol;
}
