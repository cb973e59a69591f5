import { type Client, ProtocolError } from '@modelcontextprotocol/client';
import type { ClientInfo, HttpServerSettings } from '../server-settings.js';
import { type ForwardProxy, shownProxy } from '../proxy/proxies.js';
import { causeOf, isNetworkError } from '../network-error.js';
import { createClient, HANDSHAKE_TIMEOUT_MS, isTimeout, reportLoss } from '../sdk-client.js';
import type { ConnectionEvents, UpstreamConnection, UpstreamConnector } from '../upstream-connection.js';
import { connectSse } from '../sse/connect-sse.js';
import type { GrantKeeper } from '../oauth/grant-record.js';
import type { TokenError } from '../oauth/token-error.js';
import { type HttpCandidate, httpCandidates } from './http-candidates.js';
import { type Discovery, HttpConnection, type OpenSession } from './http-connection.js';
import { HttpEndpoint } from './http-endpoint.js';
import { ToolChanges } from './tool-changes.js';
import { StreamableHttpTransport } from './streamable-http.transport.js';

/** Tells that a server does not take what was posted to it, and may be one of HTTP+SSE. */
const NOT_STREAMABLE = new Set<unknown>([400, 404, 405]);

/** Connects to a server over HTTP, in the first way and at the first place where it answers; what worked is remembered. */
export class HttpConnector implements UpstreamConnector {
  private readonly endpoint: HttpEndpoint;
  private candidates: readonly HttpCandidate[];
  private isClosed = false;
  /** The server has forgotten a session as soon as another was opened. */
  private hasOneSession = false;

  constructor(
    private readonly settings: HttpServerSettings,
    private readonly clientInfo: ClientInfo,
    keeper?: GrantKeeper,
  ) {
    this.endpoint = new HttpEndpoint(settings.url, settings, clientInfo, keeper);
    this.candidates = httpCandidates(settings);
  }

  /** The one that worked; before that the one that is tried first. */
  get transport(): HttpCandidate['transport'] {
    return (this.candidates[0] as HttpCandidate).transport;
  }

  get guessedPath(): string | undefined {
    const [found, ...others] = this.candidates;
    return this.settings.url.pathname === '/' && others.length === 0 ? found?.url.pathname : undefined;
  }

  async connect(events: ConnectionEvents): Promise<UpstreamConnection> {
    try {
      return await this.connectSomehow(events);
    } catch (error) {
      throw isOfProxy(error) && this.endpoint.proxy ? notThrough(this.endpoint.proxy, error) : error;
    }
  }

  private async connectSomehow(events: ConnectionEvents): Promise<UpstreamConnection> {
    await this.endpoint.authorize();
    let failure: unknown;
    for (const candidate of this.candidates) {
      if (candidate.transport === 'sse' && failure !== undefined && !mayBeSse(failure)) break;
      try {
        return await this.connectAs(candidate, events);
      } catch (error) {
        if (isNetworkError(error) || this.isClosed) throw error;
        // What a server says to streamable HTTP tells more than what it says to the attempts after it.
        if (failure === undefined || candidate.transport === 'streamable-http') failure = error;
      }
    }
    throw failure;
  }

  get grantProblem(): TokenError | undefined {
    return this.endpoint.grantProblem;
  }

  grantChanged(): void {
    this.endpoint.grantChanged();
  }

  secrets(): readonly string[] {
    return this.endpoint.secrets();
  }

  async close(): Promise<void> {
    this.isClosed = true;
    await this.endpoint.close();
  }

  private async connectAs(candidate: HttpCandidate, events: ConnectionEvents): Promise<UpstreamConnection> {
    // The one that worked may have been redirected since: that place is kept.
    if (this.candidates.length > 1) this.endpoint.moveTo(candidate.url);
    const connection = await (candidate.transport === 'sse' ? connectSse(this.endpoint, events) : this.connectTo(this.endpoint, events));
    this.candidates = [candidate];
    return connection;
  }

  private async connectTo(endpoint: HttpEndpoint, events: ConnectionEvents): Promise<UpstreamConnection> {
    const changes = new ToolChanges(events);
    const discovery = await this.openDiscovery(endpoint, { ...events, onToolsChanged: () => changes.heard() });
    reportLoss(discovery.client, events, () => discovery.transport.ownEnd);
    const openSession: OpenSession = async (credentials) => {
      const silent = { ...events, onLost: () => undefined, onToolsChanged: () => changes.heardAside() };
      const transport = new StreamableHttpTransport(endpoint, {
        listens: credentials ? 'never' : 'for calls',
        headers: credentials?.headers,
      });
      // Of all else discovery hears.
      transport.messages.notice = (notice) => notice.kind === 'elicitation' && events.onNotice?.(notice);
      return opened(createClient({ protocol: 'legacy' }, silent, this.clientInfo), transport);
    };
    const connectionOn = (session: StreamableHttpTransport) =>
      new HttpConnection(endpoint, discovery, session, openSession, events, () => (this.hasOneSession = true));
    // A server without sessions has nothing to keep apart.
    if (discovery.transport.sessionId === undefined || this.hasOneSession) return connectionOn(discovery.transport);
    try {
      return connectionOn(await openSession());
    } catch (error) {
      if (refusesAnother(error)) return connectionOn(discovery.transport);
      await discovery.client.close();
      throw error;
    }
  }

  /** A server that answers the question for its era with a fault, or not at all, may still speak the older generation. */
  private async openDiscovery(endpoint: HttpEndpoint, events: ConnectionEvents): Promise<Discovery> {
    const open = async (settings: Pick<HttpServerSettings, 'protocol'>) => {
      const client = createClient(settings, events, this.clientInfo);
      return { client, transport: await opened(client, new StreamableHttpTransport(endpoint, { listens: 'to changes' })) };
    };
    if (this.settings.protocol !== 'auto') return open(this.settings);
    try {
      return await open(this.settings);
    } catch (error) {
      if (isNetworkError(error)) throw error;
      return open({ protocol: 'legacy' });
    }
  }
}

/** Whether a server that has opened a session does not open a second one: many have one for all, made by hand. */
function refusesAnother(error: unknown): boolean {
  const { status } = error as { status?: unknown };
  return typeof status === 'number' ? status >= 400 && status < 500 && status !== 429 : error instanceof ProtocolError;
}

/** Whether it may be the proxy that failed: what it says of a server that it cannot reach looks like the server's own answer. */
function isOfProxy(error: unknown): boolean {
  return isNetworkError(error) || OF_PROXIES.has((error as { status?: unknown } | null)?.status);
}

const OF_PROXIES = new Set<unknown>([407, 502, 503, 504]);

/** What others judge the error by stays. */
function notThrough(proxy: ForwardProxy, error: unknown): Error {
  const { status } = (error ?? {}) as { status?: unknown };
  const told = new Error(`through ${shownProxy(proxy)}: ${causeOf(error)}`);
  return Object.assign(told, status === undefined ? { code: 'UND_ERR_CONNECT_PROXY' } : { status });
}

function mayBeSse(failure: unknown): boolean {
  return NOT_STREAMABLE.has((failure as { status?: unknown } | null)?.status);
}

async function opened(client: Client, transport: StreamableHttpTransport): Promise<StreamableHttpTransport> {
  try {
    await client.connect(transport, { timeout: HANDSHAKE_TIMEOUT_MS });
    return transport;
  } catch (error) {
    await client.close().catch(() => undefined);
    await transport.close().catch(() => undefined);
    throw isTimeout(error) ? new Error(`The MCP server did not answer the handshake within ${HANDSHAKE_TIMEOUT_MS / 1000} s.`) : error;
  }
}
