import type { Client } from '@modelcontextprotocol/client';
import { callEnvelope, metaEnvelope } from '../modern-meta.js';
import { inRounds, isInputRequired } from '../questions/input-rounds.js';
import { createClient, negotiatedServer, reportLoss } from '../sdk-client.js';
import { listAllTools } from '../tool-list.js';
import type { ClientInfo, StdioServerSettings } from '../server-settings.js';
import type { ConnectionEvents, UpstreamConnection } from '../upstream-connection.js';
import { LateStart } from './late-start.js';
import { StderrTail } from './stderr-tail.js';
import { WatchedResources } from '../watched-resources.js';
import { StdioTransport } from './stdio.transport.js';

/** How a process is spoken to first. */
interface Opening {
  /** Begins with `initialize` rather than with the question for the era. */
  readonly isLegacy: boolean;
  readonly timeoutMs: number;
}

/** One process of a server, from its start to the end of its handshake. */
export class StdioStart {
  readonly tail = new StderrTail();
  /** Resolves when the handshake is done. Rejects when the process has ended, at the latest when its time is up. */
  readonly done: Promise<StdioStart>;
  private readonly client: Client;
  private readonly transport: StdioTransport;
  private late: LateStart | undefined;

  constructor(
    private readonly settings: StdioServerSettings,
    private readonly clientInfo: ClientInfo,
    private readonly events: ConnectionEvents,
    opening: Opening,
  ) {
    // The time is kept here: the SDK would go on with another era in the same process, which has begun with one.
    this.client = createClient(settings, events, clientInfo, opening.timeoutMs * 2);
    this.transport = new StdioTransport(settings, (line) => this.hear(line));
    this.done = this.run(opening);
    this.done.catch(() => undefined);
  }

  /** Whether it has answered anything that it was asked. */
  get hasAnswered(): boolean {
    return this.transport.way.asked.hasAnswer;
  }

  /** How the process ended, once it has ended by itself. */
  get ownEnd(): string | undefined {
    return this.transport.ownEnd;
  }

  /** The connection of one that is done. */
  connection(): UpstreamConnection {
    const { client, transport } = this;
    reportLoss(client, this.events, () => transport.ownEnd);
    // It may have ended since.
    if (transport.ownEnd !== undefined) queueMicrotask(() => this.events.onLost(transport.ownEnd as string));
    const server = negotiatedServer(client);
    const envelope = metaEnvelope(server, this.clientInfo);
    const watched = new WatchedResources(client);
    transport.way.messages.notice = (notice) => this.events.onNotice?.(notice);
    return {
      server,
      listTools: () =>
        listAllTools({
          client,
          receivedBytes: () => transport.way.receivedBytes,
          maxListBytes: this.settings.maxListBytes,
          hint: () => transport.way.asked.hint,
        }),
      call: async (call, deadline) => {
        const own = callEnvelope(envelope, call);
        const answer = await transport.call(call, deadline, own);
        if (!isInputRequired(answer)) return answer;
        return inRounds(answer, call, deadline, (more) => transport.call(call, deadline, own, more));
      },
      ping: (signal) => transport.ping(envelope, signal),
      watch: (uris) => watched.watch(uris),
      close: async () => {
        await client.close();
        await transport.close();
      },
    };
  }

  /** Ends the process. Harmless when repeated. */
  stop(): Promise<void> {
    return this.transport.close();
  }

  private async run({ isLegacy, timeoutMs }: Opening): Promise<this> {
    const timer = setTimeout(() => this.timeUp(timeoutMs), timeoutMs);
    try {
      await this.client.connect(this.transport, { timeout: timeoutMs * 2, ...(isLegacy && { prior: { kind: 'legacy' } }) });
      return this;
    } catch (error) {
      await this.transport.close();
      if (this.late) throw this.late;
      throw this.ownEnd === undefined ? error : processEnded(this.ownEnd, error);
    } finally {
      clearTimeout(timer);
    }
  }

  private timeUp(timeoutMs: number): void {
    const { unanswered = 'initialize', hint } = this.transport.way.asked;
    this.late = new LateStart([unanswered], timeoutMs, hint);
    void this.transport.close();
  }

  private hear(line: string): void {
    this.tail.add(line);
    this.events.onStderr(line);
  }
}

/** Tells how the server ended, where the SDK knows only that its connection did; the code stays. */
function processEnded(reason: string, error: unknown): Error {
  return Object.assign(new Error(reason), { code: (error as { code?: unknown } | null)?.code });
}
