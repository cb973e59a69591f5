import type { ClientInfo, StdioServerSettings } from '../server-settings.js';
import { metaEnvelope } from '../modern-meta.js';
import { createClient, listAllTools, negotiatedServer, reportLoss } from '../sdk-client.js';
import type { ConnectionEvents, UpstreamConnection, UpstreamConnector } from '../upstream-connection.js';
import { StderrTail } from './stderr-tail.js';
import { StdioTransport } from './stdio.transport.js';

/** A server that ends again and again is started this often within {@link WINDOW_MS}. */
const MAX_STARTS = 5;
const WINDOW_MS = 60_000;
/** A server may install itself first (npx, uvx). */
const FIRST_ANSWER_TIMEOUT_MS = 60_000;

/** Runs a server as a child and speaks with it over its pipes: one process for lists and calls. */
export class StdioConnector implements UpstreamConnector {
  readonly transport = 'stdio';
  private starts: number[] = [];
  /** Set once the server has ended on the question for its era: it is asked no more. */
  private isLegacy = false;
  private opening: StdioTransport | undefined;
  private isClosed = false;
  private stderrTail = new StderrTail();

  constructor(
    private readonly settings: StdioServerSettings,
    private readonly clientInfo: ClientInfo,
  ) {}

  async connect(events: ConnectionEvents): Promise<UpstreamConnection> {
    try {
      return await this.open(events, this.isLegacy || this.settings.protocol === 'legacy');
    } catch (error) {
      if (this.isClosed || this.settings.protocol !== 'auto' || this.isLegacy || !isProbeFailure(error)) throw error;
      const connection = await this.open(events, true);
      this.isLegacy = true;
      return connection;
    }
  }

  lastWords(): readonly string[] {
    return this.stderrTail.read();
  }

  async close(): Promise<void> {
    this.isClosed = true;
    await this.opening?.close();
  }

  private async open(events: ConnectionEvents, legacy: boolean): Promise<UpstreamConnection> {
    this.countStart();
    const client = createClient(this.settings, events, this.clientInfo);
    const tail = (this.stderrTail = new StderrTail());
    const transport = (this.opening = new StdioTransport(this.settings, (line) => this.hear(line, tail, events)));
    try {
      await client.connect(transport, { timeout: FIRST_ANSWER_TIMEOUT_MS, ...(legacy && { prior: { kind: 'legacy' } }) });
    } catch (error) {
      await transport.close();
      throw transport.ownEnd === undefined ? error : processEnded(transport.ownEnd, error);
    } finally {
      this.opening = undefined;
    }
    reportLoss(client, events, () => transport.ownEnd);
    const server = negotiatedServer(client);
    const envelope = metaEnvelope(server, this.clientInfo);
    return {
      server,
      listTools: () => listAllTools(client),
      call: (call, deadline) => transport.call(call, deadline, envelope),
      close: async () => {
        await client.close();
        await transport.close();
      },
    };
  }

  private hear(line: string, tail: StderrTail, events: ConnectionEvents): void {
    tail.add(line);
    events.onStderr(line);
  }

  private countStart(): void {
    const now = performance.now();
    this.starts = this.starts.filter((at) => now - at < WINDOW_MS);
    const [oldest] = this.starts;
    if (oldest !== undefined && this.starts.length >= MAX_STARTS) {
      throw new Error(
        `started ${MAX_STARTS} times within a minute; the next start is in ${Math.ceil((WINDOW_MS - (now - oldest)) / 1000)} s`,
      );
    }
    this.starts.push(now);
  }
}

/** Tells how the server ended, where the SDK knows only that its connection did; the code stays. */
function processEnded(reason: string, error: unknown): Error {
  return Object.assign(new Error(reason), { code: (error as { code?: unknown } | null)?.code });
}

/** The server ended, or answered nonsense, on `server/discover`; one that cannot be started fails otherwise. */
function isProbeFailure(error: unknown): boolean {
  return error instanceof Error && (error as { code?: unknown }).code === 'ERA_NEGOTIATION_FAILED';
}
