import type { CallerSession } from '../call/caller-sessions.js';
import type { StreamableHttpTransport } from './streamable-http.transport.js';

/** Opens a session for calls, apart from the one that discovery holds. */
type OpenCallSession = () => Promise<StreamableHttpTransport>;

/** A session for calls. One that the server has forgotten is opened anew once, for any number of callers. */
export class CallSession implements CallerSession {
  isOver = false;
  private renewal: Promise<void> | undefined;
  /** Those that were renewed, while calls in them go on. */
  private readonly renewed = new Set<StreamableHttpTransport>();

  constructor(
    private transport: StreamableHttpTransport,
    private readonly open: OpenCallSession,
  ) {}

  get current(): StreamableHttpTransport {
    return this.transport;
  }

  /** Opens a new one in place of `expired`, once for all who ask; if that fails, the expired one stays. */
  async renew(expired: StreamableHttpTransport): Promise<void> {
    if (this.transport !== expired) return;
    this.renewal ??= this.open()
      .then(
        (session) => {
          this.transport = session;
          void this.retire(expired);
        },
        () => undefined,
      )
      .finally(() => (this.renewal = undefined));
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
}
