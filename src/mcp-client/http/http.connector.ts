import type { Client } from '@modelcontextprotocol/client';
import type { HttpUpstreamSettings } from '../../config/upstream-settings.js';
import { isNetworkError } from '../network-error.js';
import { createClient, HANDSHAKE_TIMEOUT_MS, reportLoss } from '../sdk-client.js';
import type { ConnectionEvents, UpstreamConnection, UpstreamConnector } from '../upstream-connection.js';
import { HttpConnection } from './http-connection.js';
import { HttpEndpoint } from './http-endpoint.js';
import { StreamableHttpTransport } from './streamable-http.transport.js';

/** Connects to a server over streamable HTTP. A URL without a path is tried as given, then with `/mcp`; what worked is remembered. */
export class HttpConnector implements UpstreamConnector {
  private endpoint: HttpEndpoint;
  /** Being tried in its place. */
  private other: HttpEndpoint | undefined;
  private isPathKnown: boolean;

  constructor(private readonly settings: HttpUpstreamSettings) {
    this.endpoint = new HttpEndpoint(settings.url, settings);
    this.isPathKnown = settings.url.pathname !== '/';
  }

  async connect(events: ConnectionEvents): Promise<UpstreamConnection> {
    if (this.isPathKnown) return this.connectTo(this.endpoint, events);
    try {
      return await this.remember(this.endpoint, events);
    } catch (asGiven) {
      if (isNetworkError(asGiven)) throw asGiven;
      const other = (this.other = new HttpEndpoint(new URL('/mcp', this.settings.url), this.settings));
      return await this.remember(other, events).catch(async (error: unknown) => {
        await other.close();
        throw error;
      });
    }
  }

  async close(): Promise<void> {
    await Promise.all([this.endpoint.close(), this.other?.close()]);
  }

  private async remember(endpoint: HttpEndpoint, events: ConnectionEvents): Promise<UpstreamConnection> {
    const connection = await this.connectTo(endpoint, events);
    const previous = this.endpoint;
    this.endpoint = endpoint;
    this.isPathKnown = true;
    if (previous !== endpoint) await previous.close();
    return connection;
  }

  private async connectTo(endpoint: HttpEndpoint, events: ConnectionEvents): Promise<UpstreamConnection> {
    const { client, discovery } = await this.openDiscovery(endpoint, events);
    reportLoss(client, events);
    const openSession = async () => {
      const silent = { ...events, onLost: () => undefined };
      return opened(
        createClient({ ...this.settings, protocol: 'legacy' }, silent),
        new StreamableHttpTransport(endpoint, { listens: false }),
      );
    };
    // A server without sessions has nothing to keep apart.
    if (discovery.sessionId === undefined) return new HttpConnection(endpoint, client, discovery, openSession, events);
    try {
      return new HttpConnection(endpoint, client, await openSession(), openSession, events);
    } catch (error) {
      await client.close();
      throw error;
    }
  }

  /** A server that answers the question for its era with a fault, or not at all, may still speak the older generation. */
  private async openDiscovery(
    endpoint: HttpEndpoint,
    events: ConnectionEvents,
  ): Promise<{ client: Client; discovery: StreamableHttpTransport }> {
    const open = async (settings: HttpUpstreamSettings) => {
      const client = createClient(settings, events);
      return { client, discovery: await opened(client, new StreamableHttpTransport(endpoint, { listens: true })) };
    };
    if (this.settings.protocol !== 'auto') return open(this.settings);
    try {
      return await open(this.settings);
    } catch (error) {
      if (isNetworkError(error)) throw error;
      return open({ ...this.settings, protocol: 'legacy' });
    }
  }
}

async function opened(client: Client, transport: StreamableHttpTransport): Promise<StreamableHttpTransport> {
  try {
    await client.connect(transport, { timeout: HANDSHAKE_TIMEOUT_MS });
    return transport;
  } catch (error) {
    await client.close().catch(() => undefined);
    await transport.close().catch(() => undefined);
    throw error;
  }
}
