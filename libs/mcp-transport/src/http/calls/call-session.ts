import type { CallerSession } from '../../call/caller-sessions.js';
import { ReopeningPauses } from './reopening-pauses.js';
import type { StreamableHttpTransport } from '../streamable-http.transport.js';

/** Opens a session for calls, apart from the one that discovery holds. */
type OpenCallSession = () => Promise<StreamableHttpTransport>;

/** A session for calls. One that the server has forgotten is opened anew once, for any number of callers. */
export class CallSession implements CallerSession {
  isOver = false;
  private renewal: Promise<void> | undefined;
  private readonly pauses = new ReopeningPauses();
  /** Those that were renewed, while calls in them go on. */
  private readonly renewed = new Set<StreamableHttpTransport>();

  constructor(
    private transport: StreamableHttpTransport,
    private readonly open: OpenCallSession,
  ) {}

  get current(): StreamableHttpTransport {
    return this.transport;
  }

  /** Opens a new one in place of `expired`, once for all who ask, after a pause where one after another is forgotten; if that fails, the expired one stays. */
  async renew(expired: StreamableHttpTransport): Promise<void> {
    if (this.transport !== expired) return;
    this.renewal ??= this.reopen().finally(() => (this.renewal = undefined));
    await this.renewal;
  }

  async close(): Promise<void> {
    await Promise.all([this.transport, ...this.renewed].map((session) => session.close()));
  }

  /** A server that refuses a call in its session may know the session all the same, and hold its stream open: both end with the last call there. */
  private async retire(session: StreamableHttpTransport): Promise<void> {
    this.renewed.add(session);
    await Promise.all(session.calls.ends());
    await session.close();
    this.renewed.delete(session);
  }

  private async reopen(): Promise<void> {
    await this.pauses.wait();
    const session = await this.open().catch(() => undefined);
    this.pauses.opened();
    if (!session) return;
    void this.retire(this.transport);
    this.transport = session;
  }
}
